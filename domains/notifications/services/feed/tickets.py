"""Tickets for streams: what a browser's EventSource, which can't set headers, shows instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from domains.auth import interface as auth
from domains.notifications.contract.data import StreamGrant
from domains.notifications.contract.errors import StreamTicketInvalid
from domains.notifications.models import StreamTicket
from domains.notifications.services.feed.reading import require_person
from kernel.crypto import hash_secret, new_secret, sign, verify
from kernel.db import transaction
from kernel.principal import Principal

LIFETIME = timedelta(seconds=60)
PURPOSE = "stream-ticket"


def issue(*, principal: Principal, now: datetime) -> str:
    """Return a ticket that opens one stream of the person's within a minute.

    Raise `PersonRequired`, and auth's `SessionRequired`.
    """
    account_id = require_person(principal)
    if principal.session_id is None or principal.proven_at is None:
        raise auth.SessionRequired
    secret = new_secret()
    with transaction("notifications"):
        StreamTicket.objects.create(
            ticket_hash=hash_secret(secret),
            account_id=account_id,
            session_id=principal.session_id,
            impersonator_id=principal.impersonator_id,
            proven_at=principal.proven_at,
            mfa=principal.mfa,
            expires_at=now + LIFETIME,
        )
    return f"{secret}.{sign(PURPOSE, secret.encode())}"


def redeem(*, ticket: str, now: datetime) -> StreamGrant:
    """Use the ticket up and return whose it is; raise `StreamTicketInvalid`.

    What was never given out is told by its signature, without asking the database.
    """
    secret, _, signature = ticket.partition(".")
    if not verify(PURPOSE, secret.encode(), signature):
        raise StreamTicketInvalid("Ask for a new one.")
    with transaction("notifications"):
        known = StreamTicket.objects.select_for_update().filter(ticket_hash=hash_secret(secret))
        row = known.filter(expires_at__gt=now).first()
        if row is None:
            raise StreamTicketInvalid("Ask for a new one.")
        row.delete()
    return StreamGrant(
        account_id=row.account_id,
        session_id=row.session_id,
        impersonator_id=row.impersonator_id,
        proven_at=row.proven_at,
        mfa=row.mfa,
    )
