"""Erasing a person: what goes with them, and who goes on with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domains.users.contract.events import PersonErased
from domains.users.services.privacy import HOLDINGS
from kernel.db import transaction
from kernel.events import publish
from kernel.privacy import Person, erase


def erase_person(*, account_id: UUID, address_marks: Sequence[str]) -> None:
    """Do with everything that is kept about the person what the table says; repeatable."""
    person = Person(account_id=account_id, address_marks=tuple(address_marks))
    with transaction("users"):
        erased = erase(HOLDINGS, person)
        publish(PersonErased(account_id=account_id, items=erased))
