"""Events for tests of the audit, and the entries that they become."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domains.users.contract.events import MemberInvited
from domains.users.models import AuditEntry
from domains.users.services.audit import chain
from domains.users.services.audit.chain import Draft
from kernel import context
from kernel.clock import now
from kernel.context import ActorKind, RequestContext
from kernel.db import transaction
from kernel.events import publish
from kernel.ids import uuid7

ADDRESS = "203.0.113.7"


def request_of(actor_id: UUID | None, **more: Any) -> RequestContext:
    """Return the context of a person's request."""
    facts = {"actor_kind": ActorKind.ACCOUNT, "client_address": ADDRESS, "user_agent": "Firefox"}
    return RequestContext(actor_id=actor_id, **facts | more)


def say(*events: object, asked: RequestContext | None = None) -> None:
    """Publish the events, all of one domain, as part of that request."""
    domain = type(events[0]).__module__.split(".")[1]
    with context.use(asked) if asked else nullcontext(), transaction(domain):
        publish(*events)


def invited(organization_id: UUID, account_id: UUID) -> MemberInvited:
    """Return an event of an organization."""
    return MemberInvited(
        organization_id=organization_id, invitation_id=uuid7(), account_id=account_id
    )


def draft_of(organization_id: UUID, **more: Any) -> Draft:
    """Return an entry as the handler makes it."""
    facts: dict[str, Any] = {
        "id": uuid7(),
        "organization_id": organization_id,
        "occurred_at": now(),
        "action": "users.member_joined",
        "actor_kind": "account",
        "actor_id": uuid7(),
        "on_behalf_of": None,
        "target_kind": "organization",
        "target_id": str(organization_id),
        "facts": {"role": "admin"},
        "personal": {"address": ADDRESS},
    }
    return Draft(**facts | more)


def write(organization_id: UUID, count: int, *, age: timedelta = timedelta(0), **more: Any) -> None:
    """Append so many entries, all of that age."""
    moment: datetime = now() - age
    with transaction("users"):
        chain.append(draft_of(organization_id, occurred_at=moment, **more) for _ in range(count))


def trail(organization_id: UUID) -> list[AuditEntry]:
    """Return the organization's entries, the oldest first."""
    return list(AuditEntry.objects.filter(organization_id=organization_id).order_by("sequence"))
