"""A release is kept as it was written; a coupon says what is wrong with it, NULL included."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('domains_billing', '0005_books_are_only_added_to'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='coupon',
            name='coupon_takes_off_one_way',
        ),
        migrations.RemoveConstraint(
            model_name='coupon',
            name='coupon_repeats_so_often',
        ),
        migrations.RemoveField(
            model_name='cataloguerelease',
            name='document',
        ),
        migrations.AddField(
            model_name='cataloguerelease',
            name='text',
            field=models.TextField(default='', help_text='YAML'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='cataloguerelease',
            name='digest',
            field=models.CharField(help_text='SHA-256 of the text, in hex', max_length=64),
        ),
        migrations.AlterField(
            model_name='coupon',
            name='amounts',
            field=models.JSONField(blank=True, default=dict, help_text='By currency, in minor units: {"EUR": 500}'),
        ),
        migrations.AlterField(
            model_name='coupon',
            name='code',
            field=models.CharField(help_text='Capitals or not are the same', max_length=64, unique=True),
        ),
        migrations.AlterField(
            model_name='coupon',
            name='expires_at',
            field=models.DateTimeField(blank=True, help_text='From when on nobody can redeem it', null=True),
        ),
        migrations.AlterField(
            model_name='coupon',
            name='max_redemptions',
            field=models.PositiveIntegerField(blank=True, help_text='By how many organizations; any number, if empty', null=True),
        ),
        migrations.AlterField(
            model_name='coupon',
            name='percent',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True),
        ),
        migrations.AlterField(
            model_name='coupon',
            name='periods',
            field=models.PositiveSmallIntegerField(blank=True, help_text='How many invoices, if repeating', null=True),
        ),
        migrations.AlterField(
            model_name='coupon',
            name='products',
            field=models.JSONField(blank=True, default=list, help_text='Those it is for; all, if none is chosen'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amounts', {}), ('percent__gt', 0), ('percent__isnull', False), ('percent__lte', 100)), models.Q(('percent', None), models.Q(('amounts', {}), _negated=True)), _connector='OR'), name='coupon_takes_off_one_way', violation_error_message='A coupon takes off a percentage up to 100, or amounts.'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('duration', 'repeating'), ('periods__gt', 0), ('periods__isnull', False)), models.Q(models.Q(('duration', 'repeating'), _negated=True), ('periods', None)), _connector='OR'), name='coupon_repeats_so_often', violation_error_message='If it is repeating, and only then, say for how long.'),
        ),
    ]
