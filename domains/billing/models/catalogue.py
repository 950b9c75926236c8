"""What is for sale. A published version of a price never changes: a trigger holds that."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domains.billing.models import money
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager


class CatalogueRelease(models.Model):
    """One publication of the catalogue, whole, as it was written."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(unique=True)
    text = models.TextField(help_text="YAML")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text, in hex")
    published_at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_release"

    def __str__(self) -> str:
        return f"Release {self.number}"


class Product(models.Model):
    """A plan or an add-on, by its name; what it costs are its prices."""

    class Kind(models.TextChoices):
        PLAN = "plan", "Plan"
        ADD_ON = "add_on", "Add-on"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    title = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    tax_category = models.CharField(max_length=32, default="standard")
    entitlements = models.JSONField(default=dict, help_text="By feature: what it allows")
    trial_days = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0, help_text="In the list")
    archived_at = models.DateTimeField(null=True, help_text="Since when nobody can buy it")

    class Meta:
        db_table = "product"

    def __str__(self) -> str:
        return self.name


class Meter(models.Model):
    """What is counted of what customers use, and how many become one quantity."""

    class Aggregation(models.TextChoices):
        COUNT = "count", "How many events"
        SUM = "sum", "Sum of their values"
        MAX = "max", "Largest value"
        LAST = "last", "Last value"
        UNIQUE = "unique", "How many different values of a property"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=100)
    aggregation = models.CharField(max_length=6, choices=Aggregation.choices)
    unit = models.CharField(max_length=32, blank=True)

    class Meta:
        db_table = "meter"

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """One version of a price; `terms` by currency are those of a model of `arithmetic.pricing`."""

    class Billing(models.TextChoices):
        ADVANCE = "advance", "For the period that begins"
        ARREARS = "arrears", "For the period that ends"

    class Quantity(models.TextChoices):
        FIXED = "fixed", "As subscribed"
        SEATS = "seats", "Seats taken"
        USAGE = "usage", "What a meter counted"

    class Resolution(models.TextChoices):
        DAY = "day", "By the day"
        SECOND = "second", "By the second"
        THIRTY_DAY_MONTH = "thirty_day_month", "By the day, in months of thirty"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="prices")
    name = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=100, help_text="As invoices call it")
    tax_category = models.CharField(max_length=32, default="standard")
    interval_unit = models.CharField(max_length=5, help_text="day, week, month or year")
    interval_count = models.PositiveSmallIntegerField(default=1)
    billing = models.CharField(max_length=7, choices=Billing.choices)
    quantity = models.CharField(max_length=5, choices=Quantity.choices)
    meter = models.ForeignKey(Meter, models.PROTECT, null=True)
    resolution = models.CharField(max_length=16, choices=Resolution.choices)
    tax_inclusive = models.BooleanField(default=False)
    currency = money.currency(help_text="Of those who have none yet")
    terms = models.JSONField(help_text="By currency: the price model and its amounts")
    published_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, help_text="Since when a later version is sold")

    class Meta:
        db_table = "price"
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="price_version_once"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(archived_at=None), name="price_one_current"
            ),
            models.CheckConstraint(
                condition=Q(quantity="usage", meter__isnull=False)
                | (~Q(quantity="usage") & Q(meter=None)),
                name="price_of_usage_has_a_meter",
            ),
            models.CheckConstraint(
                condition=Q(interval_unit__in=["day", "week", "month", "year"])
                & Q(interval_count__gt=0),
                name="price_interval_is_one",
            ),
            money.currency_is_one("price"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Coupon(models.Model):
    """A discount that customers redeem; its use is counted in its row, under its lock."""

    class Duration(models.TextChoices):
        ONCE = "once", "On the next invoice"
        REPEATING = "repeating", "For some periods"
        FOREVER = "forever", "On every invoice"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=64, unique=True, help_text="Capitals or not are the same")
    title = models.CharField(max_length=100)
    percent = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    amounts = models.JSONField(
        default=dict, blank=True, help_text='By currency, in minor units: {"EUR": 500}'
    )
    duration = models.CharField(max_length=9, choices=Duration.choices)
    periods = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many invoices, if repeating"
    )
    products = models.JSONField(
        default=list, blank=True, help_text="Those it is for; all, if none is chosen"
    )
    max_redemptions = models.PositiveIntegerField(
        null=True, blank=True, help_text="By how many organizations; any number, if empty"
    )
    redeemed = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="From when on nobody can redeem it"
    )
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "coupon"
        constraints = [
            models.CheckConstraint(
                condition=Q(max_redemptions=None) | Q(redeemed__lte=F("max_redemptions")),
                name="coupon_not_used_too_often",
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=False, percent__gt=0, percent__lte=100, amounts={})
                | (Q(percent=None) & ~Q(amounts={})),
                name="coupon_takes_off_one_way",
                violation_error_message="A coupon takes off a percentage up to 100, or amounts.",
            ),
            models.CheckConstraint(
                condition=Q(duration="repeating", periods__isnull=False, periods__gt=0)
                | (~Q(duration="repeating") & Q(periods=None)),
                name="coupon_repeats_so_often",
                violation_error_message="If it is repeating, and only then, say for how long.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CouponRedemption(models.Model):
    """A coupon that an organization redeemed, and on how many invoices it still counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="redemptions")
    redeemed_at = models.DateTimeField()
    periods_left = models.PositiveSmallIntegerField(null=True, help_text="Null: forever")
    ended_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "coupon_redemption"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "coupon"], name="coupon_redeemed_once"
            ),
        ]
