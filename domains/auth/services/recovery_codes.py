"""Ten codes on paper, for whoever has lost the other factors; each is good once."""

from __future__ import annotations

import secrets
from datetime import datetime

from domains.auth.contract.errors import FactorRequired
from domains.auth.contract.events import RecoveryCodesMade, RecoveryCodeUsed
from domains.auth.models import Account, RecoveryCode
from domains.auth.services import endings, factors, people
from kernel.context import prove
from kernel.crypto import hash_secret
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

HOW_MANY = 10
# Without I, L, O and U (Crockford): 24 of 32 letters are 120 bits, too many to guess a hash's.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 24
GROUP = 6
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None})


def make(principal: Principal, *, now: datetime) -> list[str]:
    """Return ten new codes, shown this once, in place of all former ones.

    Raise `FactorRequired` for an account without another second factor: codes alone are none.
    """
    with transaction("auth"):
        account = people.lock_account_of(principal)
        if not factors.second_factors(account):
            raise FactorRequired
        return _replace(account, now=now)


def make_first(account: Account, *, now: datetime) -> list[str]:
    """Return ten codes if the account, which is locked, never had any; otherwise none."""
    if RecoveryCode.objects.filter(account=account).exists():
        return []
    return _replace(account, now=now)


def verify(account: Account, *, code: str, now: datetime) -> bool:
    """Return whether this is an unused code of the account, which is then used."""
    unused = RecoveryCode.objects.filter(account=account, used_at__isnull=True)
    with transaction("auth"):
        endings.lock(account.id)
        if not unused.filter(code_hash=hash_secret(_read(code))).update(used_at=now):
            return False
        prove(account.id)
        publish(RecoveryCodeUsed(account_id=account.id, left=unused.count()))
    return True


def left(account: Account) -> int:
    """Return how many codes are still good."""
    return RecoveryCode.objects.filter(account=account, used_at__isnull=True).count()


def _replace(account: Account, *, now: datetime) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = [_new() for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, code_hash=hash_secret(_read(code)), created_at=now)
        for code in codes
    )
    publish(RecoveryCodesMade(account_id=account.id))
    return codes


def _new() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def _read(typed: str) -> str:
    """Return the code's letters, however they were copied."""
    return "".join(typed.upper().split()).translate(_READ_AS)
