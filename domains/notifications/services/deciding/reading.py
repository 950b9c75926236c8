"""The facts that decide, read for a page of people at once: a query a table, not a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domains.notifications.models import DefaultPreference, Mute, Preference, Rhythm
from domains.notifications.services.deciding.deciding import Facts
from domains.notifications.services.deciding.preferences import said
from domains.notifications.services.deciding.quiet import zone_of
from domains.notifications.services.deciding.rhythms import beat_of, quiet_of


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a page's people, and their organization, said about one category."""

    preferences: dict[tuple[UUID, str], str]
    defaults: dict[str, str]
    rhythms: dict[UUID, Rhythm]
    muted: frozenset[UUID]

    def facts(
        self, *, account_id: UUID | None, channel: str, time_zone: str, refusal: str = ""
    ) -> Facts:
        """Return what decides about the person, or a bare address (None), and the channel."""
        if account_id is None:
            frequency, said_by = said(None, None)
            return Facts(channel=channel, said_by=said_by, frequency=frequency, refusal=refusal)
        frequency, said_by = said(
            self.preferences.get((account_id, channel)), self.defaults.get(channel)
        )
        rhythm = self.rhythms.get(account_id)
        return Facts(
            channel=channel,
            frequency=frequency,
            said_by=said_by,
            muted=account_id in self.muted,
            refusal=refusal,
            quiet=quiet_of(rhythm),
            beat=beat_of(rhythm),
            zone=zone_of(time_zone),
        )


def read(
    *,
    account_ids: Sequence[UUID],
    category: str,
    organization_id: UUID | None,
    subject_ids: Sequence[str],
) -> Known:
    """Return what the people said of the category, of the things it is about, and of the hour."""
    wanted = Preference.objects.filter(account_id__in=account_ids, category=category)
    rows = wanted.values_list("account_id", "channel", "frequency")
    return Known(
        preferences={(account, channel): frequency for account, channel, frequency in rows},
        defaults=_defaults(organization_id, category),
        rhythms={each.account_id: each for each in Rhythm.objects.filter(pk__in=account_ids)},
        muted=_muted(account_ids, subject_ids),
    )


def _defaults(organization_id: UUID | None, category: str) -> dict[str, str]:
    if organization_id is None:
        return {}
    rows = DefaultPreference.objects.within(organization_id).filter(category=category)
    return dict(rows.values_list("channel", "frequency"))


def _muted(account_ids: Sequence[UUID], subject_ids: Sequence[str]) -> frozenset[UUID]:
    if not subject_ids:
        return frozenset()
    rows = Mute.objects.filter(account_id__in=account_ids, subject_id__in=subject_ids)
    return frozenset(rows.values_list("account_id", flat=True))
