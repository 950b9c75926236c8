"""What was published never changes: a price's terms, how a meter counts, a release."""

from django.db import migrations, models


FORWARDS = """
CREATE FUNCTION published_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END;
BEGIN
    IF TG_OP = 'UPDATE' AND before - TG_ARGV = after - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was published never changes: % %', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'published_never_changes';
END $$;

CREATE TRIGGER published_never_changes BEFORE UPDATE OR DELETE ON catalogue_release
    FOR EACH ROW EXECUTE FUNCTION published_never_changes();

CREATE TRIGGER published_never_changes BEFORE UPDATE OR DELETE ON meter
    FOR EACH ROW EXECUTE FUNCTION published_never_changes('title', 'unit');

CREATE TRIGGER published_never_changes BEFORE UPDATE OR DELETE ON price
    FOR EACH ROW EXECUTE FUNCTION published_never_changes('archived_at');

CREATE FUNCTION archived_stays_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an earlier version is not sold again: price %', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'archived_stays_archived';
END $$;

CREATE TRIGGER archived_stays_archived BEFORE UPDATE ON price
    FOR EACH ROW WHEN (OLD.archived_at IS DISTINCT FROM NEW.archived_at AND OLD.archived_at IS NOT NULL)
    EXECUTE FUNCTION archived_stays_archived();
"""

BACKWARDS = """
DROP TRIGGER archived_stays_archived ON price;
DROP FUNCTION archived_stays_archived();
DROP TRIGGER published_never_changes ON price;
DROP TRIGGER published_never_changes ON meter;
DROP TRIGGER published_never_changes ON catalogue_release;
DROP FUNCTION published_never_changes();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('domains_billing', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='price',
            name='currency',
            field=models.CharField(default='EUR', help_text='Of those who have none yet', max_length=3),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='price',
            name='tax_category',
            field=models.CharField(default='standard', max_length=32),
        ),
        migrations.AddField(
            model_name='price',
            name='title',
            field=models.CharField(default='', help_text='As invoices call it', max_length=100),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='price_currency_is_one'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
