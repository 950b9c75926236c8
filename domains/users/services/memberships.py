"""Joining, and the limits that joining meets."""

from __future__ import annotations

from uuid import UUID

from domains.users import models
from domains.users.contract.errors import MembershipLimitReached
from domains.users.contract.events import MemberJoined
from domains.users.services.profiles import lock_profile
from domains.users.services.roles import GivenRole
from kernel.events import publish

# Every request reads all memberships of its account.
MEMBERSHIPS_PER_ACCOUNT = 200


def join(
    *,
    organization: models.Organization,
    account_id: UUID,
    role: GivenRole,
    invitation_id: UUID | None = None,
) -> models.Membership:
    """Make the account a member of the locked organization, by the invitation if there is one.

    Raise `MembershipLimitReached` if the account belongs to too many already.
    """
    lock_profile(account_id)
    require_room(account_id)
    membership = models.Membership.objects.create(
        organization=organization,
        account_id=account_id,
        role=role.role,
        custom_role=role.custom_role,
    )
    publish(
        MemberJoined(
            organization_id=organization.id,
            account_id=account_id,
            role=role.key,
            invitation_id=invitation_id,
        )
    )
    return membership


def require_room(account_id: UUID) -> None:
    """Raise `MembershipLimitReached` if the account, locked, can't have another membership."""
    held = models.Membership.objects.everywhere().filter(account_id=account_id).count()
    if held >= MEMBERSHIPS_PER_ACCOUNT:
        raise MembershipLimitReached(f"An account belongs to {MEMBERSHIPS_PER_ACCOUNT} at most.")
