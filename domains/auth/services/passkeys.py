"""Passkeys: made by their owner, and shown to sign in or to prove anew who it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from domains.auth.contract.data import Method
from domains.auth.contract.errors import PasskeyInvalid, TooManyPasskeys
from domains.auth.contract.events import PasskeySuspected
from domains.auth.models import Account, Passkey, PasskeyChallenge
from domains.auth.services import endings, factors, people, recovery_codes
from domains.auth.services import passkey_ceremonies as ceremonies
from domains.auth.services import passkey_challenges as challenges
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

Purpose = PasskeyChallenge.Purpose
# Each is named in the options of every request that an account is known for.
MOST = 20


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A new passkey, and the account's first recovery codes if it had none."""

    passkey: Passkey
    recovery_codes: list[str]


def usable(account: Account) -> QuerySet[Passkey]:
    """Return the account's passkeys but those that may have been copied."""
    return Passkey.objects.filter(account=account, suspected_at__isnull=True)


def registration_options(principal: Principal, *, now: datetime) -> dict[str, Any]:
    """Return what the browser makes a passkey from.

    Raise `SessionRequired`, or `TooManyPasskeys` if the caller may have no further one.
    """
    account = people.account_of(principal)
    known = _known(account)
    challenge = challenges.new_challenge(purpose=Purpose.REGISTRATION, account=account, now=now)
    return ceremonies.creation_options(account, challenge=challenge, known=known)


def register(
    principal: Principal, *, name: str, credential: dict[str, Any], now: datetime
) -> Registered:
    """Return the new passkey of the caller.

    Raise `SessionRequired`, `TooManyPasskeys`, or `PasskeyInvalid` for an answer that doesn't fit.
    """
    _, session_id = people.session_of(principal)
    codes: list[str] = []
    with transaction("auth"):
        account = people.lock_account_of(principal)
        passkey = _make(account, name=name, credential=credential, now=now)
        if passkey is not None:
            factors.added(account, method=Method.PASSKEY, name=name, session_id=session_id)
            codes = recovery_codes.make_first(account, now=now)
    # Raised out here: the challenge must stay used.
    if passkey is None:
        raise PasskeyInvalid(pointer="/credential")
    return Registered(passkey=passkey, recovery_codes=codes)


def _make(
    account: Account, *, name: str, credential: dict[str, Any], now: datetime
) -> Passkey | None:
    challenge = _take(credential, purpose=Purpose.REGISTRATION, account=account, now=now)
    made = challenge and ceremonies.verify_creation(credential, challenge=challenge)
    if not made:
        return None
    _known(account)
    passkey = Passkey(
        account=account,
        name=name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=ceremonies.transports_of(credential),
        aaguid=made.aaguid,
        backed_up=made.credential_backed_up,
        created_at=now,
    )
    # An id that is registered already, to whomever, is refused (level 2, 7.1 step 22).
    Passkey.objects.bulk_create([passkey], ignore_conflicts=True)
    return passkey if Passkey.objects.filter(id=passkey.id).exists() else None


def request_options(
    account: Account | None, *, purpose: PasskeyChallenge.Purpose, now: datetime
) -> dict[str, Any]:
    """Return what the browser asks a passkey for: one of the account's, or any for a sign-in."""
    challenge = challenges.new_challenge(purpose=purpose, account=account, now=now)
    allowed = usable(account) if account else Passkey.objects.none()
    return ceremonies.request_options(challenge=challenge, allowed=allowed)


def owner(credential: dict[str, Any]) -> Account | None:
    """Return the account of the passkey that the answer says it is by."""
    passkey = _by_id(credential).select_related("account").first()
    return passkey.account if passkey else None


def verify(
    account: Account,
    *,
    credential: dict[str, Any],
    purpose: PasskeyChallenge.Purpose,
    now: datetime,
) -> bool:
    """Return whether a passkey of the account answered, verifying its user, what it was asked.

    Whatever comes of it the challenge is used, so a caller must not roll back for a False. The
    account is locked first, as everywhere: of two answers at once the second meets the counter
    of the first.
    """
    with transaction("auth"):
        endings.lock(account.id)
        asked = None if purpose == Purpose.SIGN_IN else account
        challenge = _take(credential, purpose=purpose, account=asked, now=now)
        passkey = _by_id(credential).filter(account=account, suspected_at__isnull=True).first()
        if challenge is None or passkey is None or not _names(account, credential, purpose):
            return False
        return _use(passkey, credential, challenge=challenge, now=now)


def _by_id(credential: dict[str, Any]) -> QuerySet[Passkey]:
    return Passkey.objects.filter(credential_id=ceremonies.id_of(credential) or b"")


def _names(account: Account, credential: dict[str, Any], purpose: str) -> bool:
    """Return whether the passkey names the account: it must where nobody else did (7.2 step 6)."""
    named = ceremonies.user_handle_of(credential)
    return named == account.id.bytes if named or purpose == Purpose.SIGN_IN else True


def _take(
    credential: dict[str, Any],
    *,
    purpose: PasskeyChallenge.Purpose,
    account: Account | None,
    now: datetime,
) -> bytes | None:
    """Return the challenge that the answer is to, used up, if it was given for this."""
    challenge = ceremonies.challenge_of(credential)
    if challenge is None:
        return None
    taken = challenges.take(challenge, purpose=purpose, account=account, now=now)
    return challenge if taken else None


def _use(passkey: Passkey, credential: dict[str, Any], *, challenge: bytes, now: datetime) -> bool:
    answer = ceremonies.verify_request(
        credential, challenge=challenge, public_key=bytes(passkey.public_key)
    )
    if answer is None:
        return False
    if _went_back(passkey.sign_count, answer.new_sign_count):
        _suspect(passkey, now=now)
        return False
    passkey.sign_count = answer.new_sign_count
    passkey.backed_up = answer.credential_backed_up
    passkey.last_used_at = now
    passkey.save(update_fields=["sign_count", "backed_up", "last_used_at"])
    return True


def _went_back(known: int, shown: int) -> bool:
    """Return whether two authenticators count (7.2 step 21); one that never counts says zero."""
    return (known > 0 or shown > 0) and shown <= known


def _suspect(passkey: Passkey, *, now: datetime) -> None:
    passkey.suspected_at = now
    passkey.save(update_fields=["suspected_at"])
    publish(PasskeySuspected(account_id=passkey.account_id, name=passkey.name))


def _known(account: Account) -> list[Passkey]:
    """Return all passkeys of the account; raise `TooManyPasskeys` if it may have no further one."""
    known = list(Passkey.objects.filter(account=account))
    if len(known) >= MOST:
        raise TooManyPasskeys
    return known
