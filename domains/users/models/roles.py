from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from domains.users.models.organizations import Organization
from domains.users.models.validators import NAME_LENGTH, validate_one_line
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.permissions import Role

ROLE_LENGTH = 16
ROLES = [(role.value, role.value) for role in Role]


class CustomRole(models.Model):
    """A role that an organization made for itself: a set of permissions by their names."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="custom_roles", db_index=False
    )
    name = models.CharField(max_length=NAME_LENGTH, validators=[validate_one_line])
    description = models.CharField(max_length=500, blank=True, default="")
    permissions = ArrayField(models.CharField(max_length=100))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "custom_role"
        constraints = [
            models.UniqueConstraint("organization", Lower("name"), name="custom_role_name"),
            # What a row of the same organization refers to (migration 0005).
            models.UniqueConstraint(
                fields=["organization", "id"], name="custom_role_of_organization"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HoldsRole(models.Model):
    """A row that gives a role: a built-in one by name, or one of the organization's own.

    That the latter is of the row's own organization is held by a foreign key over both columns.
    """

    role = models.CharField(max_length=ROLE_LENGTH, choices=ROLES, blank=True, default="")
    custom_role = models.ForeignKey(
        CustomRole, on_delete=models.RESTRICT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def role_key(self) -> str:
        """What names the role in the API: a built-in one's name, or a custom one's id."""
        return self.role or str(self.custom_role_id)


def exactly_one_role() -> Q:
    """Return the condition that a row gives one role, and that it is known."""
    built_in = Q(role__in=[role.value for role in Role], custom_role=None)
    return built_in | Q(role="", custom_role__isnull=False)
