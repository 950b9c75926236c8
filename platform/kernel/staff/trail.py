"""What staff did, kept where it can be read and told to whoever keeps the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import router
from django.db.models import Model
from django.dispatch import Signal
from django.http import HttpRequest

from kernel import context
from kernel.db import transaction


@dataclass(frozen=True, kw_only=True)
class StaffDeed:
    """One thing that a member of staff did to one row; `changes` names the changed fields."""

    staff_id: UUID
    action: str
    model: str
    object_id: str
    organization_id: UUID | None
    changes: tuple[str, ...]
    reason: str


# Sent with `deed`, in the transaction that writes the log. The domain that holds the log tells it.
acted = Signal()


class ReasonMissing(RuntimeError):
    """A page of staff forgot to ask why."""


def staff_of(request: HttpRequest) -> UUID:
    """Return the account of the member of staff who asks."""
    return UUID(str(request.user.pk))


def record(
    row: Model,
    *,
    staff_id: UUID,
    reason: str,
    words: str,
    flag: int,
    organization_id: UUID | None,
    changes: Sequence[str] = (),
) -> None:
    """Log that staff did to the row what `words` say, and tell of it: both or neither.

    Raise `ReasonMissing` without a reason.
    """
    if not reason:
        raise ReasonMissing(words)
    done = StaffDeed(
        staff_id=staff_id,
        action=words.lower().replace(" ", "_"),
        model=row._meta.label_lower,
        object_id=str(row.pk),
        organization_id=organization_id,
        changes=tuple(changes),
        reason=reason,
    )
    shown = f"{words} {', '.join(changes)}" if changes else words
    by_staff = replace(context.current(), actor_id=staff_id)
    with transaction(str(router.db_for_write(LogEntry))), context.use(by_staff):
        LogEntry.objects.log_actions(
            user_id=staff_id,
            queryset=[row],
            action_flag=flag,
            change_message=f"{shown}: {reason}",
            single_object=True,
        )
        acted.send(sender=type(row), deed=done)
