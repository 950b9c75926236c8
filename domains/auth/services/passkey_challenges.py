"""What a passkey is given to sign: good once, for one purpose, for five minutes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from domains.auth.models import Account, PasskeyChallenge

LIFETIME = timedelta(minutes=5)
LENGTH = 32


def new_challenge(
    *, purpose: PasskeyChallenge.Purpose, account: Account | None, now: datetime
) -> bytes:
    """Return a fresh challenge for whoever the account is of; None for whoever answers it."""
    challenge = secrets.token_bytes(LENGTH)
    PasskeyChallenge.objects.create(
        purpose=purpose,
        account=account,
        challenge=challenge,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return challenge


def take(
    challenge: bytes,
    *,
    purpose: PasskeyChallenge.Purpose,
    account: Account | None,
    now: datetime,
) -> bool:
    """Return whether the challenge was given for this, and from now on is used.

    Of two that take it at once one has it: the other waits for the row and finds it used.
    """
    given = PasskeyChallenge.objects.filter(purpose=purpose, account=account)
    live = given.filter(challenge=challenge, used_at__isnull=True, expires_at__gt=now)
    return bool(live.update(used_at=now))
