"""The world of the matrix: two organizations that have everything, and who asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from domains.auth import models as auth
from domains.users import models as users
from kernel.clock import now
from kernel.crypto import hash_secret
from kernel.permissions import Role, registry
from tests.isolation.effects import belongings
from tests.isolation.filling import make
from tests.isolation.naming import OURS, OUTSIDE, THEIRS, Mark
from tests.isolation.organizations import Organization, exported, organization, told
from tests.isolation.people import Person, api_key, ban, join, person

PEOPLE = ("owner", "admin", "member", "viewer", "former", "stranger", "banned")
MACHINES = ("key", "keyless", "machine")
ANONYMOUS = "anonymous"
ACTORS = (*PEOPLE, *MACHINES, ANONYMOUS)


@dataclass
class World:
    """Both organizations, the people who ask, and the secrets of keys by what they may do.

    The key and the keyless are the owner's, the machine is the organization's.
    """

    ours: Organization
    theirs: Organization
    people: dict[str, Person]
    keys_with: dict[str, str]
    keys_without: dict[str, str]
    machines: dict[str, str]
    _untouched: dict[Mark, dict[str, str]] = field(default_factory=dict)

    def untouched(self, mark: Mark) -> dict[str, str]:
        """Return the digests of the side's rows as they were before anybody asked."""
        return self._untouched[mark]

    def token(self, actor: str, permission: str | None) -> str | None:
        """Return what the actor shows: `permission` is what the key has, and the keyless lacks."""
        if actor == ANONYMOUS:
            return None
        if actor in PEOPLE:
            return self.people[actor].token
        keys = {"key": self.keys_with, "keyless": self.keys_without, "machine": self.machines}
        return keys[actor][permission or ""]


def build() -> World:
    """Store everything and return the world."""
    ours, theirs = organization(OURS), organization(THEIRS)
    former = person(OUTSIDE, "former")
    banned = person(OURS, "banned")
    row = users.Organization.objects.everywhere().get(id=ours.id)
    join(OURS, row, former.account.id, Role.OWNER).delete()
    join(OURS, row, banned.account.id, Role.ADMIN)
    ban(banned)
    _erased(OURS), _erased(THEIRS)
    former.own |= told(OUTSIDE, None, former) | exported(OUTSIDE, former)
    banned.own |= told(OURS, ours.id, banned) | exported(OURS, banned)
    owner = ours.people["owner"].account
    asking = {role.value: ours.people[role.value] for role in Role}
    world = World(
        ours=ours,
        theirs=theirs,
        people=asking | {"former": former, "stranger": theirs.people["owner"], "banned": banned},
        keys_with=_keys(ours, owner, lambda name: {name}),
        keys_without=_keys(ours, owner, lambda name: {*registry} - {name}),
        machines=_keys(ours, None, lambda name: {name}),
    )
    world._untouched = {mark: belongings(mark) for mark in (OURS, THEIRS)}
    return world


def _keys(
    of: Organization, account: auth.Account | None, permissions: Callable[[str], set[str]]
) -> dict[str, str]:
    """Return by permission the secret of a key that has it, or has all but it."""
    return {
        name: api_key(
            of.mark,
            of.id,
            name="key",
            by=of.people["owner"],
            account=account,
            service_account=None,
            permissions=sorted(permissions(name) & {*registry}),
        )[1]
        for name in ("", *registry)
    }


def _erased(mark: Mark) -> None:
    """Keep a receipt of somebody who was erased."""
    receipt = make(
        mark,
        users.ErasureReceipt,
        account_id=mark.new_id(),
        token_hash=hash_secret(f"receipt-of-{mark.word}"),
        requested_at=now(),
        erased_at=now(),
    )
    answer = {"domain": "users", "items": [{"what": mark.text("profile"), "outcome": "erased"}]}
    make(mark, users.ErasureAnswer, receipt=receipt, **answer)
