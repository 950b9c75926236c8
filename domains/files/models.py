"""The tables of the schema `files`."""

from django.db import models
from django.db.models import F, Q

from domains.files.contract import FileState
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person

STATES = [(state.value, state.value) for state in FileState]


class File(models.Model):
    """One file: opened as an upload, ready once its bytes are what was announced."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    account_id = of_person(models.UUIDField(null=True))
    name = of_person(models.CharField(max_length=255))
    size = models.BigIntegerField(help_text="Bytes")
    content_type = models.CharField(max_length=127)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=STATES, default=FileState.PENDING.value)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was rejected")
    storage_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    upload_expires_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True, help_text="When the bytes were removed")

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "file"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(size__gte=0), name="file_size_not_negative"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in FileState]), name="file_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="ready", ready_at__isnull=False) | ~Q(state="ready"),
                name="file_ready_since",
            ),
        )
        indexes = (
            models.Index("organization_id", F("id").desc(), name="file_of_organization"),
            models.Index(
                "upload_expires_at", condition=Q(state="pending"), name="file_upload_open"
            ),
            models.Index(
                "id",
                condition=Q(state__in=("rejected", "expired", "deleted"), purged_at__isnull=True),
                name="file_to_purge",
            ),
        )


class StorageUsage(models.Model):
    """How many bytes an organization has promised and stored; its row is locked to change it."""

    organization_id = models.UUIDField(primary_key=True)
    reserved_bytes = models.BigIntegerField(default=0)
    used_bytes = models.BigIntegerField(default=0)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "storage_usage"
        verbose_name_plural = "storage usage"
        constraints = (
            models.CheckConstraint(
                condition=Q(reserved_bytes__gte=0, used_bytes__gte=0), name="usage_not_negative"
            ),
        )
