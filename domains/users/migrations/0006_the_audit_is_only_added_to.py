"""The audit's tables belong to a role as which nobody logs in: the domain may add to them alone.

What else must happen to entries (their end, and forgetting a person) are functions of that role,
which do that and nothing else. See docs/adr/0086-the-audit-is-append-only-by-grants.md.
"""

from django.db import migrations, models
from psycopg import sql

# A day less than the shortest that is sold: clocks differ.
SHORTEST_RETENTION = "29 days"

FUNCTIONS = """
CREATE FUNCTION audit_chain_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.sequence = 0 AND NEW.floor = 0 THEN
            NEW.moved_at := now();
            RETURN NEW;
        END IF;
    ELSIF NEW.organization_id = OLD.organization_id
        AND (NEW.sequence > OLD.sequence OR NEW.sequence = OLD.sequence AND NEW.head = OLD.head)
        AND (NEW.floor > OLD.floor OR NEW.floor = OLD.floor AND NEW.floor_head = OLD.floor_head)
        AND NEW.floor <= NEW.sequence
    THEN
        NEW.moved_at := now();
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the trail of % can only grow', NEW.organization_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_chain_only_grows';
END $$;

CREATE TRIGGER audit_chain_only_grows BEFORE INSERT OR UPDATE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION audit_chain_only_grows();

CREATE FUNCTION audit_forget_person(person uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    forgotten bigint;
BEGIN
    UPDATE audit_entry SET personal = NULL, personal_salt = NULL
    WHERE personal IS NOT NULL AND (
        actor_id = person OR on_behalf_of = person
        OR target_kind = 'account' AND target_id = person::text
    );
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

CREATE FUNCTION audit_prune(trail uuid, before timestamptz, most bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    chain audit_chain;
    last bigint;
    pruned bigint;
BEGIN
    -- Whoever asks for more gets no more.
    before := least(before, now() - interval '{shortest}');
    SELECT * INTO chain FROM audit_chain WHERE organization_id = trail FOR UPDATE;
    -- Up to the first that is still kept, so that what is left has no gap.
    SELECT sequence - 1 INTO last FROM audit_entry
    WHERE organization_id = trail AND occurred_at >= before ORDER BY sequence LIMIT 1;
    last := least(coalesce(last, chain.sequence), chain.floor + most);
    IF last IS NULL OR last <= chain.floor THEN
        RETURN 0;
    END IF;
    UPDATE audit_chain SET floor = last, floor_head = (
        SELECT hash FROM audit_entry WHERE organization_id = trail AND sequence = last
    ) WHERE organization_id = trail;
    DELETE FROM audit_entry WHERE organization_id = trail AND sequence <= last;
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END $$;

REVOKE ALL ON FUNCTION audit_forget_person(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit_prune(uuid, timestamptz, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_forget_person(uuid) TO {role};
GRANT EXECUTE ON FUNCTION audit_prune(uuid, timestamptz, bigint) TO {role};
"""
GRANTS = """
GRANT SELECT, INSERT ON audit_entry, audit_anchor, audit_chain TO {role};
GRANT UPDATE (sequence, head) ON audit_chain TO {role};
"""
TABLES = ("audit_entry", "audit_chain", "audit_anchor")
MISSING = """
The role {keeper} is missing. As the database's owner:
  CREATE ROLE {keeper} NOLOGIN; ALTER ROLE {role} NOINHERIT; GRANT {keeper} TO {role};
  ALTER SCHEMA {schema} OWNER TO {keeper}; GRANT USAGE, CREATE ON SCHEMA {schema} TO {role};
Afterwards: REVOKE {keeper} FROM {role};
"""


def give_to_keeper(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_schema()")
        role, schema = cursor.fetchone()
        keeper = f"{role}_keeper"
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [keeper])
        if cursor.fetchone() is None:
            raise RuntimeError(MISSING.format(keeper=keeper, role=role, schema=schema))
        names = {
            "role": sql.Identifier(role),
            "schema": sql.Identifier(schema),
            "keeper": sql.Identifier(keeper),
            "shortest": sql.SQL(SHORTEST_RETENTION),
        }
        for table in TABLES:
            given = sql.SQL("ALTER TABLE {table} OWNER TO {keeper}")
            cursor.execute(given.format(table=sql.Identifier(table), **names))
        cursor.execute(sql.SQL("SET LOCAL ROLE {keeper}").format(**names))
        cursor.execute(sql.SQL(GRANTS).format(**names))
        cursor.execute(sql.SQL(FUNCTIONS).format(**names))
        cursor.execute("RESET ROLE")


class Migration(migrations.Migration):
    dependencies = [("domains_users", "0005_of_one_organization")]

    operations = [
        migrations.RemoveIndex(
            model_name='auditentry',
            name='audit_entry_by_actor',
        ),
        migrations.RemoveIndex(
            model_name='auditentry',
            name='audit_entry_by_target',
        ),
        migrations.RemoveIndex(
            model_name='auditentry',
            name='audit_entry_of_person',
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='action',
            field=models.CharField(db_collation='C', max_length=100),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['actor_id', 'organization_id', 'sequence'], name='audit_entry_by_actor'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(condition=models.Q(('on_behalf_of__isnull', False)), fields=['on_behalf_of', 'organization_id', 'sequence'], name='audit_entry_on_behalf'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['target_id', 'organization_id', 'sequence'], name='audit_entry_by_target'),
        ),
        migrations.AddField(
            model_name="auditchain",
            name="moved_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(give_to_keeper),
    ]
