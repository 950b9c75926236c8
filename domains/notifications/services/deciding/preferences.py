"""What people, and organizations for them, say of how soon they are told, if at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from domains.notifications.contract.errors import (
    CategoryMandatory,
    CategoryNotFound,
    FrequencyUnsupported,
)
from domains.notifications.contract.permissions import CATEGORY_READ, CATEGORY_WRITE
from domains.notifications.models import (
    Channel,
    DefaultPreference,
    Delivery,
    DeliveryState,
    Frequency,
    Preference,
    Rhythm,
)
from domains.notifications.services.catalogue.categories import is_mandatory
from domains.notifications.services.deciding import categories, rhythms
from domains.notifications.services.deciding.categories import Shown
from domains.notifications.services.deciding.deciding import MANDATORY
from domains.notifications.services.feed.reading import require_person
from domains.notifications.services.trace import Decision, Step, appended, entry
from kernel.db import transaction
from kernel.principal import Principal

WAITING = (DeliveryState.PENDING, DeliveryState.DEFERRED)
PERSON, ORGANIZATION, PRODUCT = "preference.person", "preference.organization", "preference.product"
# The feed is looked at when one likes: nothing in it is gathered.
OF_A_FEED = (Frequency.OFF, Frequency.IMMEDIATELY)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How soon one is told of a category (by its key) by a channel."""

    category: str
    channel: str
    frequency: str


@dataclass(frozen=True, kw_only=True)
class Effective:
    """What holds for a category and a channel, and whose word it is."""

    category: str
    name: str
    mandatory: bool
    channel: str
    frequency: str
    said_by: str


def switch_off(*, account_id: UUID, category: str, channel: str, now: datetime) -> None:
    """Tell the person no more of the category by the channel, nor what waits to be sent.

    `category` is what the delivery has. Raise `CategoryMandatory` where nobody may.
    """
    if is_mandatory(category):
        raise CategoryMandatory
    with transaction("notifications"):
        _write(account_id, [(category, channel, Frequency.OFF)], now)
        _drop_waiting(account_id, category, channel, now)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """All that holds for a person in an organization: what they are told, and when."""

    preferences: list[Effective]
    rhythm: Rhythm


def get_preferences(*, principal: Principal) -> Wishes:
    """Return what holds for the person in the present organization; raise `PersonRequired`."""
    account_id = require_person(principal)
    shown = categories.visible(principal.organization_id)
    mine = {
        (each.category, each.channel): each.frequency
        for each in Preference.objects.filter(account_id=account_id)
    }
    return Wishes(
        preferences=_effective(shown, mine, _defaults_of(principal.organization_id)),
        rhythm=rhythms.get_rhythm(account_id=account_id),
    )


def put_preferences(
    *, principal: Principal, choices: Sequence[Choice], rhythm: Mapping[str, Any], now: datetime
) -> Wishes:
    """Have these, and no others, be the person's own of the categories in view, and the rhythm.

    Raise `PersonRequired`, `CategoryNotFound` or `CategoryMandatory`.
    """
    account_id = require_person(principal)
    shown = categories.visible(principal.organization_id)
    rows = _stored(shown, choices)
    with transaction("notifications"):
        # Their only row of a kind comes first: of two at once, the second waits here.
        rhythms.put_rhythm(account_id=account_id, rhythm=rhythm)
        theirs = Preference.objects.filter(
            account_id=account_id, category__in=[each.stored for each in shown]
        )
        theirs.delete()
        _write(account_id, rows, now)
        for category, channel, frequency in rows:
            if frequency == Frequency.OFF:
                _drop_waiting(account_id, category, channel, now)
    return get_preferences(principal=principal)


def get_defaults(*, principal: Principal) -> list[Effective]:
    """Return what holds in the present organization for whoever says nothing."""
    principal.require(CATEGORY_READ)
    return _effective_defaults(principal.organization_id)


def put_defaults(*, principal: Principal, choices: Sequence[Choice]) -> list[Effective]:
    """Have these, and no others, be the organization's; raise as `put_preferences` does."""
    principal.require(CATEGORY_WRITE)
    organization_id = principal.organization_id
    rows = _stored(categories.visible(organization_id), choices)
    with transaction("notifications"):
        _one_after_the_other(organization_id)
        DefaultPreference.objects.within(organization_id).delete()
        DefaultPreference.objects.bulk_create(
            [
                DefaultPreference(
                    organization_id=organization_id,
                    category=category,
                    channel=channel,
                    frequency=frequency,
                )
                for category, channel, frequency in rows
            ],
            update_conflicts=True,
            unique_fields=["organization_id", "category", "channel"],
            update_fields=["frequency"],
        )
    return _effective_defaults(organization_id)


def _one_after_the_other(organization_id: UUID) -> None:
    """Wait for whoever else says what holds in the organization: there may be no row to lock."""
    with connections["notifications"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"notifications.defaults:{organization_id}"],
        )


def _effective_defaults(organization_id: UUID) -> list[Effective]:
    return _effective(categories.visible(organization_id), {}, _defaults_of(organization_id))


def _write(account_id: UUID, rows: Sequence[tuple[str, str, str]], now: datetime) -> None:
    Preference.objects.bulk_create(
        [
            Preference(
                account_id=account_id,
                category=category,
                channel=channel,
                frequency=frequency,
                changed_at=now,
            )
            for category, channel, frequency in rows
        ],
        update_conflicts=True,
        unique_fields=["account_id", "category", "channel"],
        update_fields=["frequency", "changed_at"],
    )


def _drop_waiting(account_id: UUID, category: str, channel: str, now: datetime) -> None:
    """Suppress what was not sent yet; what nobody can switch off by its kind stays."""
    waiting = Delivery.objects.filter(
        account_id=account_id, category=category, channel=channel, state__in=WAITING
    )
    waiting.exclude(trace__contains=[{"rule": MANDATORY}]).update(
        state=DeliveryState.SUPPRESSED,
        reason="it was switched off meanwhile",
        trace=appended(
            entry(step=Step.PREFERENCES, decision=Decision.SUPPRESSED, rule=PERSON, at=now)
        ),
    )


def _stored(shown: Sequence[Shown], choices: Sequence[Choice]) -> list[tuple[str, str, str]]:
    """Return the choices as they are kept, once each; the last one counts."""
    known = {each.key: each for each in shown}
    rows = {}
    for choice in choices:
        category = known.get(choice.category)
        if category is None:
            raise CategoryNotFound(f"There is no category {choice.category}.")
        if category.mandatory and choice.frequency != Frequency.IMMEDIATELY:
            raise CategoryMandatory(f"{category.name} is always told, and at once.")
        if choice.channel == Channel.IN_APP and choice.frequency not in OF_A_FEED:
            raise FrequencyUnsupported
        rows[category.stored, choice.channel] = choice.frequency
    return [(*where, frequency) for where, frequency in rows.items()]


def _defaults_of(organization_id: UUID) -> dict[tuple[str, str], str]:
    rows = DefaultPreference.objects.within(organization_id)
    return {(each.category, each.channel): each.frequency for each in rows}


def _effective(
    shown: Sequence[Shown],
    mine: dict[tuple[str, str], str],
    defaults: dict[tuple[str, str], str],
) -> list[Effective]:
    found = []
    for category in shown:
        for channel in Channel.values:
            frequency, said_by = said(
                mine.get((category.stored, channel)), defaults.get((category.stored, channel))
            )
            found.append(
                Effective(
                    category=category.key,
                    name=category.name,
                    mandatory=category.mandatory,
                    channel=channel,
                    frequency=frequency,
                    said_by=said_by.removeprefix("preference."),
                )
            )
    return found


def said(person: str | None, organization: str | None) -> tuple[str, str]:
    """Return what holds, and the rule that says so: the person's word, the organization's, ours."""
    if person is not None:
        return person, PERSON
    if organization is not None:
        return organization, ORGANIZATION
    return Frequency.IMMEDIATELY, PRODUCT
