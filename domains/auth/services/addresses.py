"""An account gets another address: one that its owner has proven, and that nobody else has."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from domains.auth.contract.errors import EmailUnavailable
from domains.auth.models import Account
from domains.auth.services import erasure
from kernel.db import transaction


def proven_holder(email: str, *, besides: Account) -> Account | None:
    """Return the other account that has proven the address, if there is one."""
    others = Account.objects.with_email(email).exclude(id=besides.id)
    return others.filter(email_verified_at__isnull=False).first()


def move(account: Account, *, to: str, now: datetime) -> None:
    """Give the account, which is locked, the address whose mail its owner has just read.

    Who holds the address without proof of it gives way. Raise `EmailUnavailable` if somebody
    else has proven it, however late.
    """
    if proven_holder(to, besides=account) is not None:
        raise EmailUnavailable
    _evict_unproven(to, besides=account, now=now)
    account.email, account.email_verified_at = to, now
    try:
        with transaction("auth"):
            account.save(update_fields=["email", "email_verified_at"])
    except IntegrityError as error:
        raise EmailUnavailable from error


def _evict_unproven(email: str, *, besides: Account, now: datetime) -> None:
    # Only unproven ones are locked: two that move to each other's address never wait in a ring.
    unproven = Account.objects.with_email(email).filter(email_verified_at__isnull=True)
    squatter = unproven.select_for_update().exclude(id=besides.id).first()
    if squatter is not None:
        erasure.erase(squatter, now=now)
