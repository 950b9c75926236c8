"""Every subscription of every domain fits what its publisher says."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest
from django.conf import settings

from kernel.events import subscriptions, types
from kernel.events.subscriptions import Subscription
from tests.kernel.events.probes import PROBE, ProbeSent, record

SECRET_WORDS = {"password", "secret", "token", "key", "hash"}


def shipped_subscriptions():
    return [s for domain in settings.ALL_DOMAINS for s in subscriptions.of_domain(domain)]


def shipped_events():
    return [
        kind for kind in types.by_name.values() if kind.payload.__module__.startswith("domains.")
    ]


def misfits(subscription: Subscription) -> list[str]:
    """Return what the reader asks for and the publisher doesn't say."""
    published = [t for name, t in types.by_name.items() if subscription.matches(name)]
    lost = [wanted for wanted in subscription.listens_to if not is_published(wanted)]
    return [
        *(f"nobody publishes {wanted}" for wanted in lost),
        *(problem for kind in published for problem in _misfits(subscription.reads, kind.payload)),
    ]


def is_published(wanted: str) -> bool:
    return any(fnmatchcase(name, wanted) for name in types.by_name)


def _misfits(reads: type, payload: type) -> list[str]:
    if reads is dict:
        return []
    said, read = get_type_hints(payload), get_type_hints(reads)
    optional = {f.name for f in fields(reads) if _has_default(f)}
    missing = [f"{payload.__name__} has no {n}" for n in read.keys() - said.keys() - optional]
    wrong = [
        f"{payload.__name__}.{name} is {said[name]}, not {read[name]}"
        for name in read.keys() & said.keys()
        if said[name] != read[name] and said[name] not in get_args(read[name])
    ]
    return missing + wrong


def _has_default(field) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def test_every_handler_reads_what_its_publisher_says():
    found = {f"{s.handler} of {s.listens_to}": misfits(s) for s in shipped_subscriptions()}
    assert {handler: problems for handler, problems in found.items() if problems} == {}


@pytest.mark.parametrize("domain", settings.ALL_DOMAINS)
def test_a_domain_listens_to_what_it_declares(domain):
    registered = {name for s in subscriptions.of_domain(domain) for name in s.listens_to}
    assert registered == set(subscriptions.declared(domain))


@pytest.mark.parametrize("domain", settings.ALL_DOMAINS)
def test_a_domain_declares_only_events_that_exist(domain):
    for wanted in subscriptions.declared(domain):
        assert is_published(wanted), wanted


@pytest.mark.parametrize("domain", settings.ALL_DOMAINS)
def test_a_domain_says_only_what_its_interface_shows(domain):
    interface = import_module(f"domains.{domain}.interface")
    mine = [kind for kind in shipped_events() if kind.domain == domain]
    hidden = [k.name for k in mine if getattr(interface, k.payload.__name__, None) != k.payload]
    assert hidden == []


def test_every_event_is_published_by_the_domain_that_it_is_named_after():
    strangers = [k.name for k in shipped_events() if k.payload.__module__.split(".")[1] != k.domain]
    assert strangers == []


def test_no_event_carries_a_secret():
    carried = {(k.name, f.name) for k in shipped_events() for f in fields(k.payload)}
    facts = {c for c in carried if not c[1].endswith("_id")}
    assert {c for c in facts if SECRET_WORDS & set(c[1].split("_"))} == set()


def test_every_event_is_frozen():
    assert [k.name for k in shipped_events() if not k.payload.__dataclass_params__.frozen] == []


@dataclass(frozen=True, kw_only=True)
class Good:
    subject_id: UUID | None
    added_later: str = ""


@dataclass(frozen=True, kw_only=True)
class WrongType:
    subject_id: int


@dataclass(frozen=True, kw_only=True)
class NoSuchField:
    subject: str


@pytest.mark.parametrize(
    ("name", "reads", "problems"),
    [
        (PROBE, Good, 0),
        ("auth.probe_*", dict, 0),
        (PROBE, WrongType, 1),
        (PROBE, NoSuchField, 1),
        ("auth.probe_lost.v1", Good, 1),
        ("auth.probe_sent.v2", Good, 1),
    ],
)
def test_the_comparison_itself_finds_what_does_not_fit(name: str, reads: Any, problems: int):
    assert ProbeSent is types.by_name[PROBE].payload
    assert len(misfits(Subscription("users", (name,), reads, record))) == problems


@pytest.mark.parametrize(
    "name", ["probe", "auth.probe", "auth.ProbeSent.v1", "auth.probe_sent.v0", "auth.probe.sent.v1"]
)
def test_an_event_is_named_by_domain_fact_and_version(name):
    with pytest.raises(TypeError, match="is not <domain>"):
        types.event(name, aggregate="subject_id")(ProbeSent)


def test_an_event_needs_the_field_of_its_aggregate():
    with pytest.raises(TypeError, match="no_such_field"):
        types.event("auth.probe_lost.v1", aggregate="no_such_field")(ProbeSent)


def test_a_name_is_one_events_alone():
    with pytest.raises(TypeError, match="declared twice"):
        types.event(PROBE, aggregate="subject_id")(Good)
