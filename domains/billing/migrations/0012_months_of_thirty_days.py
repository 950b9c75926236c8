"""A price may be prorated in months of thirty days."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("domains_billing", "0011_taxes_as_answered")]

    operations = [
        migrations.AlterField(
            "price",
            "resolution",
            models.CharField(
                choices=[
                    ("day", "By the day"),
                    ("second", "By the second"),
                    ("thirty_day_month", "By the day, in months of thirty"),
                ],
                max_length=16,
            ),
        ),
    ]
