"""The one door: what every way of signing in ends with, once a first factor is proven."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.data import Method
from domains.auth.contract.errors import (
    AccountClosing,
    AccountDisabled,
    CredentialsInvalid,
    EmailNotVerified,
    PasswordResetRequired,
)
from domains.auth.models import Account, Identity
from domains.auth.services import factors, keys, lockout, sessions, tickets, tokens
from domains.auth.services.clients import Client
from domains.auth.services.proving import GUESSABLE
from domains.auth.services.tickets import FactorNeeded
from kernel.db import transaction
from kernel.queries import CompiledQuery, CompiledUpdate, Given

# Other rows may refer to the account meanwhile; nobody may change it.
_UNCHANGED = CompiledQuery(
    lambda: Account.objects.filter(
        id=Given("id"),
        password=Given("password"),
        is_active=True,
        erase_at=None,
        password_reset_required_at=None,
    ).select_for_update(no_key=True)
)
_SIGNED_IN = CompiledUpdate(lambda: Account.objects.filter(id=Given("id")), last_login=Given("now"))

Outcome = tokens.Tokens | FactorNeeded


def conclude(
    account: Account,
    *,
    proven: tuple[Method, ...],
    client: Client,
    now: datetime,
    identity: Identity | None = None,
    provider_session: str = "",
    proven_at: datetime | None = None,
) -> Outcome:
    """Return the tokens of a new session of whoever has proven, by `proven`, to be the owner.

    `proven_at` says when, if that was not just now: a provider may have known them for hours.
    If the account has a second factor and none was proven, return a ticket for it instead. Raise
    `EmailNotVerified`, `AccountDisabled`, `AccountClosing` or `PasswordResetRequired`;
    `CredentialsInvalid` if the account changed since it was read; `SignInLocked` if others failed
    to guess meanwhile.
    """
    _require_open(account)
    signer = keys.get_signer(now=now)
    with transaction("auth"):
        locked = _lock_unchanged(account, identity=identity)
        if proven[-1] in GUESSABLE:  # what came before it was looked at then
            lockout.check_again(email=account.email, client=client, now=now)
        needed = factors.still_needed(locked, proven=proven)
        if needed:
            return tickets.issue(
                locked,
                proven=proven,
                methods=needed,
                identity=identity,
                provider_session=provider_session,
                now=now,
            )
        lockout.succeeded(email=account.email, client=client)
        session, refresh_token = sessions.start_session(
            locked,
            methods=proven,
            client=client,
            now=now,
            identity=identity,
            provider_session=provider_session,
            proven_at=proven_at,
        )
        _SIGNED_IN(id=account.id, now=now)
    return tokens.make_tokens(signer=signer, session=session, refresh_token=refresh_token, now=now)


def _require_open(account: Account) -> None:
    if account.email_verified_at is None:
        raise EmailNotVerified
    if account.erase_at is not None and account.banned_at is None:
        raise AccountClosing
    if not account.is_active:
        raise AccountDisabled
    if account.password_reset_required_at is not None:
        raise PasswordResetRequired


def _lock_unchanged(account: Account, *, identity: Identity | None) -> Account:
    """Return the account locked; raise `CredentialsInvalid` if it changed since it was read.

    So it has if the identity no longer leads to it.

    Otherwise a session could begin just after everything of the account was revoked.
    """
    locked = _UNCHANGED.first(id=account.id, password=account.password)
    gone = identity and not Identity.objects.filter(id=identity.id, account=account).exists()
    if locked is None or gone:
        raise CredentialsInvalid
    return locked
