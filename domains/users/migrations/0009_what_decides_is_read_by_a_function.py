"""All that decides what an account may do is read by one function, which keeps its plan.

Every request asks it. To plan a statement over eight tables takes PostgreSQL four times as long
as to carry it out; a function's plan is kept for the connection, behind a pooler, too.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION standing_of(the_account uuid, the_organization uuid) RETURNS TABLE (
    membership_id uuid, organization_id uuid, own_role varchar, own_custom_role_id uuid,
    own_name varchar, own_permissions varchar[], is_own boolean, is_closed boolean,
    who_may_invite varchar, mfa_required boolean, session_lifetime integer,
    allowed_networks varchar[], allowed_email_domains varchar[],
    assignment_id uuid, given_role varchar, given_custom_role_id uuid, given_name varchar,
    given_permissions varchar[], via_team_id uuid, scope_id uuid
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m.id, m.organization_id, m.role, m.custom_role_id, own.name, own.permissions,
        o.personal AND coalesce(o.created_by = m.account_id, false), o.closed_at IS NOT NULL,
        o.who_may_invite, o.mfa_required, o.session_lifetime, o.allowed_networks,
        o.allowed_email_domains,
        g.id, g.role, g.custom_role_id, given.name, given.permissions, g.team_id, g.scope_id
    FROM membership m
    JOIN organization o ON o.id = m.organization_id
    LEFT JOIN custom_role own ON own.id = m.custom_role_id
    -- A role that was given to a team reaches those in the teams within it, too.
    LEFT JOIN LATERAL (
        SELECT a.id, a.role, a.custom_role_id, a.team_id, a.scope_id
        FROM role_assignment a WHERE a.membership_id = m.id
        UNION ALL
        SELECT a.id, a.role, a.custom_role_id, a.team_id, a.scope_id
        FROM role_assignment a WHERE a.team_id IN (
            SELECT unnest(t.path) FROM team_membership i JOIN team t ON t.id = i.team_id
            WHERE i.membership_id = m.id
        )
    ) g ON true
    LEFT JOIN custom_role given ON given.id = g.custom_role_id
    WHERE m.account_id = the_account
        AND (the_organization IS NULL OR m.organization_id = the_organization)
    ORDER BY m.id, g.id;
END $$;
"""
BACKWARDS = "DROP FUNCTION standing_of(uuid, uuid);"


class Migration(migrations.Migration):
    dependencies = [("domains_users", "0008_find_pictures")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
