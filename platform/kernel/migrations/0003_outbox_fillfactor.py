from django.db import migrations


class Migration(migrations.Migration):
    # Every row is updated at least twice: with room beside it, its lease needs no new index entry.

    dependencies = [("kernel", "0002_idempotency")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE outbox SET (fillfactor = 50)", "ALTER TABLE outbox RESET (fillfactor)"
        )
    ]
