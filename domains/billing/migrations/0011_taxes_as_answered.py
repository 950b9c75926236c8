"""What a tax service answered is kept with the customer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("domains_billing", "0010_payments_are_followed")]

    operations = [
        migrations.AddField(
            "customer",
            "taxes",
            models.JSONField(
                blank=True,
                default=dict,
                help_text="What the tax service answered last, and on what",
            ),
        ),
        migrations.AlterField(
            "customer",
            "tax_exempt_reason",
            models.CharField(
                blank=True,
                help_text="Why it pays no tax; empty if it does. Set by staff",
                max_length=200,
            ),
        ),
    ]
