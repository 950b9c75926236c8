"""Inviting many at once: every row is answered, in its order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from domains.users.contract.errors import AddressInvalid, CsvInvalid
from domains.users.services.invitation_csv import Row, read_rows
from domains.users.services.invitations import Answered, invite_all
from domains.users.services.inviting import Wanted
from domains.users.services.people import composed
from domains.users.services.roles import canonical
from kernel.errors import DomainError
from kernel.principal import Principal

LONGEST_ADDRESS = 254


@dataclass(frozen=True, kw_only=True)
class AnsweredRow:
    """A row and what became of it."""

    row: Row
    answer: Answered

    @property
    def status(self) -> str:
        """`invited`, `renewed` or `refused`."""
        if self.answer.refusal:
            return "refused"
        return "renewed" if self.answer.renewed else "invited"

    @property
    def detail(self) -> str | None:
        """Why it was refused."""
        refusal = self.answer.refusal
        return (refusal.detail or refusal.title) if refusal else None


def invite_by_csv(
    *, principal: Principal, organization_id: UUID, content: bytes, now: datetime
) -> list[AnsweredRow]:
    """Invite whom the CSV names; return every row with its invitation or refusal.

    Raise `OrganizationNotFound`, `Forbidden`, `OrganizationClosed`, `CsvInvalid` or `TooManyRows`,
    and then nobody is invited.
    """
    rows = read_rows(content)
    refusals = {row.number: refusal for row in rows if (refusal := _refusal(row))}
    taken = [row for row in rows if row.number not in refusals]
    wanted = [Wanted(email=row.email, role=canonical(row.role)) for row in taken]
    answered = invite_all(
        principal=principal, organization_id=organization_id, wanted=wanted, now=now
    )
    answers = dict(zip((row.number for row in taken), answered, strict=True))
    answers |= {number: Answered(refusal=refusal) for number, refusal in refusals.items()}
    return [AnsweredRow(row=row, answer=answers[row.number]) for row in rows]


def _refusal(row: Row) -> DomainError | None:
    """Return what is wrong with the row by itself."""
    if row.malformed:
        return CsvInvalid("The row has more columns than the header.")
    email = composed(row.email)
    try:
        validate_email(email)
    except ValidationError:
        return AddressInvalid()
    return None if len(email) <= LONGEST_ADDRESS else AddressInvalid()
