import kernel.ids
from django.db import migrations, models

# What is there was numbered by nobody: in the order of its ids, which is that of its time. Until
# the newest item that somebody has read, their feed has been opened.
FORWARDS = """
    UPDATE notification n SET sequence = numbered.sequence, category = CASE
        WHEN n.kind LIKE 'auth.%' THEN 'security'
        WHEN n.kind LIKE 'billing.%' THEN 'billing'
        WHEN n.kind LIKE 'users.%' THEN 'team'
        WHEN n.kind LIKE 'files.%' THEN 'files'
        ELSE '' END
    FROM (
        SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY id) AS sequence
        FROM notification
    ) numbered
    WHERE numbered.id = n.id;

    INSERT INTO feed (account_id, last_sequence, unread, unseen, seen_sequence, seen_at)
    SELECT account_id, count(*), count(*) FILTER (WHERE read_at IS NULL),
        count(*) - coalesce(max(sequence) FILTER (WHERE read_at IS NOT NULL), 0),
        coalesce(max(sequence) FILTER (WHERE read_at IS NOT NULL), 0), max(read_at)
    FROM notification GROUP BY account_id;
"""
DONE = models.Q(("read_at__isnull", False), ("archived_at__isnull", False), _connector="OR")


class Migration(migrations.Migration):
    dependencies = [("domains_notifications", "0004_decisions_are_kept_on_deliveries")]

    operations = [
        migrations.CreateModel(
            name='Feed',
            fields=[
                ('account_id', models.UUIDField(primary_key=True, serialize=False)),
                ('last_sequence', models.BigIntegerField(default=0, help_text='The number of the newest item')),
                ('unread', models.PositiveIntegerField(default=0, help_text='Neither read nor archived')),
                ('unseen', models.PositiveIntegerField(default=0, help_text="Came after the feed was last opened, and isn't archived")),
                ('seen_sequence', models.BigIntegerField(default=0, help_text='The newest item when the feed was last opened')),
                ('seen_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'feed',
                'constraints': [models.CheckConstraint(condition=models.Q(('seen_sequence__lte', models.F('last_sequence'))), name='feed_seen_as_far_as_it_goes')],
            },
        ),
        migrations.CreateModel(
            name='StreamTicket',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('ticket_hash', models.CharField(max_length=64, unique=True)),
                ('account_id', models.UUIDField()),
                ('session_id', models.UUIDField()),
                ('impersonator_id', models.UUIDField(null=True)),
                ('proven_at', models.DateTimeField(help_text='When its owner was last proven')),
                ('mfa', models.BooleanField(help_text='Whether by several factors')),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
            options={'db_table': 'stream_ticket'},
        ),
        migrations.RemoveIndex(model_name='notification', name='notifications_feed'),
        migrations.RemoveIndex(model_name='notification', name='notifications_unread'),
        migrations.AddField(
            model_name='notification',
            name='category',
            field=models.CharField(db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='notification',
            name='archived_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='notification',
            name='sequence',
            field=models.BigIntegerField(help_text='Its number in the feed of that person', null=True),
        ),
        migrations.RunSQL(FORWARDS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='notification',
            name='sequence',
            field=models.BigIntegerField(help_text='Its number in the feed of that person'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('account_id', 'sequence'), name='notification_numbered_per_person'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('archived_at__isnull', True), ('read_at__isnull', True)), fields=['account_id', 'sequence'], name='notifications_unread'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=DONE, fields=['created_at'], name='notifications_done'),
        ),
    ]
