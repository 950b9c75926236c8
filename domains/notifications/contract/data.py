"""What notifications answers in its interface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class UnreadCount:
    """How many notifications in the feed of an account have not been read."""

    account_id: UUID
    unread: int


@dataclass(frozen=True, kw_only=True)
class StreamGrant:
    """What the access token said that a stream's ticket was asked for with."""

    account_id: UUID
    session_id: UUID
    impersonator_id: UUID | None
    proven_at: datetime
    mfa: bool
