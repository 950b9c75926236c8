"""Forgetting a person in the audit, whose chain stays whole."""

from __future__ import annotations

from uuid import UUID

from django.db import connections

from kernel.db import transaction


def forget_person(*, account_id: UUID) -> None:
    """Erase the personal parts of what the person did, or what was done to their account.

    Repeatable. That they acted, and their id, stay: the hashes are
    over that, and over no more than a salted digest of the rest. See docs/adr/0086.
    """
    with transaction("users"), connections["users"].cursor() as cursor:
        cursor.execute("SELECT audit_forget_person(%s)", [account_id])
