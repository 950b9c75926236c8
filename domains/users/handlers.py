"""What users does when other domains tell of something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domains.users.services import receipts
from domains.users.services.audit import entries
from domains.users.services.erasure import erase_person
from domains.users.services.founding import ensure_personal_organization
from domains.users.services.pictures import forget_picture
from kernel.events import Envelope, on
from kernel.privacy import Erased


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What users reads of a registration."""

    account_id: UUID


@on("auth.account_registered.v1", reads=Registered)
def make_personal_organization(envelope: Envelope[Registered]) -> None:
    """Give the new account its personal organization, unless a first request came before."""
    ensure_personal_organization(account_id=envelope.payload.account_id)


@dataclass(frozen=True, kw_only=True)
class AccountGone:
    """What users reads of an erased account: the marks are of its addresses (`kernel.erasure`)."""

    account_id: UUID
    address_marks: tuple[str, ...] = ()


@on("auth.account_erased.v1", reads=AccountGone)
def forget_person(envelope: Envelope[AccountGone]) -> None:
    """Erase the profile, the memberships and the invitations of whoever is gone."""
    gone = envelope.payload
    receipts.note_erasure(account_id=gone.account_id, erased_at=envelope.occurred_at)
    erase_person(account_id=gone.account_id, address_marks=gone.address_marks)


@dataclass(frozen=True, kw_only=True)
class AccountBack:
    """What users reads of an account that was opened again."""

    account_id: UUID


@on("auth.account_reopened.v1", reads=AccountBack)
def withdraw_erasure(envelope: Envelope[AccountBack]) -> None:
    """Forget that somebody asked to be erased who changed their mind."""
    receipts.withdraw_request(account_id=envelope.payload.account_id)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What users reads of a domain's answer to an erasure."""

    account_id: UUID
    items: tuple[Erased, ...]


@on("*.person_erased.v1", reads=Answer)
def note_erasure_answer(envelope: Envelope[Answer]) -> None:
    """Write into the receipt what a domain did."""
    receipts.note_answer(
        account_id=envelope.payload.account_id,
        domain=envelope.name.partition(".")[0],
        items=envelope.payload.items,
        answered_at=envelope.occurred_at,
    )


@dataclass(frozen=True, kw_only=True)
class FileDeleted:
    """What users reads of a file that is gone."""

    file_id: UUID


@on("files.file_deleted.v1", reads=FileDeleted)
def forget_deleted_picture(envelope: Envelope[FileDeleted]) -> None:
    """Take the file from the profiles and organizations that showed it."""
    forget_picture(file_id=envelope.payload.file_id)


# After the others: by then a new account has its personal organization, in whose trail it stands.
@on("*", reads=dict, batch=True)
def audit(envelopes: list[Envelope[dict[str, Any]]]) -> None:
    """Add what somebody did to the trail of the organization that it was done in."""
    entries.record(envelopes)
