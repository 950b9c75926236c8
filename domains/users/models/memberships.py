from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from domains.users.models.organizations import Organization
from domains.users.models.people import Profile
from domains.users.models.roles import HoldsRole, exactly_one_role
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class Membership(HoldsRole):
    """An account's place in an organization, and the role that it has there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    account = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="memberships", db_column="account_id"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "account"], name="membership_one_per_account"
            ),
            models.UniqueConstraint(
                fields=["organization", "id"], name="membership_of_organization"
            ),
            models.CheckConstraint(condition=exactly_one_role(), name="membership_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} ({self.role_key})"


class Invitation(HoldsRole):
    """An offer of membership to an address, taken up with the secret that only its mail holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="invitations"
    )
    email = of_person(models.EmailField(max_length=254))
    # Empty until the mail is rendered, and again when the invitation is renewed.
    token_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    invited_by = of_person(models.UUIDField(editable=False))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "invitation"
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(accepted_at__isnull=True),
                name="invitation_one_open_per_address",
            ),
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~Q(token_hash=""),
                name="invitation_token_is_unique",
            ),
            models.CheckConstraint(condition=exactly_one_role(), name="invitation_known_role"),
        ]
        indexes = [
            models.Index(
                Lower("email"), condition=Q(accepted_at__isnull=True), name="invitation_to"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role_key})"

    def has_expired(self, *, now: datetime) -> bool:
        """Return whether it can no longer be accepted for its age."""
        return self.expires_at <= now
