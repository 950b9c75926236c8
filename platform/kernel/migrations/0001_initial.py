import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.functions.datetime
import kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL('CREATE SEQUENCE outbox_sequence', 'DROP SEQUENCE outbox_sequence'),
        migrations.CreateModel(
            name='AggregatePosition',
            fields=[
                ('pk', models.CompositePrimaryKey('handler', 'publisher', 'aggregate_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('handler', models.TextField()),
                ('publisher', models.TextField()),
                ('aggregate_id', models.TextField()),
                ('version', models.BigIntegerField()),
            ],
            options={
                'db_table': 'aggregate_position',
            },
        ),
        migrations.CreateModel(
            name='FailedEvent',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('event_id', models.UUIDField()),
                ('handler', models.TextField()),
                ('envelope', models.JSONField()),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('failed_at', models.DateTimeField()),
                ('next_attempt_at', models.DateTimeField()),
                ('dead_at', models.DateTimeField(help_text='Given up; it waits to be replayed.', null=True)),
            ],
            options={
                'db_table': 'failed_event',
                'ordering': ('-id',),
                'indexes': [models.Index(condition=models.Q(('dead_at__isnull', True)), fields=['next_attempt_at'], name='failed_event_due')],
                'constraints': [models.UniqueConstraint(fields=('event_id', 'handler'), name='failed_event_once')],
            },
        ),
        migrations.CreateModel(
            name='Inbox',
            fields=[
                ('pk', models.CompositePrimaryKey('event_id', 'handler', blank=True, editable=False, primary_key=True, serialize=False)),
                ('event_id', models.UUIDField()),
                ('handler', models.TextField()),
                ('handled_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'handled event',
                'verbose_name_plural': 'handled events',
                'db_table': 'inbox',
                'indexes': [django.contrib.postgres.indexes.BrinIndex(fields=['handled_at'], name='inbox_handled')],
            },
        ),
        migrations.CreateModel(
            name='Outbox',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('sequence', models.BigIntegerField(db_default=models.Func(models.Value('outbox_sequence'), function='nextval', output_field=models.BigIntegerField()), editable=False, help_text='Grows within an aggregate, whose writer holds its lock.')),
                ('name', models.TextField()),
                ('aggregate_id', models.TextField()),
                ('payload', models.JSONField()),
                ('actor_id', models.UUIDField(null=True)),
                ('organization_id', models.UUIDField(null=True)),
                ('traceparent', models.TextField(blank=True)),
                ('occurred_at', models.DateTimeField()),
                ('pending', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='The domains that have not acknowledged it yet.', size=None)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('leased_until', models.DateTimeField(help_text='Sent, and not to be sent again before this.', null=True)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'published event',
                'db_table': 'outbox',
                'ordering': ('-sequence',),
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['sequence'], name='outbox_open'), django.contrib.postgres.indexes.BrinIndex(fields=['closed_at'], name='outbox_closed')],
            },
        ),
        migrations.CreateModel(
            name='PeriodicRun',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('task', models.TextField()),
                ('run_at', models.DateTimeField()),
                ('enqueued_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'periodic_run',
                'ordering': ('-run_at',),
                'indexes': [models.Index(condition=models.Q(('started_at__isnull', True)), fields=['task'], name='periodic_run_waiting')],
                'constraints': [models.UniqueConstraint(fields=('task', 'run_at'), name='periodic_run_once')],
            },
        ),
        migrations.RunSQL(
            'ALTER SEQUENCE outbox_sequence OWNED BY outbox.sequence',
            'ALTER SEQUENCE outbox_sequence OWNED BY NONE',
        ),
    ]
