"""What people and organizations are called: users knows, and domains that stand below it ask."""

from __future__ import annotations

from uuid import UUID

from domains.users import interface as users


def name_of(account_id: UUID) -> str:
    """Return the name that the account's owner chose, "" without one; raise `Unavailable`."""
    (profile,) = users.get_profiles(account_ids=[account_id])
    return profile.display_name


def organization_name_of(organization_id: UUID) -> str:
    """Return the organization's name, "" for a personal one or for none; raise `Unavailable`."""
    found = users.get_organizations(organization_ids=[organization_id])
    return next((each.name for each in found if not each.personal), "")
