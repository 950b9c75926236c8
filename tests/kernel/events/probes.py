"""An event and a table of effects that exist in these tests alone, on the domains' databases."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import connections

from kernel.db import transaction
from kernel.events import event, publish

PROBE = "auth.probe_sent.v1"
LISTENING = ("users", "billing")


@event(PROBE, aggregate="subject_id")
@dataclass(frozen=True, kw_only=True)
class ProbeSent:
    subject_id: UUID
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    text: str


def send(*texts: str, subject_id: UUID | None = None) -> None:
    """Publish one event for each text; each of an aggregate of its own, if none is given."""
    with transaction("auth"):
        publish(*(ProbeSent(subject_id=subject_id or uuid4(), text=text) for text in texts))


def create_effect_tables() -> None:
    """Make tables without any unique key, so that whatever is done twice is there twice."""
    for domain in LISTENING:
        with connections[domain].cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS probe_effect (id bigserial, text text)")


def forget_effects() -> None:
    for domain in LISTENING:
        with connections[domain].cursor() as cursor:
            cursor.execute("DELETE FROM probe_effect")


def write_effect(text: str, domain: str = "users") -> None:
    with connections[domain].cursor() as cursor:
        cursor.execute("INSERT INTO probe_effect (text) VALUES (%s)", [text])


def effects(domain: str = "users") -> list[str]:
    with connections[domain].cursor() as cursor:
        cursor.execute("SELECT text FROM probe_effect ORDER BY id")
        return [text for (text,) in cursor.fetchall()]


def record(envelope) -> None:
    """The plainest handler: one event, one row."""
    write_effect(envelope.payload.text)
