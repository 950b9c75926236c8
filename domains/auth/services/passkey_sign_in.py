"""Signing in with a passkey: it names its account, and its user was verified by it.

No lockout looks at it. Nothing can be guessed here, and an owner whose password others guess at
still gets in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domains.auth.contract.data import Method
from domains.auth.contract.errors import PasskeyInvalid
from domains.auth.models import Account, PasskeyChallenge
from domains.auth.services import failures, passkeys, sign_in
from domains.auth.services.clients import Client
from kernel.db import transaction


def options(*, now: datetime) -> dict[str, Any]:
    """Return what a browser asks any passkey of ours for, whoever sits there."""
    return passkeys.request_options(None, purpose=PasskeyChallenge.Purpose.SIGN_IN, now=now)


def log_in(*, credential: dict[str, Any], client: Client, now: datetime) -> sign_in.Outcome:
    """Return the tokens of a new session of the passkey's owner.

    Raise `PasskeyInvalid` for an unknown passkey as for a wrong answer, and to the owner alone
    what `sign_in.conclude` raises.
    """
    account = passkeys.owner(credential)
    if account is None or not _is_right(account, credential, client, now=now):
        raise PasskeyInvalid(pointer="/credential")
    return sign_in.conclude(account, proven=(Method.PASSKEY,), client=client, now=now)


def _is_right(
    account: Account, credential: dict[str, Any], client: Client, *, now: datetime
) -> bool:
    with transaction("auth"):
        right = passkeys.verify(
            account, credential=credential, purpose=PasskeyChallenge.Purpose.SIGN_IN, now=now
        )
        if not right:
            failures.tell(account, client=client, method=Method.PASSKEY, locked_until=None)
    return right
