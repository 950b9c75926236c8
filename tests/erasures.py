"""Saying, as their domains do, that an account or an organization is gone; each time twice over."""

from __future__ import annotations

from uuid import UUID

from domains.auth import interface as auth
from domains.users import interface as users
from kernel.db import transaction
from kernel.erasure import mark_of
from kernel.events import publish

TIMES = 2


def account_erased(account_id: UUID, *addresses: str) -> None:
    """Say that the account is gone, in two events: what handles them must stand that."""
    marks = tuple(mark_of(address) for address in addresses)
    for _ in range(TIMES):
        with transaction("auth"):
            publish(auth.AccountErased(account_id=account_id, address_marks=marks))


def organization_erased(organization_id: UUID) -> None:
    """Say that the organization is gone, in two events."""
    for _ in range(TIMES):
        with transaction("users"):
            publish(users.OrganizationErased(organization_id=organization_id))
