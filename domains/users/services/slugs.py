"""Slugs: what an organization is called in addresses, unique in lower case."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator

from django.db import IntegrityError

from domains.users import models
from domains.users.contract.errors import SlugTaken
from kernel.db import transaction

# What clients need for pages of their own, and what would pass for somebody official.
_RESERVED = """
    about account accounts admin administrator api app apps assets auth billing blog close contact
    dashboard docs download edit email explore favicon files health help home index internal
    invitations invite legal livez login logout mail me members metrics new notifications null
    official organization organizations owner people personal plans pricing privacy readyz register
    root search security settings setup signin signout signup sso staff static status support
    system team teams terms test undefined user users webhooks welcome well-known www
"""
RESERVED = frozenset(_RESERVED.split())
SHORTEST = 2
_FALLBACK = "organization"
_SUFFIX_LENGTH = 6
_SUFFIX = "abcdefghjkmnpqrstuvwxyz23456789"
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
# An id stands in the same places as a slug: one must never pass for the other.
_LIKE_AN_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


def is_reserved(slug: str) -> bool:
    """Return whether no organization may have the slug."""
    return slug in RESERVED or len(slug) < SHORTEST or bool(_LIKE_AN_ID.fullmatch(slug))


def derived_from(name: str) -> str:
    """Return the slug that the name makes, whoever may have it; never an empty one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _NOT_IN_SLUGS.sub("-", plain)[: models.SLUG_LENGTH - _SUFFIX_LENGTH - 1].strip("-")
    return slug or _FALLBACK


def insert(organization: models.Organization) -> None:
    """Insert the organization with the first slug of its name that nobody has.

    Two at once meet in the unique index: the later one waits, then takes another.
    """
    for slug in _candidates(organization.name):
        organization.slug = slug
        models.Organization.objects.bulk_create([organization], ignore_conflicts=True)
        if models.Organization.objects.within(organization.id).exists():
            return


def save(organization: models.Organization) -> None:
    """Save the organization; raise `SlugTaken` if another has the slug that it was given."""
    try:
        with transaction("users"):
            organization.save()
    except IntegrityError as error:
        if "slug" not in _constraint_of(error):
            raise
        raise SlugTaken(pointer="/slug") from error


def _candidates(name: str) -> Iterator[str]:
    slug = derived_from(name)
    if not is_reserved(slug):
        yield slug
    while True:
        yield f"{slug}-{''.join(secrets.choice(_SUFFIX) for _ in range(_SUFFIX_LENGTH))}"


def _constraint_of(error: IntegrityError) -> str:
    said = getattr(error.__cause__, "diag", None)
    return getattr(said, "constraint_name", None) or ""
