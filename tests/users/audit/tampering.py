"""What an intruder does who has become the owner of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from kernel.db import transaction
from kernel.provisioning import keeper_of


@contextmanager
def as_keeper() -> Iterator[None]:
    """Be the keeper for the block, past every grant and trigger."""
    keeper = keeper_of(connections["users"].settings_dict["USER"])
    with transaction("users"), connections["users"].cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{keeper}"')
        cursor.execute("ALTER TABLE audit_chain DISABLE TRIGGER audit_chain_only_grows")
        yield
        cursor.execute("ALTER TABLE audit_chain ENABLE TRIGGER audit_chain_only_grows")
        cursor.execute("RESET ROLE")


def tamper(statement: str, *values: object) -> int:
    """Execute the statement as the keeper; return how many rows it changed."""
    with as_keeper(), connections["users"].cursor() as cursor:
        cursor.execute(statement, values or None)
        return int(cursor.rowcount)
