"""Signing in with a password."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import is_password_usable
from django.db.models import CharField, OuterRef, QuerySet, Subquery

from domains.auth.contract.data import Method
from domains.auth.contract.errors import CredentialsInvalid
from domains.auth.models import Account, Registration
from domains.auth.services import decoy_hashes, lockout, passwords, sign_in
from domains.auth.services.clients import Client
from kernel.queries import CompiledQuery, Given


def _with_tried_password() -> QuerySet[Account]:
    live = Registration.objects.filter(account=OuterRef("id"), expires_at__gt=Given("now"))
    tried = Subquery(live.order_by("-created_at", "-id").values("password")[:1])
    named = Account.objects.with_typed(Given("email", CharField()))
    return named.annotate(tried_password=tried)


_WITH_TRIED = CompiledQuery(_with_tried_password)


def log_in(*, email: str, password: str, client: Client, now: datetime) -> sign_in.Outcome:
    """Return the tokens of a new session, or a ticket if a second factor is needed.

    Raise `SignInLocked` or `CredentialsInvalid`, after the same work for unknown and known
    addresses; only who knows the password hears what `sign_in.conclude` raises.
    """
    decoy_hashes.refresh()
    account, stored = _find(email=email, now=now)
    named = account.email if account else email
    lockout.check(email=named, client=client, now=now)
    if not stored or not is_password_usable(stored):
        stored = decoy_hashes.decoy(named)
    right = passwords.is_right(password=password, stored=stored)
    if account is None or not right:
        lockout.failed(email=named, client=client, method=Method.PASSWORD, now=now)
        raise CredentialsInvalid
    _renew_hash(account, password=password)
    return sign_in.conclude(account, proven=(Method.PASSWORD,), client=client, now=now)


def _find(*, email: str, now: datetime) -> tuple[Account | None, str | None]:
    """Return the account and the hash of its password: until it is proven, the last one tried."""
    account: Any = _WITH_TRIED.first(email=unicodedata.normalize("NFC", email), now=now)
    if account is None:
        return None, None
    proven = account.email_verified_at is not None
    return account, account.password if proven else account.tried_password


def _renew_hash(account: Account, *, password: str) -> None:
    """Replace an older or foreign hash. The password stays, so its sessions go on."""
    stored = account.password
    if account.email_verified_at is None:
        return  # the password isn't the account's yet
    encoded = passwords.renewed(password=password, stored=stored)
    if encoded is None:
        return
    rows = Account.objects.filter(id=account.id)
    if not rows.filter(password=stored).update(password=encoded):
        encoded = rows.values_list("password", flat=True).get()  # somebody was faster
        if not passwords.is_right(password=password, stored=encoded):
            return
    account.password = encoded
