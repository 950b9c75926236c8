"""The second step of a sign-in: a ticket, and proof of a second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domains.auth.contract.data import Method
from domains.auth.contract.errors import TicketInvalid
from domains.auth.models import PasskeyChallenge, SignInTicket
from domains.auth.services import factors, lockout, passkeys, proving, sign_in, tickets
from domains.auth.services.clients import Client
from kernel.db import transaction


def finish(
    *, ticket: str, method: Method, answer: proving.Answer, client: Client, now: datetime
) -> sign_in.Outcome:
    """Return the tokens of a new session.

    Raise `TicketInvalid`, which doesn't say whether ticket or answer was wrong, `SignInLocked`,
    and what `sign_in.conclude` raises.
    """
    found = tickets.find(ticket, now=now)
    # A wrong ticket is counted too, so that all failures are the same work, but in nobody's name:
    # no address has a space in it.
    email = found.account.email if found else f"ticket {ticket}"
    if method in proving.GUESSABLE:
        lockout.check(email=email, client=client, now=now)
    with transaction("auth"):
        held = tickets.lock(ticket, now=now)
        right = held is not None and _proves(held, method, answer, now=now)
    if held is None or not right:
        lockout.failed(email=email, client=client, method=method, now=now)
        raise TicketInvalid
    return sign_in.conclude(
        held.account,
        proven=(*map(Method, held.proven), method),
        client=client,
        now=now,
        identity=held.identity,
        provider_session=held.provider_session,
    )


def passkey_options(*, ticket: str, now: datetime) -> dict[str, Any]:
    """Return what the browser asks a passkey for; raise `TicketInvalid`."""
    found = tickets.find(ticket, now=now)
    if found is None or Method.PASSKEY not in factors.second_factors(found.account):
        raise TicketInvalid
    return passkeys.request_options(
        found.account, purpose=PasskeyChallenge.Purpose.SECOND_FACTOR, now=now
    )


def _proves(ticket: SignInTicket, method: Method, answer: proving.Answer, *, now: datetime) -> bool:
    """Return whether the answer is right, and then let the ticket count no more."""
    right = method in factors.SECOND and proving.verify(
        ticket.account,
        method=method,
        answer=answer,
        purpose=PasskeyChallenge.Purpose.SECOND_FACTOR,
        now=now,
    )
    if right:
        tickets.use(ticket, now=now)
    return right
