import kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scope', models.TextField(help_text="Whose key it is: an account's, an API key's, an address's.")),
                ('key', models.TextField()),
                ('fingerprint', models.TextField(help_text='Of the method, the path and the body.')),
                ('claim', models.UUIDField(help_text='The attempt that may store the answer.')),
                ('leased_until', models.DateTimeField(help_text='Then another attempt may take over.')),
                ('answer', models.TextField(blank=True)),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'idempotency_record',
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['expires_at'], name='idempotency_record_expiry')],
                'constraints': [models.UniqueConstraint(fields=('scope', 'key'), name='idempotency_record_once')],
            },
        ),
        migrations.CreateModel(
            name='RateCounter',
            fields=[
                ('key', models.TextField(primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'rate_counter',
                'indexes': [models.Index(fields=['expires_at'], name='rate_counter_expiry')],
            },
        ),
    ]
