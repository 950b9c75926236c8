"""Opening the page, and letting in who holds a pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from domains.auth import interface as auth
from domains.billing.contract.permissions import (
    INVOICE_READ,
    PAYMENT_METHODS_READ,
    PAYMENT_METHODS_WRITE,
    SUBSCRIPTION_READ,
    SUBSCRIPTION_WRITE,
)
from domains.billing.contract.portal import PortalPassInvalid, ReturnUrlNotAllowed
from domains.billing.services.portal.passes import Pass, seal, unseal
from kernel import context, scope
from kernel.context import ActorKind
from kernel.ids import uuid7
from kernel.principal import Principal

LIFETIME = timedelta(minutes=30)
# All that is done there. Who opens the page has these already, and gets nothing else by it.
RIGHTS = (
    SUBSCRIPTION_READ,
    SUBSCRIPTION_WRITE,
    PAYMENT_METHODS_READ,
    PAYMENT_METHODS_WRITE,
    INVOICE_READ,
)


@dataclass(frozen=True, kw_only=True)
class PortalSession:
    """A link to the page, which is a secret, and until when it holds."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who has come, by which pass, and as whom they act."""

    text: str
    granted: Pass
    principal: Principal


def open_session(*, principal: Principal, return_url: str, now: datetime) -> PortalSession:
    """Return a link to the current organization's page, good for half an hour.

    The page leads back to `return_url` (empty: the product's front page). Raises
    `auth.SessionRequired`, `Forbidden` and `ReturnUrlNotAllowed`.
    """
    if principal.session_id is None or principal.account_id is None:
        raise auth.SessionRequired
    for right in RIGHTS:
        principal.require(right)
    granted = Pass(
        id=uuid7(),
        organization_id=principal.organization_id,
        account_id=principal.account_id,
        session_id=principal.session_id,
        impersonator_id=principal.impersonator_id,
        return_url=_allowed(return_url or settings.FRONTEND_URL),
        expires_at=now + LIFETIME,
    )
    url = f"{settings.PUBLIC_URL}/billing/portal/open/{seal(granted)}"
    return PortalSession(url=url, expires_at=granted.expires_at)


def enter(*, text: str, now: datetime) -> Pass:
    """Return the pass in a link or a cookie; raise `PortalPassInvalid` if it doesn't hold."""
    granted = unseal(text, now=now)
    if not auth.get_session_state(session_id=granted.session_id).active:
        raise PortalPassInvalid("Whoever opened it has signed out.")
    return granted


@contextmanager
def visit(*, text: str, portal_id: UUID, now: datetime) -> Iterator[Visitor]:
    """Work in the name, and within the organization, of who holds the pass to this very page.

    Raises `PortalPassInvalid`.
    """
    granted = enter(text=text, now=now)
    if granted.id != portal_id:
        raise PortalPassInvalid
    with context.use(_context_of(granted)), scope.use(scope.of(granted.organization_id)):
        yield Visitor(text=text, granted=granted, principal=_principal_of(granted))


def _allowed(url: str) -> str:
    origins = {_origin(settings.FRONTEND_URL), *settings.CORS_ALLOWED_ORIGINS}
    if not url.isprintable() or _origin(url) not in origins:
        raise ReturnUrlNotAllowed(pointer="/return_url")
    return url


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _principal_of(granted: Pass) -> Principal:
    return Principal(
        kind="account",
        account_id=granted.account_id,
        session_id=granted.session_id,
        impersonator_id=granted.impersonator_id,
        organization_id=granted.organization_id,
        memberships={granted.organization_id: frozenset(right.name for right in RIGHTS)},
    )


def _context_of(granted: Pass) -> context.RequestContext:
    by_staff = granted.impersonator_id is not None
    return replace(
        context.current(),
        actor_id=granted.impersonator_id or granted.account_id,
        actor_kind=ActorKind.STAFF if by_staff else ActorKind.ACCOUNT,
        on_behalf_of=granted.account_id if by_staff else None,
        organization_id=granted.organization_id,
    )
