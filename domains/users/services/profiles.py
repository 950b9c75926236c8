"""People's profiles, kept for every account that was ever seen."""

from __future__ import annotations

from uuid import UUID

from domains.users import models
from domains.users.contract.data import Profile


def get_profiles(*, account_ids: list[UUID]) -> list[Profile]:
    """Return a profile for each account, in the order asked; one never seen has the defaults."""
    known = models.Profile.objects.in_bulk(account_ids)
    return [_to_profile(known.get(key) or models.Profile(account_id=key)) for key in account_ids]


def ensure_profile(account_id: UUID) -> models.Profile:
    """Return the account's profile, made with the defaults if need be."""
    profile, _ = models.Profile.objects.get_or_create(account_id=account_id)
    return profile


def lock_profile(account_id: UUID) -> models.Profile:
    """Return the account's profile, made if need be and locked until the transaction ends.

    Whatever adds to an account's memberships holds this lock, so that two at once are counted.
    """
    fresh = models.Profile(account_id=account_id)
    models.Profile.objects.bulk_create([fresh], ignore_conflicts=True)
    return models.Profile.objects.select_for_update(no_key=True).get(account_id=account_id)


def _to_profile(row: models.Profile) -> Profile:
    return Profile(
        account_id=row.account_id,
        display_name=row.display_name,
        locale=row.locale,
        time_zone=row.time_zone,
    )
