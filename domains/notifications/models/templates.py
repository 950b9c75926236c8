"""Texts that organizations and staff write: a template, and its versions one after the other."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person

KEY_LENGTH = 80


class VersionState(models.TextChoices):
    """How far a version is; each is published once more by rolling back to it."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Replaced by another"
    ROLLED_BACK = "rolled_back", "Taken back"


class Template(models.Model):
    """What something is said with: an organization's own, or staff's for a kind of the product.

    An organization's keys have no dots, the product's kinds have: neither takes the other's place.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(null=True, help_text="Whose it is; the product's if empty")
    key = models.CharField(max_length=KEY_LENGTH, help_text="By which messages name it")
    category = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=500, blank=True)
    created_by = of_person(models.UUIDField(null=True, help_text="The account that made it"))
    created_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "template"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "key"], nulls_distinct=False, name="template_key"
            ),
            models.CheckConstraint(
                condition=Q(organization_id=None, key__contains=".")
                | (Q(organization_id__isnull=False) & ~Q(key__contains=".")),
                name="template_key_fits_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class TemplateVersion(models.Model):
    """What a template says, or said; nothing of it changes once it was published.

    `parts` are by channel, locale (BCP 47) and part; `variables` what it may be filled with.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    organization_id = models.UUIDField(null=True, help_text="That of its template")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=11, choices=VersionState.choices, default=VersionState.DRAFT
    )
    default_locale = models.CharField(max_length=35, default="en")
    variables = models.JSONField(default=list, help_text="Name, type, example, whether required")
    parts = models.JSONField(default=dict, help_text="By channel, locale and part")
    created_by = of_person(models.UUIDField(null=True, help_text="The account that wrote it"))
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_by = of_person(models.UUIDField(null=True, help_text="The account that published it"))
    published_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "template_version"
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_number"),
            models.UniqueConstraint(
                fields=["template"],
                condition=Q(state=VersionState.PUBLISHED),
                name="template_one_published",
            ),
            models.UniqueConstraint(
                fields=["template"],
                condition=Q(state=VersionState.DRAFT),
                name="template_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT, published_at=None)
                | (~Q(state=VersionState.DRAFT) & Q(published_at__isnull=False)),
                name="template_version_published_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template.key} v{self.number}"
