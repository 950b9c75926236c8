"""How staff come in to their pages: by the same door as everybody, second factor included.

The session that begins there is a session like any other: it is listed, told of and revoked like
one, and the pages let nobody in whose session has ended.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from domains.auth.contract.data import Method
from domains.auth.models import Account, Session
from domains.auth.services import login, mfa, sessions, sign_in, tickets, tokens
from domains.auth.services.clients import Client

_TOTP = re.compile(r"[0-9]{6}")


def begin(*, email: str, password: str, client: Client, now: datetime) -> Session | str:
    """Return the session, or the ticket for the second step where a factor is needed.

    Raise what `login.log_in` raises; who isn't of the staff has no password that is right here.
    """
    is_staff = Account.objects.with_email(email).filter(is_staff=True).exists()
    # Nobody's password is empty, so that the others fail after the same work.
    asked = password if is_staff else ""
    return _session_of(login.log_in(email=email, password=asked, client=client, now=now))


def finish(*, ticket: str, code: str, client: Client, now: datetime) -> Session | str:
    """Return the session of whoever shows the app's code, or one of the recovery codes.

    Raise what `mfa.finish` raises.
    """
    digits = code.replace(" ", "")
    method = Method.TOTP if _TOTP.fullmatch(digits) else Method.RECOVERY_CODE
    answer = digits if method == Method.TOTP else code
    return _session_of(
        mfa.finish(ticket=ticket, method=method, answer=answer, client=client, now=now)
    )


def is_open(ticket: str, *, now: datetime) -> bool:
    """Return whether the ticket is still good for a try."""
    return tickets.find(ticket, now=now) is not None


def end(session_id: UUID, *, now: datetime) -> None:
    """End the session of whoever leaves the pages."""
    sessions.revoke_sessions(reason=Session.Reason.LOGOUT, now=now, id=session_id)


def _session_of(outcome: sign_in.Outcome) -> Session | str:
    if isinstance(outcome, tickets.FactorNeeded):
        return outcome.ticket
    family_hash = tokens.family_hash_of(outcome.refresh_token)
    return Session.objects.select_related("account").get(family_hash=family_hash)
