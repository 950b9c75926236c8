"""The ways in which an account's owner can prove who they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from domains.auth.contract.data import Method
from domains.auth.contract.errors import PasswordTooShortAlone
from domains.auth.contract.events import FactorAdded, FactorRemoved
from domains.auth.models import Account, Identity, Passkey, RecoveryCode, Session, Totp
from domains.auth.services import sessions
from kernel.events import publish
from kernel.queries import CompiledQuery, Given

SECOND = frozenset({Method.TOTP, Method.PASSKEY, Method.RECOVERY_CODE})


def _held() -> QuerySet[Account]:
    passkeys = Passkey.objects.filter(account=OuterRef("id"))
    totps = Totp.objects.filter(account=OuterRef("id"), confirmed_at__isnull=False)
    codes = RecoveryCode.objects.filter(account=OuterRef("id"), used_at__isnull=True)
    has = {
        "has_passkey": Exists(passkeys),
        "has_usable_passkey": Exists(passkeys.filter(suspected_at__isnull=True)),
        "has_totp": Exists(totps),
        "has_code": Exists(codes),
    }
    return Account.objects.filter(id=Given("id")).only("id").annotate(**has)


_HELD = CompiledQuery(_held)


def second_factors(account: Account) -> tuple[Method, ...]:
    """Return by which of them a sign-in of the account is finished; none if it needs no second.

    A passkey that may have been copied proves nothing any more, and yet none is needed less.
    """
    owner: Any = _HELD.first(id=account.id)
    if owner is None or not (owner.has_passkey or owner.has_totp):
        return ()  # recovery codes alone replace nothing
    others = owner.has_totp or owner.has_code
    held = (
        (Method.PASSKEY, owner.has_usable_passkey or not others),
        (Method.TOTP, owner.has_totp),
        (Method.RECOVERY_CODE, owner.has_code),
    )
    return tuple(method for method, there in held if there)


def still_needed(account: Account, *, proven: tuple[Method, ...]) -> tuple[Method, ...]:
    """Return the second factors of which one is still to be proven after `proven`."""
    return () if SECOND.intersection(proven) else second_factors(account)


def strongest(account: Account) -> tuple[Method, ...]:
    """Return the methods of which any is proof enough for what is sensitive."""
    second = second_factors(account)
    if Method.PASSKEY in second:
        return tuple(method for method in second if method != Method.TOTP)
    if second:
        return second
    if account.has_usable_password():
        return (Method.PASSWORD,)
    linked = Identity.objects.filter(account=account).exists()
    by_mail = account.email_sign_in or not linked
    return (*((Method.EMAIL,) if by_mail else ()), *((Method.FEDERATED,) if linked else ()))


def is_proof(account: Account, *, methods: Iterable[str]) -> bool:
    """Return whether `methods` are proof enough for what is sensitive."""
    # A recovery code stays proof when it was the last one.
    return not {*strongest(account), Method.RECOVERY_CODE}.isdisjoint(methods)


def added(account: Account, *, method: Method, name: str, session_id: UUID) -> None:
    """Tell of a new factor, which the session has just proven to hold. Runs in a transaction."""
    for session in Session.objects.select_for_update().filter(id=session_id):
        session.methods = list(dict.fromkeys([*session.methods, method]))
        session.save(update_fields=["methods"])
    publish(FactorAdded(account_id=account.id, method=method, name=name))


def removed(
    account: Account, *, method: Method, name: str, session_id: UUID, now: datetime
) -> None:
    """Settle what follows from a factor whose row was just deleted, with the account locked.

    All other sessions end, and this one has no longer proven what is gone. Raise
    `PasswordTooShortAlone` if no second factor is left and the password can't stand alone.
    """
    remaining = second_factors(account)
    if not remaining:
        _require_password_alone(account)
        RecoveryCode.objects.filter(account=account).delete()
    sessions.revoke_sessions(
        reason=Session.Reason.FACTOR, now=now, account_id=account.id, except_id=session_id
    )
    # Whoever signed in with the last code has still proven to hold it.
    gone = SECOND.difference(remaining, {Method.RECOVERY_CODE}) if remaining else SECOND
    for session in Session.objects.select_for_update().filter(id=session_id):
        session.methods = [proven for proven in session.methods if proven not in gone]
        session.save(update_fields=["methods"])
    publish(FactorRemoved(account_id=account.id, method=method, name=name, last=not remaining))


def _require_password_alone(account: Account) -> None:
    if account.password_is_short and account.has_usable_password():
        raise PasswordTooShortAlone
