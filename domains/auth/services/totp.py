"""Codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyotp
from django.conf import settings

from domains.auth.contract.data import Method
from domains.auth.contract.errors import CodeInvalid, TotpInUse, TotpNotFound
from domains.auth.models import Account, Totp
from domains.auth.services import endings, factors, people, recovery_codes
from kernel.crypto import decrypt, encrypt, equal
from kernel.db import transaction
from kernel.principal import Principal

STEP_SECONDS = 30
# A clock may be half a minute off, and a code be shown just before it changes (RFC 6238, 5.2).
DRIFT = 1


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What an app is set up with, by hand or by a QR code of the URI."""

    secret: str
    uri: str


def begin(principal: Principal, *, now: datetime) -> Begun:
    """Return a new secret, which counts once a code of it was shown; raise `TotpInUse`."""
    secret = pyotp.random_base32()
    with transaction("auth"):
        account = people.lock_account_of(principal)
        if Totp.objects.filter(account=account, confirmed_at__isnull=False).exists():
            raise TotpInUse
        values = {"secret_encrypted": encrypt(secret), "created_at": now, "last_step": 0}
        Totp.objects.update_or_create(account=account, defaults=values)
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=settings.PRODUCT_NAME)
    return Begun(secret=secret, uri=uri)


def confirm(principal: Principal, *, code: str, now: datetime) -> list[str]:
    """Have the app count from now on; return recovery codes, if the account had none.

    Raise `TotpNotFound` if none was begun, `TotpInUse` if it counts already, or `CodeInvalid`.
    """
    _, session_id = people.session_of(principal)
    with transaction("auth"):
        account = people.lock_account_of(principal)
        row = Totp.objects.filter(account=account).first()
        if row is None:
            raise TotpNotFound
        if row.confirmed_at is not None:
            raise TotpInUse
        if not _use(row, code, now=now):
            raise CodeInvalid(pointer="/code")
        row.confirmed_at = now
        row.save(update_fields=["confirmed_at"])
        factors.added(account, method=Method.TOTP, name="", session_id=session_id)
        return recovery_codes.make_first(account, now=now)


def remove(principal: Principal, *, now: datetime) -> None:
    """Have the app count no more, and end all other sessions.

    Raise `TotpNotFound`, or `PasswordTooShortAlone` if the password can't stand without it.
    """
    _, session_id = people.session_of(principal)
    with transaction("auth"):
        account = people.lock_account_of(principal)
        gone, _ = Totp.objects.filter(account=account, confirmed_at__isnull=False).delete()
        if not gone:
            raise TotpNotFound
        factors.removed(account, method=Method.TOTP, name="", session_id=session_id, now=now)


def verify(account: Account, *, code: str, now: datetime) -> bool:
    """Return whether the account's app shows this code, which is then used up."""
    with transaction("auth"):
        endings.lock(account.id)
        row = Totp.objects.filter(account=account, confirmed_at__isnull=False).first()
        return row is not None and _use(row, code, now=now)


def code_at(secret: str, step: int, *, digits: int = 6) -> str:
    """Return the code that an app shows in that step since 1970."""
    return pyotp.HOTP(secret, digits=digits).at(step)


def step_at(now: datetime) -> int:
    """Return the number of the step that the instant is in."""
    return int(now.timestamp()) // STEP_SECONDS


def _use(row: Totp, code: str, *, now: datetime) -> bool:
    """Return whether the code is of a present step that is later than any used one."""
    secret, shown = decrypt(row.secret_encrypted), "".join(code.split())
    present = step_at(now)
    window = range(present - DRIFT, present + DRIFT + 1)
    fitting = [step for step in window if equal(code_at(secret, step), shown)]
    unused = [step for step in fitting if step > row.last_step]
    if not unused:
        return False
    row.last_step = max(unused)
    row.save(update_fields=["last_step"])
    return True
