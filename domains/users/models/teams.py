from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from domains.users.models.memberships import Membership
from domains.users.models.organizations import Organization
from domains.users.models.roles import HoldsRole, exactly_one_role
from domains.users.models.validators import NAME_LENGTH, validate_one_line
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person

DEEPEST = 8


class Team(models.Model):
    """A part of an organization, perhaps within another team.

    `path` names the teams around it from the outermost on, and ends with itself. Whoever belongs
    to a team belongs to those around it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="teams", db_index=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="children"
    )
    path = ArrayField(models.UUIDField(), editable=False)
    name = models.CharField(max_length=NAME_LENGTH, validators=[validate_one_line])
    description = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "team"
        constraints = [
            models.UniqueConstraint("organization", Lower("name"), name="team_name"),
            models.UniqueConstraint(fields=["organization", "id"], name="team_of_organization"),
            models.CheckConstraint(condition=Q(path__len__lte=DEEPEST), name="team_not_too_deep"),
            models.CheckConstraint(
                condition=Q(parent=None, path__len=1)
                | Q(parent__isnull=False, path__len__gt=1) & ~Q(parent=F("id")),
                name="team_path_fits_parent",
            ),
        ]
        indexes = [GinIndex(fields=["path"], name="team_path")]

    def __str__(self) -> str:
        return self.name


class TeamMembership(models.Model):
    """That a member belongs to a team."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="teams")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "team_membership"
        constraints = [
            models.UniqueConstraint(fields=["team", "membership"], name="team_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} in {self.team_id}"


class RoleAssignment(HoldsRole):
    """A role beside the member's own: given to a member or to a team.

    It counts in the whole organization or, with `scope`, in that team and the teams within it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="role_assignments"
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="role_assignments"
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, related_name="role_assignments"
    )
    scope = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    assigned_by = of_person(models.UUIDField(null=True, editable=False))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "role_assignment"
        constraints = [
            models.CheckConstraint(condition=exactly_one_role(), name="role_assignment_known_role"),
            models.CheckConstraint(
                condition=Q(membership__isnull=False, team=None)
                | Q(membership=None, team__isnull=False),
                name="role_assignment_to_one",
            ),
            # An owner is one by the membership alone: that is what the constraint counts.
            models.CheckConstraint(
                condition=~Q(role="owner"), name="role_assignment_makes_no_owner"
            ),
            models.UniqueConstraint(
                fields=["membership", "team", "scope", "role", "custom_role"],
                nulls_distinct=False,
                name="role_assignment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_key} to {self.membership_id or self.team_id}"
