"""Being erased, and the receipt for it: what each domain erased, made anonymous, or must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from domains.auth import interface as auth
from domains.users.contract.errors import ErasureReceiptNotFound
from domains.users.models import ErasureAnswer, ErasureReceipt
from domains.users.services.people import person_of
from kernel.crypto import hash_secret, new_secret
from kernel.db import transaction
from kernel.principal import Principal
from kernel.privacy import Erased


@dataclass(frozen=True, kw_only=True)
class Requested:
    """When somebody is erased, and the secret that shows the receipt: this one time."""

    erase_at: datetime
    receipt_token: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What is known of an erasure: `complete` once every domain has answered."""

    requested_at: datetime | None
    erased_at: datetime | None
    complete: bool
    answers: list[ErasureAnswer]


def request_erasure(*, principal: Principal, immediately: bool, now: datetime) -> Requested:
    """Have the caller's account closed and erased after the time to undo it, or at once.

    Raise `auth.SessionRequired` for an API key, `auth.StaffStays`, or `Unauthenticated` if the
    session has ended.
    """
    account_id = person_of(principal)
    if principal.session_id is None:
        raise auth.SessionRequired
    erase_at = auth.close_account(
        account_id=account_id, session_id=principal.session_id, immediately=immediately
    )
    token = new_secret()
    with transaction("users"):
        # Where it was at once, the domains may have answered already.
        ErasureReceipt.objects.update_or_create(
            account_id=account_id, defaults={"token_hash": hash_secret(token), "requested_at": now}
        )
    return Requested(erase_at=erase_at, receipt_token=token)


def withdraw_request(*, account_id: UUID) -> None:
    """Forget that somebody asked to be erased, who has opened the account again; repeatable."""
    asked = ErasureReceipt.objects.filter(account_id=account_id, erased_at=None)
    asked.filter(answers=None).delete()


def note_erasure(*, account_id: UUID, erased_at: datetime) -> None:
    """Note when the account was erased, whoever asked for it; repeatable."""
    with transaction("users"):
        ErasureReceipt.objects.get_or_create(account_id=account_id)
        unknown = ErasureReceipt.objects.filter(account_id=account_id, erased_at=None)
        unknown.update(erased_at=erased_at)


def note_answer(
    *, account_id: UUID, domain: str, items: Sequence[Erased], answered_at: datetime
) -> None:
    """Note what a domain answered; its first answer stands."""
    with transaction("users"):
        receipt, _ = ErasureReceipt.objects.get_or_create(account_id=account_id)
        answer = ErasureAnswer(
            receipt=receipt,
            domain=domain,
            items=[asdict(item) for item in items],
            answered_at=answered_at,
        )
        ErasureAnswer.objects.bulk_create([answer], ignore_conflicts=True)


def get_receipt(*, token: str) -> Receipt:
    """Return the receipt that the token was given for; raise `ErasureReceiptNotFound`."""
    row = ErasureReceipt.objects.filter(token_hash=hash_secret(token)).first()
    if row is None:
        raise ErasureReceiptNotFound
    answers = list(row.answers.order_by("domain"))
    return Receipt(
        requested_at=row.requested_at,
        erased_at=row.erased_at,
        complete={answer.domain for answer in answers} >= set(settings.ALL_DOMAINS),
        answers=answers,
    )
