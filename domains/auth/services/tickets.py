"""Tickets: a sign-in whose first factor is proven, waiting for the second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from domains.auth.contract.data import Method
from domains.auth.models import Account, Identity, SignInTicket
from kernel.crypto import hash_secret, new_secret

LIFETIME = timedelta(minutes=5)
MOST_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class FactorNeeded:
    """The answer to a sign-in that lacks a second factor: the ticket is good for that alone."""

    ticket: str
    methods: tuple[Method, ...]
    expires_in: int


def issue(
    account: Account,
    *,
    proven: tuple[Method, ...],
    methods: tuple[Method, ...],
    identity: Identity | None,
    provider_session: str,
    now: datetime,
) -> FactorNeeded:
    """Return a new ticket for any of `methods`. Runs in the caller's transaction."""
    ticket = new_secret()
    SignInTicket.objects.create(
        account=account,
        ticket_hash=hash_secret(ticket),
        proven=list(proven),
        identity=identity,
        provider_session=provider_session,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return FactorNeeded(ticket=ticket, methods=methods, expires_in=int(LIFETIME.total_seconds()))


def find(ticket: str, *, now: datetime) -> SignInTicket | None:
    """Return the open ticket with its account, or None."""
    # Whoever changed the password since meant it for those who knew the old one.
    unchanged = Q(account__password_changed_at=None) | Q(
        account__password_changed_at__lte=F("created_at")
    )
    open_ = SignInTicket.objects.filter(
        unchanged, used_at=None, expires_at__gt=now, attempts__lt=MOST_ATTEMPTS
    )
    rows = open_.select_related("account", "identity")
    return rows.filter(ticket_hash=hash_secret(ticket)).first()


def lock(ticket: str, *, now: datetime) -> SignInTicket | None:
    """Return the open ticket with its account locked, and one attempt at it counted."""
    owner = Account.objects.filter(sign_in_tickets__ticket_hash=hash_secret(ticket))
    # What of it is still good is read once nobody else can change it.
    if owner.select_for_update(of=("self",), no_key=True).first() is None:
        return None
    found = find(ticket, now=now)
    if found is not None:
        found.attempts += 1
        found.save(update_fields=["attempts"])
    return found


def use(ticket: SignInTicket, *, now: datetime) -> None:
    """Let the ticket, whose account is locked, count no more."""
    ticket.used_at = now
    ticket.save(update_fields=["used_at"])
