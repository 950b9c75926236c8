"""Staff let the sign-ins of an account through again."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.events import AccountUnlocked
from domains.auth.models import Account, SignInThrottle
from domains.auth.services import lockout
from kernel.db import transaction
from kernel.events import publish


def locked_until(account: Account, *, now: datetime) -> datetime | None:
    """Return until when some sign-ins of the account have to wait; None if none has to."""
    waiting = SignInThrottle.objects.filter(account=account, locked_until__gt=now)
    return waiting.order_by("-locked_until").values_list("locked_until", flat=True).first()


def is_locked(account: Account, *, now: datetime) -> bool:
    """Return whether some sign-ins of the account have to wait."""
    return locked_until(account, now=now) is not None


def unlock(account: Account, *, reason: str) -> None:
    """Forget all that failed before."""
    with transaction("auth"):
        lockout.lift(account)
        publish(AccountUnlocked(account_id=account.id, reason=reason))
