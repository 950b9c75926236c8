"""The database refuses what no table of states has: `services.subscriptions.states` and
`services.invoicing.states`, which the triggers are told. A test compares both.
"""

import json

from django.db import migrations

SUBSCRIPTIONS = {
    "incomplete": ["active", "expired"],
    "trialing": ["active", "canceled"],
    "active": ["past_due", "paused", "canceled"],
    "past_due": ["active", "unpaid", "canceled"],
    "unpaid": ["active", "canceled"],
    "paused": ["active", "canceled"],
}
INVOICES = {
    "draft": ["open", "paid"],
    "open": ["paid", "void", "uncollectible"],
    "uncollectible": ["paid"],
}
FUNCTION = """
CREATE FUNCTION state_follows_its_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT coalesce((TG_ARGV[0]::jsonb -> OLD.state) ? NEW.state, false) THEN
        RAISE EXCEPTION '% % can not go from % to %', TG_TABLE_NAME, OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'state_follows_its_table';
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGER = """
CREATE TRIGGER state_follows_its_table BEFORE UPDATE OF state ON {table}
    FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION state_follows_its_table('{states}');
"""
BACKWARDS = """
DROP TRIGGER state_follows_its_table ON invoice;
DROP TRIGGER state_follows_its_table ON subscription;
DROP FUNCTION state_follows_its_table();
"""


class Migration(migrations.Migration):
    dependencies = [("domains_billing", "0012_months_of_thirty_days")]

    operations = [
        migrations.RunSQL(
            FUNCTION
            + TRIGGER.format(table="subscription", states=json.dumps(SUBSCRIPTIONS))
            + TRIGGER.format(table="invoice", states=json.dumps(INVOICES)),
            BACKWARDS,
        ),
    ]
