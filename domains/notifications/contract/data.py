"""What notifications answers in its interface."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class UnreadCount:
    """How many notifications in the feed of an account have not been read."""

    account_id: UUID
    unread: int
