from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from domains.auth.models.account import Account
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class ServiceAccount(models.Model):
    """A machine that belongs to an organization and may there what its permissions say."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=100)
    permissions: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=100))
    created_by = of_person(models.UUIDField())
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "service_account"

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A machine's way into one organization.

    A person's (`account`) may no more than the person may there at that moment. Without a person
    it is the organization's own, or its service account's, and outlives whoever made it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="api_keys"
    )
    service_account = models.ForeignKey(
        ServiceAccount, models.CASCADE, null=True, blank=True, related_name="api_keys"
    )
    created_by = of_person(models.UUIDField())
    name = of_person(models.CharField(max_length=100))
    prefix = models.CharField(max_length=20)
    key_hash = models.CharField(max_length=64, unique=True)
    permissions: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=100))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    networks: ArrayField[list[str], list[str]] = of_person(
        ArrayField(models.CharField(max_length=50), default=list, blank=True)
    )
    successor = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessor"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "api_key"
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="api_key_expires_later",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=True) | Q(service_account__isnull=True),
                name="api_key_has_one_owner",
            ),
        ]
