"""The ledger belongs to a role as which nobody logs in, and adds up; final invoices stay as they are.

See docs/adr/0086 for the keeper, 0110 for what the triggers hold.
"""

from django.db import migrations
from psycopg import sql

LEDGER = """
CREATE FUNCTION posting_group_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM posting WHERE group_id = NEW.group_id GROUP BY currency HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'the postings of % do not sum to zero', NEW.group_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_group_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER posting_group_sums_to_zero AFTER INSERT ON posting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION posting_group_sums_to_zero();

CREATE FUNCTION ledger_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is in the ledger stays in it'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_is_only_added_to';
END $$;

CREATE TRIGGER ledger_is_only_added_to BEFORE UPDATE OR DELETE ON posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to();
CREATE TRIGGER ledger_is_only_added_to BEFORE UPDATE OR DELETE ON posting_group
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to();

GRANT SELECT, INSERT ON posting, posting_group TO {role};
"""
INVOICES = """
CREATE FUNCTION invoice_stays_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changeable text[] := ARRAY['state', 'paid', 'credited', 'settled_at'];
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - changeable = to_jsonb(OLD) - changeable
        AND NEW.paid >= OLD.paid AND NEW.credited >= OLD.credited AND NEW.state <> 'draft'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'invoice % is final', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_stays_as_issued';
END $$;

CREATE TRIGGER invoice_stays_as_issued BEFORE UPDATE OR DELETE ON invoice
    FOR EACH ROW EXECUTE FUNCTION invoice_stays_as_issued();

CREATE FUNCTION invoice_line_stays_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changeable text[] := ARRAY['credited', 'credited_tax'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - changeable = to_jsonb(OLD) - changeable THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM invoice WHERE id = OLD.invoice_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'the invoice of line % is final', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_line_stays_as_issued';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER invoice_line_stays_as_issued BEFORE UPDATE OR DELETE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION invoice_line_stays_as_issued();

-- Lines are written before their invoice is final; one statement may bring those of hundreds.
CREATE FUNCTION invoice_takes_no_more_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM invoice WHERE state <> 'draft' AND id IN (SELECT invoice_id FROM added)
    ) THEN
        RAISE EXCEPTION 'a final invoice takes no more lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_takes_no_more_lines';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER invoice_takes_no_more_lines AFTER INSERT ON invoice_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoice_takes_no_more_lines();

CREATE FUNCTION credit_note_stays_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a credit note is final'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_note_stays_as_issued';
END $$;

CREATE TRIGGER credit_note_stays_as_issued BEFORE UPDATE OR DELETE ON credit_note
    FOR EACH ROW EXECUTE FUNCTION credit_note_stays_as_issued();
CREATE TRIGGER credit_note_line_stays_as_issued BEFORE UPDATE OR DELETE ON credit_note_line
    FOR EACH ROW EXECUTE FUNCTION credit_note_stays_as_issued();
"""
TABLES = ("posting_group", "posting")
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
        names = {"role": sql.Identifier(role), "keeper": sql.Identifier(keeper)}
        for table in TABLES:
            given = sql.SQL("ALTER TABLE {table} OWNER TO {keeper}")
            cursor.execute(given.format(table=sql.Identifier(table), **names))
        cursor.execute(sql.SQL("SET LOCAL ROLE {keeper}").format(**names))
        cursor.execute(sql.SQL(LEDGER).format(**names))
        cursor.execute("RESET ROLE")


class Migration(migrations.Migration):
    dependencies = [("domains_billing", "0004_invoices_owe_or_are_owed")]

    operations = [
        migrations.RunSQL(INVOICES),
        migrations.RunPython(give_to_keeper),
    ]
