
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('domains_notifications', '0009_templates'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='time_zone',
            field=models.CharField(db_default='', default='', help_text='In which its times are told (IANA)', max_length=64),
        ),
    ]
