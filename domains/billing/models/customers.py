"""Who is billed: an organization, which billing knows by its id alone."""

from __future__ import annotations

from django.db import models

from domains.billing.models import money
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager


class Customer(models.Model):
    """An organization as billing knows it. Its row is the lock of all that happens to its plan."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(unique=True)
    plan = models.CharField(max_length=64, help_text="The plan in force")
    activated_at = models.DateTimeField(null=True, help_text="Since when it is on this plan")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, help_text="When the organization was erased: no plan comes into force after that"
    )
    currency = money.currency(blank=True, help_text="Set by the first thing that is charged")
    time_zone = models.CharField(max_length=64, default="UTC")
    locale = models.CharField(max_length=35, default="en")
    name = models.CharField(max_length=200, blank=True, help_text="As invoices call it")
    email = models.EmailField(blank=True, help_text="Where invoices go")
    address = models.JSONField(
        default=dict, help_text="line1, line2, postal_code, city, state, country (ISO 3166-1)"
    )
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2, for tax")
    vat_id = models.CharField(max_length=20, blank=True, help_text="With its country's prefix")
    tax_exempt_reason = models.CharField(
        max_length=200, blank=True, help_text="Why it pays no tax; empty if it does. Set by staff"
    )
    taxes = models.JSONField(
        default=dict, blank=True, help_text="What the tax service answered last, and on what"
    )

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "customer"
        constraints = [
            models.CheckConstraint(condition=~models.Q(plan=""), name="customer_has_a_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} for {self.organization_id}"


class ProviderCustomer(models.Model):
    """As whom a payment provider knows the organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=16)
    reference = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "provider_customer"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "provider"], name="provider_customer_once"
            ),
            models.UniqueConstraint(
                fields=["provider", "reference"], name="provider_customer_of_one"
            ),
        ]
