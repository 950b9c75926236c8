"""What the owner of an account is called: users knows, and auth, which stands below it, asks."""

from __future__ import annotations

from uuid import UUID

from domains.users import interface as users


def name_of(account_id: UUID) -> str:
    """Return the name that the account's owner chose, "" without one; raise `Unavailable`."""
    (profile,) = users.get_profiles(account_ids=[account_id])
    return profile.display_name
