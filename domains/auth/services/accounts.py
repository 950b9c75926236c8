"""Accounts as others see them, and those that are made without a registration."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from uuid import UUID

from django.db.models import F

from domains.auth.contract import data
from domains.auth.contract.events import AccountRegistered, EmailVerified
from domains.auth.models import IN_BYTES, Account, KnownDevice, Registration, Session
from domains.auth.services import endings, passwords, ways_in
from domains.auth.services.normalization import clean_email
from kernel.context import prove
from kernel.db import transaction
from kernel.events import publish
from kernel.queries import CompiledQuery, each

_BY_IDS = CompiledQuery(
    lambda: Account.objects.filter(id__in=each("ids", "uuid"), erased_at=None).only(
        "email", "email_verified_at", "is_active"
    )
)


def get_accounts(*, account_ids: list[UUID]) -> list[data.Account]:
    """Return those of the accounts that exist."""
    return [_to_account(row) for row in _BY_IDS(ids=account_ids)]


def lock_account(*, email: str, now: datetime) -> tuple[Account, bool]:
    """Return the account of the address locked for update, and whether it was made just now.

    Two that make the same one at once meet in the unique index: one waits, then finds it.
    """
    made = Account(email=email, password=passwords.UNUSABLE, created_at=now)
    Account.objects.bulk_create([made], ignore_conflicts=True)
    account = Account.objects.with_email(email).select_for_update().get()
    return account, account.id == made.id


def ensure_account(*, email: str, password: str, staff: bool, now: datetime) -> data.Account:
    """Return the account of the address, made and verified if need be."""
    email = clean_email(email)
    known = Account.objects.with_email(email).filter(email_verified_at__isnull=False).first()
    if known is not None and (known.is_superuser or not staff):
        return _to_account(known)
    passwords.check_password_rules(password=password, email=email)
    encoded = passwords.hash_password(password)
    with transaction("auth"):
        account, made = lock_account(email=email, now=now)
        if made:
            publish(AccountRegistered(account_id=account.id))
        if account.email_verified_at is None:
            prove_mailbox(account, password=encoded, now=now)
        if staff:
            account.is_staff = account.is_superuser = True
        account.save()
    return _to_account(account)


def find_accounts(*, query: str, limit: int) -> list[data.Account]:
    """Return the accounts whose address begins so, in whatever case, at most `limit` of them."""
    begun = unicodedata.normalize("NFC", query.strip()).lower().replace("\0", "")
    if not begun:
        return []
    rows = Account.objects.alias(folded=IN_BYTES).filter(folded__startswith=begun, erased_at=None)
    return [_to_account(row) for row in rows.order_by(F("folded"))[:limit]]


def introduce(account: Account, *, now: datetime) -> None:
    """Store a new account whose mailbox staff vouch for."""
    with transaction("auth"):
        account.email_verified_at = now
        account.save()
        publish(
            AccountRegistered(account_id=account.id),
            EmailVerified(account_id=account.id),
        )


def prove_mailbox(account: Account, *, password: str, now: datetime) -> None:
    """Give the account, which is locked, the password of whoever proved to own the mailbox.

    Everything that others tried to set before goes, and whoever signed in is signed out.
    """
    endings.end_everything(account, reason=Session.Reason.EMAIL, now=now)
    ways_in.drop_unproven(account)
    KnownDevice.objects.filter(account=account).delete()
    account.password, account.email_verified_at = password, now
    account.password_changed_at = None if password == passwords.UNUSABLE else now
    account.email_sign_in = False
    account.save(
        update_fields=["password", "email_verified_at", "password_changed_at", "email_sign_in"]
    )
    Registration.objects.filter(account=account).delete()
    prove(account.id)
    publish(EmailVerified(account_id=account.id))


def _to_account(row: Account) -> data.Account:
    return data.Account(
        id=row.id,
        email=row.email,
        email_verified=row.email_verified_at is not None,
        is_active=row.is_active,
    )
