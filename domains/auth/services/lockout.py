"""Failed sign-ins make further ones wait: longer each time, and nobody but whoever failed.

Three counters are kept for each failure: of the account (the address that was typed, whether it
is known or not), of the network it came from, and of the pair of both. A client that the account
has signed in with before is held by the pair alone, so that strangers can't lock the owner out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from domains.auth.contract.data import Method
from domains.auth.contract.errors import SignInLocked
from domains.auth.models import Account, SignInThrottle
from domains.auth.services import failures
from domains.auth.services.clients import Client
from kernel.crypto import sign
from kernel.db import transaction
from kernel.queries import CompiledQuery, each

Scope = SignInThrottle.Scope
QUOTA = {Scope.ACCOUNT: 10, Scope.PAIR: 10, Scope.NETWORK: 100}
WINDOW = timedelta(hours=1)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
# How long after a lock further failures still lengthen the next one.
MEMORY = timedelta(hours=24)
# How long nobody is told again of an account whose owner didn't sign in since.
NOTICE_MEMORY = timedelta(days=30)
COUNTED = (
    "account",
    "failures",
    "window_started_at",
    "locks",
    "locked_until",
    "noticed_at",
    "expires_at",
)

_COUNTERS = CompiledQuery(lambda: SignInThrottle.objects.filter(pk__in=each("subjects", "text")))
_LOCKED_COUNTERS = CompiledQuery(
    lambda: (
        SignInThrottle.objects.filter(pk__in=each("subjects", "text"))
        .select_for_update()
        .order_by("pk")
    )
)


def check(*, email: str, client: Client, now: datetime) -> None:
    """Raise `SignInLocked` if this client must wait before it tries the address again."""
    rows = _COUNTERS(subjects=list(_subjects(email, client)))
    _refuse_waiting(_wait(rows, email=email, client=client, now=now))


def failed(*, email: str, client: Client, method: Method, now: datetime) -> None:
    """Count a failure, and tell of it if there is such an account.

    Raise `SignInLocked` if others failed meanwhile, so that no more answers are given than there
    are attempts.
    """
    with transaction("auth"):
        account = Account.objects.with_email(email).select_for_update(no_key=True).first()
        rows = _lock_or_make(email, client, now=now)
        wait = _wait(rows, email=email, client=client, now=now)
        if not wait:
            _count(rows, account, client=client, method=method, now=now)
    _refuse_waiting(wait)


def check_again(*, email: str, client: Client, now: datetime) -> None:
    """Raise `SignInLocked` if others failed meanwhile, and let nobody fail until the commit.

    Runs in a transaction that has locked the account.
    """
    _refuse_waiting(_wait(_lock(email, client), email=email, client=client, now=now))


def succeeded(*, email: str, client: Client) -> None:
    """Forget what failed before. The network's stays: one account of a thief's own is no pardon."""
    subjects = list(_subjects(email, client))
    if _COUNTERS(subjects=subjects):  # most people get it right
        SignInThrottle.objects.filter(pk__in=subjects).exclude(scope=Scope.NETWORK).delete()


def lift(account: Account) -> None:
    """Let sign-ins of the account through again, from everywhere."""
    subject = _subject(Scope.ACCOUNT, _folded(account.email))
    SignInThrottle.objects.filter(pk=subject).delete()
    SignInThrottle.objects.filter(account=account).delete()


def _folded(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).casefold()


def _subject(scope: str, *names: str) -> str:
    """Return what a counter is found by. Keyed: people type passwords where the address belongs."""
    return sign("sign-in-throttle", "\0".join((scope, *names)).encode())


def _subjects(email: str, client: Client) -> dict[str, Scope]:
    """Return the scopes of the three counters by their subjects."""
    address = _folded(email)
    return {
        _subject(Scope.ACCOUNT, address): Scope.ACCOUNT,
        _subject(Scope.NETWORK, client.host): Scope.NETWORK,
        _subject(Scope.PAIR, address, client.host): Scope.PAIR,
    }


def _lock_or_make(email: str, client: Client, *, now: datetime) -> list[SignInThrottle]:
    subjects = _subjects(email, client)
    # In one order everywhere, so that no two wait for one another.
    made = [
        SignInThrottle(
            subject_hash=subject, scope=scope, window_started_at=now, expires_at=now + WINDOW
        )
        for subject, scope in sorted(subjects.items())
    ]
    SignInThrottle.objects.bulk_create(made, ignore_conflicts=True)
    return _lock(email, client)


def _lock(email: str, client: Client) -> list[SignInThrottle]:
    return _LOCKED_COUNTERS(subjects=list(_subjects(email, client)))


def _count(
    rows: list[SignInThrottle],
    account: Account | None,
    *,
    client: Client,
    method: Method,
    now: datetime,
) -> None:
    """Count one failure in each row, and say what became of it."""
    locked_before = {row.scope for row in rows if row.noticed_at is not None}
    for row in rows:
        _add(row, account, now=now)
    SignInThrottle.objects.bulk_update(rows, COUNTED)
    until = next((row.locked_until for row in rows if row.scope == Scope.ACCOUNT), None)
    news = until is not None and Scope.ACCOUNT not in locked_before
    failures.tell(account, client=client, method=method, locked_until=until if news else None)


def _add(row: SignInThrottle, account: Account | None, *, now: datetime) -> None:
    _forget(row, now=now)
    row.failures += 1
    if row.failures < QUOTA[Scope(row.scope)]:
        row.expires_at = max(row.window_started_at + WINDOW, row.expires_at)
        return
    delay = min(FIRST_DELAY * 2 ** min(row.locks, 10), LONGEST_DELAY)
    row.locks += 1
    row.locked_until = now + delay
    row.expires_at = row.locked_until + MEMORY
    if row.scope == Scope.NETWORK:
        return
    row.account = account
    if row.scope == Scope.ACCOUNT:
        row.noticed_at = row.noticed_at or now
        row.expires_at = row.locked_until + NOTICE_MEMORY


def _forget(row: SignInThrottle, *, now: datetime) -> None:
    """Begin anew if an hour passed without a lock, or a day since the last one."""
    quiet_since = row.locked_until + MEMORY if row.locked_until else row.window_started_at + WINDOW
    if now >= quiet_since:
        row.failures, row.locks, row.locked_until, row.window_started_at = 0, 0, None, now


def _wait(
    rows: Iterable[SignInThrottle], *, email: str, client: Client, now: datetime
) -> timedelta:
    """Return how long the client must wait."""
    waits = {row.scope: row.locked_until - now for row in rows if row.locked_until is not None}
    waits = {scope: wait for scope, wait in waits.items() if wait > timedelta(0)}
    if waits and _is_known(email, client):
        waits = {scope: wait for scope, wait in waits.items() if scope == Scope.PAIR}
    return max(waits.values(), default=timedelta(0))


def _is_known(email: str, client: Client) -> bool:
    """Return whether the account has signed in with such a device in this network before."""
    seen = {"known_devices__device": client.device, "known_devices__network": client.network}
    return Account.objects.with_email(email).filter(**seen).exists()


def _refuse_waiting(wait: timedelta) -> None:
    if wait > timedelta(0):
        raise SignInLocked(retry_after=ceil(wait.total_seconds()))
