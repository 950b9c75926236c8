from datetime import datetime, timedelta

from domains.auth.services import erasure, impersonation, keys
from domains.auth.services.expiry import delete_expired
from kernel.jobs import periodic


@periodic(every=timedelta(hours=1))
def delete_expired_rows(now: datetime) -> None:
    """Delete what nothing can use any more."""
    delete_expired(now=now)


@periodic(every=timedelta(minutes=10))
def renew_signing_keys(now: datetime) -> None:
    """Sign with the next key once the present one has had its time."""
    keys.renew(now=now)


@periodic(every=timedelta(minutes=1))
def end_overdue_impersonations(now: datetime) -> None:
    """Say of those whose hour is over that they ended."""
    impersonation.end_overdue(now=now)


@periodic(every=timedelta(hours=1))
def erase_closed_accounts(now: datetime) -> None:
    """Erase the accounts whose owners let the time to think again pass."""
    erasure.erase_due(now=now)
