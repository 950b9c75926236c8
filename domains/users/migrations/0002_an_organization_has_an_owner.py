"""Every organization has an owner when a transaction ends, whoever wrote and however many at once.

No CHECK or index can say that of several rows. The trigger is deferred to the commit, so that
rows may come in any order within a transaction; there it locks the organization, so that of two
transactions that take away two owners the second sees what the first has done.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION require_owner() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    owned uuid;
BEGIN
    IF TG_TABLE_NAME = 'organization' THEN
        owned := NEW.id;
    ELSE
        owned := OLD.organization_id;
    END IF;
    PERFORM 1 FROM organization WHERE id = owned FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM membership WHERE organization_id = owned AND role = 'owner'
    ) THEN
        RAISE EXCEPTION 'organization % would have no owner', owned
            USING ERRCODE = 'check_violation', CONSTRAINT = 'organization_has_owner';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER organization_has_owner
    AFTER INSERT ON organization DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION require_owner();

CREATE CONSTRAINT TRIGGER membership_leaves_owner
    AFTER UPDATE OR DELETE ON membership DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION require_owner();
"""

BACKWARDS = """
DROP TRIGGER membership_leaves_owner ON membership;
DROP TRIGGER organization_has_owner ON organization;
DROP FUNCTION require_owner();
"""


class Migration(migrations.Migration):
    dependencies = [("domains_users", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
