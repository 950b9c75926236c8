"""What texts are filled with before anything has happened: examples, of all that they may name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from domains.notifications.models import TemplateVersion
from domains.notifications.services.rendering import facts
from domains.notifications.services.rendering.locales import DEFAULT, TEMPLATES
from domains.notifications.services.rendering.sandbox import parse
from domains.notifications.services.templates.variables import declared, words_for

_AT = facts.moment(datetime(2026, 11, 22, 17, 12, tzinfo=UTC))
# By the names that events give their facts. Those that no sample knows are said as themselves.
SAMPLES: Mapping[str, Any] = {
    **dict.fromkeys([*sorted(facts.MOMENTS), "occurred_at"], _AT),
    "expires_on": facts.day(date(2026, 12, 31)),
    "organization": "Acme",
    "person": "Ada Lovelace",
    "email": "grace@example.com",
    "role": facts.word("role.member"),
    "former_role": facts.word("role.viewer"),
    "name": "Example",
    "size": facts.size(2_500_000),
    "method": facts.word("method.passkey"),
    "reason": facts.word("reason.card_declined"),
    "feature": facts.word("feature.api_calls"),
    "provider": "Example",
    "device": "Firefox on Linux",
    "place": "Lyon, France",
    "plan": "team",
    "number": "2026-00017",
    "last4": "4242",
    "link": "https://example.com/accept?token=********",
    "token": "********",
    "code": "123456",
    "left": 7,
    "used": 800,
    "percent": 80,
    "due": 0,
    "total": 4_900,
    "last": False,
    "is_hard": False,
    "policy": "unpaid",
    "endpoint": "hooks.example.com",
    "subject": "News",
    "text": "All is well.",
    "count": 2,
    "more": 0,
    "items": [{"title": "Ada Lovelace joined Acme"}, {"title": "report.pdf was uploaded"}],
}


@cache
def names_of(kind: str) -> frozenset[str]:
    """Return what the product's own texts of the kind name; nothing for an unknown kind."""
    files = sorted((TEMPLATES / DEFAULT / kind).glob("*.liquid"))
    named = (parse(file.read_text()).analyze(include_partials=False).globals for file in files)
    return frozenset(name for names in named for name in names) - {"product"}


def is_kind(kind: str) -> bool:
    """Return whether the product has texts of the kind."""
    return kind != "layout" and (TEMPLATES / DEFAULT / kind).is_dir() and "." in kind


def of_kind(kind: str) -> dict[str, Any]:
    """Return an example of every fact that the texts of the kind name."""
    return {name: SAMPLES.get(name, name) for name in names_of(kind)}


def known_to(version: TemplateVersion) -> frozenset[str]:
    """Return what the version may name: what it declares, or what its kind's facts are."""
    if version.organization_id is None:
        return names_of(version.template.key)
    return frozenset(declared(version.variables))


def contexts_of(version: TemplateVersion) -> tuple[dict[str, Any], ...]:
    """Return what it is tried with: with every example, and with the least that may be given."""
    if version.organization_id is None:
        return (of_kind(version.template.key),)
    variables = declared(version.variables)
    all_ = {name: variable.example for name, variable in variables.items()}
    least = {name: all_[name] for name, variable in variables.items() if variable.required}
    return words_for(variables, all_), words_for(variables, least)
