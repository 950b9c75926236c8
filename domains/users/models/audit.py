from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Lookup, Q

from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


@models.CharField.register_lookup
class Named(Lookup):
    """Matches a name, or with a star at its end (`users.*`) all that begin so.

    In a column that is sorted by code point, an index finds both.
    """

    lookup_name = "named"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition."""
        column, values = self.process_lhs(compiler, connection)
        wanted = str(self.rhs)
        if not wanted.endswith("*"):
            return f"{column} = %s", (*values, wanted)
        first = wanted.removesuffix("*")
        return f"{column} >= %s AND {column} < %s", (*values, first, *values, f"{first}\U0010ffff")


class AuditChain(models.Model):
    """The newest entry of an organization's trail; its row is locked to append.

    Without an organization (id zero) it is the trail of the installation itself. `floor` is the
    sequence of the last entry that was cleared away when its retention ended, with its hash.
    """

    organization_id = models.UUIDField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    head = models.BinaryField(max_length=32)
    floor = models.BigIntegerField(default=0)
    floor_head = models.BinaryField(max_length=32)
    # Set by a trigger; the daily anchor lists what moved since the last one.
    moved_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "audit_chain"


class AuditEntry(models.Model):
    """What somebody did, written once: its hash is over its facts and the hash before.

    `personal` (where from, with what, names) is in the hash by a salted digest alone, so that it
    can be erased and the chain still holds. Nothing but that and the end of retention changes
    the table, which PostgreSQL grants no other way.
    """

    # That of the event it was read from: an event makes one entry.
    id = models.UUIDField(primary_key=True)
    organization_id = models.UUIDField()
    sequence = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    # Told apart by code point in every database, so that the index finds prefixes.
    action = models.CharField(max_length=100, db_collation="C")
    actor_kind = models.CharField(max_length=16)
    actor_id = of_person(models.UUIDField())
    on_behalf_of = of_person(models.UUIDField(null=True))
    target_kind = models.CharField(max_length=64)
    target_id = models.CharField(max_length=64)
    facts = models.JSONField()
    trace_id = models.CharField(max_length=32, blank=True)
    personal = of_person(models.JSONField(null=True))
    personal_salt = models.BinaryField(max_length=16, null=True)
    personal_digest = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "audit_entry"
        verbose_name_plural = "audit entries"
        ordering = ("-sequence",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "sequence"], name="audit_entry_in_order"
            ),
        ]
        indexes = [
            # The person first: whoever is erased is looked for in every trail.
            models.Index(
                fields=["actor_id", "organization_id", "sequence"], name="audit_entry_by_actor"
            ),
            models.Index(
                fields=["on_behalf_of", "organization_id", "sequence"],
                condition=Q(on_behalf_of__isnull=False),
                name="audit_entry_on_behalf",
            ),
            models.Index(
                fields=["target_id", "organization_id", "sequence"], name="audit_entry_by_target"
            ),
            models.Index(
                fields=["organization_id", "action", "sequence"], name="audit_entry_by_action"
            ),
            models.Index(fields=["organization_id", "occurred_at"], name="audit_entry_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_id}"


class AuditAnchor(models.Model):
    """A day's signed list of where every trail stood, as it was written to storage."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    day = models.DateField(unique=True)
    storage_key = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)
    key_id = models.CharField(max_length=64)
    signature = models.BinaryField(max_length=64)
    trails = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "audit_anchor"
        ordering = ("-day",)

    def __str__(self) -> str:
        return str(self.day)


class AuditExport(models.Model):
    """A copy of an organization's trail that somebody asked for; written by a job."""

    class State(models.TextChoices):
        PENDING = "pending", "Being written"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    account_id = of_person(models.UUIDField(null=True))
    format = models.CharField(max_length=5, choices=[("csv", "CSV"), ("jsonl", "JSON Lines")])
    filters = of_person(models.JSONField(default=dict))
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    storage_key = models.CharField(max_length=200, blank=True)
    entries = models.BigIntegerField(null=True)
    size = models.BigIntegerField(null=True, help_text="Bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "audit_export"
        indexes = [
            models.Index(fields=["organization_id", "-id"], name="audit_export_of_org"),
        ]

    def __str__(self) -> str:
        return f"{self.format} of {self.organization_id}"
