"""What auth does when something happened."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domains.auth.services.organizations import erase_machines
from domains.auth.services.sessions import tell_revoked
from kernel.events import Envelope, on


@dataclass(frozen=True, kw_only=True)
class OrganizationGone:
    """What auth reads of an erased organization."""

    organization_id: UUID


@on("users.organization_erased.v1", reads=OrganizationGone)
def end_machines(envelope: Envelope[OrganizationGone]) -> None:
    """Let no key and no machine into an organization that is gone."""
    erase_machines(organization_id=envelope.payload.organization_id)


@dataclass(frozen=True, kw_only=True)
class SessionGone:
    """What auth reads of a revoked session."""

    session_id: UUID


@on("auth.session_revoked.v1", reads=SessionGone)
def tell_revocation_again(envelope: Envelope[SessionGone]) -> None:
    """Let all processes know, if whoever revoked couldn't tell them."""
    tell_revoked(envelope.payload.session_id)
