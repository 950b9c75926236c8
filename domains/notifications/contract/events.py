"""What notifications tells the other domains."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import event
from kernel.privacy.records import Erased


@event("notifications.person_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What notifications erased of a person, made anonymous, or must keep and why."""

    account_id: UUID
    items: tuple[Erased, ...]
