"""A person's own view: profile, address, and everything they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domains.auth import interface as auth
from domains.users import models
from domains.users.contract.events import ProfileUpdated
from domains.users.services import belonging
from domains.users.services.changes import apply
from domains.users.services.people import account_of, get_account, person_of
from domains.users.services.preferences import merged
from domains.users.services.profiles import ensure_profile, lock_profile
from kernel.db import transaction
from kernel.events import publish
from kernel.preconditions import Precondition, entity_tag
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Me:
    """The caller, and what this request may know of that they belong to."""

    account: auth.Account
    profile: models.Profile
    belonging: belonging.Belonging

    @property
    def tag(self) -> str:
        """The entity tag of all that is shown."""
        return entity_tag(
            self.account.email,
            self.account.email_verified,
            self.profile.updated_at,
            self.belonging.version,
        )


def get_me(*, principal: Principal, now: datetime) -> Me:
    """Return the caller: one query here if they are in no team and nothing waits for them."""
    account = get_account(account_of(principal))
    found = _belonging(principal, account, now=now)
    # Whoever has a membership has a profile, and the rows brought it along.
    profile = found.profile or ensure_profile(account.id)
    return Me(account=account, profile=profile, belonging=found)


def update_me(
    *, principal: Principal, wanted: Mapping[str, Any], expected: Precondition, now: datetime
) -> Me:
    """Change the caller's profile; return the caller.

    Raise `auth.SessionRequired` for an API key, `PreconditionFailed` if it isn't as expected, or
    `TooManyPreferences`.
    """
    account = get_account(person_of(principal))
    with transaction("users"):
        profile = lock_profile(account.id)
        found = _belonging(principal, account, now=now)
        me = Me(account=account, profile=profile, belonging=found)
        expected.check(me.tag)
        _change(profile, dict(wanted))
    return me


def _belonging(
    principal: Principal, account: auth.Account, *, now: datetime
) -> belonging.Belonging:
    email = account.email if account.email_verified else ""
    return belonging.load(principal, account_id=account.id, email=email, now=now)


def _change(profile: models.Profile, wanted: dict[str, Any]) -> None:
    if "preferences" in wanted:
        wanted["preferences"] = merged(profile.preferences, wanted["preferences"])
    fields = tuple(change.field for change in apply(profile, wanted))
    if fields:
        profile.save()
        publish(ProfileUpdated(account_id=profile.account_id, fields=fields))
