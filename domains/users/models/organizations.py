from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q

from domains.users.contract.data import WhoMayInvite
from domains.users.models.validators import (
    DOMAIN_LENGTH,
    NAME_LENGTH,
    NETWORK_LENGTH,
    SLUG_LENGTH,
    validate_email_domain,
    validate_network,
    validate_one_line,
    validate_slug,
)
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class OrganizationManager(OrganizationScopedManager["Organization"]):
    column = "id"


class Organization(models.Model):
    """What people work in together; every account has a personal one besides."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, validators=[validate_one_line])
    # None for a personal one: nobody else ever needs to name it.
    slug = models.CharField(
        max_length=SLUG_LENGTH, unique=True, null=True, blank=True, validators=[validate_slug]
    )
    logo_file_id = models.UUIDField(null=True, blank=True)
    personal = models.BooleanField(default=False)
    # None once the founder's account was erased.
    created_by = of_person(models.UUIDField(null=True, editable=False))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True, editable=False)
    erase_at = models.DateTimeField(null=True, editable=False)

    # Its policy: obeyed from the next request on.
    who_may_invite = models.CharField(
        max_length=8,
        choices=[(who.value, who.value) for who in WhoMayInvite],
        default=WhoMayInvite.ADMINS.value,
    )
    allowed_email_domains = ArrayField(
        models.CharField(max_length=DOMAIN_LENGTH, validators=[validate_email_domain]),
        default=list,
        blank=True,
    )
    mfa_required = models.BooleanField(default=False)
    session_lifetime = models.PositiveIntegerField(
        null=True, blank=True, help_text="Seconds after which members prove anew who they are"
    )
    allowed_networks = ArrayField(
        models.CharField(max_length=NETWORK_LENGTH, validators=[validate_network]),
        default=list,
        blank=True,
    )

    objects = OrganizationManager()

    class Meta:
        db_table = "organization"
        constraints = [
            models.UniqueConstraint(
                fields=["created_by"],
                condition=Q(personal=True),
                name="organization_one_personal_per_account",
            ),
            models.CheckConstraint(
                condition=Q(personal=False) | Q(closed_at=None),
                name="organization_personal_stays_open",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, erase_at=None)
                | Q(closed_at__isnull=False, erase_at__isnull=False),
                name="organization_closed_until_erased",
            ),
            models.CheckConstraint(
                condition=Q(who_may_invite__in=[who.value for who in WhoMayInvite]),
                name="organization_known_who_may_invite",
            ),
        ]
        indexes = [
            GinIndex(SearchVector("name", config="simple"), name="organization_by_words"),
            models.Index(
                fields=["erase_at"], condition=Q(erase_at__isnull=False), name="organization_due"
            ),
            models.Index(
                fields=["logo_file_id"],
                condition=Q(logo_file_id__isnull=False),
                name="organization_by_logo",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OwnershipTransfer(models.Model):
    """An offer of the ownership to another member, who may accept it for some days."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # One open offer at a time; an ended one is deleted.
    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="ownership_transfer"
    )
    from_account_id = of_person(models.UUIDField())
    to_account_id = of_person(models.UUIDField(db_index=True))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "ownership_transfer"
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_account_id=models.F("to_account_id")),
                name="ownership_transfer_to_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} to {self.to_account_id}"

    def has_expired(self, *, now: datetime) -> bool:
        """Return whether it can no longer be accepted for its age."""
        return self.expires_at <= now
