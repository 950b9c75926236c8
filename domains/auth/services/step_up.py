"""Fresh proof of who asks, for what a stolen session must not be enough for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domains.auth.contract.data import Method
from domains.auth.contract.errors import (
    ImpersonationForbids,
    StepUpFailed,
    StepUpRequired,
)
from domains.auth.contract.events import SteppedUp
from domains.auth.models import Account, PasskeyChallenge, Session
from domains.auth.services import factors, keys, lockout, passkeys, people, proving, tokens
from domains.auth.services.clients import Client
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

LIFETIME = timedelta(minutes=10)


def require(*, session_id: UUID, auth_time: int, now: datetime) -> None:
    """Return if the session's owner was proven by their strongest factor within ten minutes.

    `auth_time` is that of the token shown: one from before the proof doesn't count. Raise
    `StepUpRequired`, which says by what to prove it, or `ImpersonationForbids`.
    """
    session = _session(session_id)
    if session is None:
        raise StepUpRequired(methods=[])
    fresh = (
        now < session.proven_at + LIFETIME
        and tokens.auth_time(session) == auth_time
        and factors.is_proof(session.account, methods=session.methods)
    )
    if not fresh:
        raise StepUpRequired(methods=list(factors.strongest(session.account)))


def step_up(
    principal: Principal, *, method: Method, answer: proving.Answer, client: Client, now: datetime
) -> tokens.Access:
    """Return an access token that says that its owner was proven just now.

    Raise `SessionRequired`, `ImpersonationForbids`, `SignInLocked`, or `StepUpFailed`, which says
    by what it can be done.
    """
    account = person(principal)
    allowed = {*factors.strongest(account), Method.RECOVERY_CODE}
    if method in proving.GUESSABLE:
        lockout.check(email=account.email, client=client, now=now)
    right = method in allowed and proving.verify(
        account, method=method, answer=answer, purpose=PasskeyChallenge.Purpose.STEP_UP, now=now
    )
    if not right:
        lockout.failed(email=account.email, client=client, method=method, now=now)
        raise StepUpFailed(pointer="/answer", methods=list(factors.strongest(account)))
    return record(principal, method=method, client=client, now=now)


def record(principal: Principal, *, method: Method, client: Client, now: datetime) -> tokens.Access:
    """Have the caller's session count as proven by `method` at this moment."""
    account_id, session_id = people.session_of(principal)
    signer = keys.get_signer(now=now)
    with transaction("auth"):
        account = people.lock_account_of(principal)
        if method in proving.GUESSABLE:
            lockout.check_again(email=account.email, client=client, now=now)
        lockout.succeeded(email=account.email, client=client)
        session = Session.objects.select_for_update().get(id=session_id, account=account)
        session.proven_at = now
        session.methods = list(dict.fromkeys([*session.methods, method]))
        session.save(update_fields=["proven_at", "methods"])
        publish(SteppedUp(account_id=account_id, session_id=session_id, method=method))
    return tokens.make_access(signer=signer, session=session, now=now)


def passkey_options(principal: Principal, *, now: datetime) -> dict[str, Any]:
    """Return what the browser asks a passkey for; raise `SessionRequired`, `StepUpFailed`."""
    account = person(principal)
    if Method.PASSKEY not in factors.second_factors(account):
        raise StepUpFailed(methods=list(factors.strongest(account)))
    return passkeys.request_options(account, purpose=PasskeyChallenge.Purpose.STEP_UP, now=now)


def person(principal: Principal) -> Account:
    """Return the caller's account; raise `ImpersonationForbids` unless it is its owner who asks."""
    _, session_id = people.session_of(principal)
    session = _session(session_id)
    if session is None:
        raise StepUpRequired(methods=[])
    return session.account


def _session(session_id: UUID) -> Session | None:
    session = Session.objects.select_related("account").filter(id=session_id).first()
    if session is not None and session.impersonator_id is not None:
        raise ImpersonationForbids
    return session
