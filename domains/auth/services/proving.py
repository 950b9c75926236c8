"""Whether an answer proves that whoever gives it owns the account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domains.auth.contract.data import Method
from domains.auth.models import Account, PasskeyChallenge
from domains.auth.services import passkeys, passwords, recovery_codes, totp

Answer = str | Mapping[str, Any]
# What can be guessed, and so is counted; nobody is kept from showing a passkey.
GUESSABLE = frozenset({Method.PASSWORD, Method.TOTP, Method.RECOVERY_CODE})


def verify(
    account: Account,
    *,
    method: Method,
    answer: Answer,
    purpose: PasskeyChallenge.Purpose,
    now: datetime,
) -> bool:
    """Return whether the answer proves the method; what is good once is used up."""
    if isinstance(answer, Mapping):
        return method == Method.PASSKEY and passkeys.verify(
            account, credential=dict(answer), purpose=purpose, now=now
        )
    if method == Method.PASSWORD:
        return passwords.is_right(password=answer, stored=account.password)
    if method == Method.TOTP:
        return totp.verify(account, code=answer, now=now)
    if method == Method.RECOVERY_CODE:
        return recovery_codes.verify(account, code=answer, now=now)
    return False
