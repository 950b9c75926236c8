"""Asking every domain for what it keeps of a person, served here or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

from django.conf import settings

from kernel.privacy.records import PersonalSection


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section of one domain, or a part of it; the parts of a section follow one another."""

    domain: str
    section: PersonalSection


def collect(*, account_id: UUID) -> Iterator[Part]:
    """Yield everything that any domain keeps of the person, page by page.

    Each domain's interface has `export_person(*, account_id, cursor) -> PersonalPage`. Raise
    `kernel.errors.Unavailable` where one is away.
    """
    for domain in settings.ALL_DOMAINS:
        yield from _of_domain(domain, account_id)


def _of_domain(domain: str, account_id: UUID) -> Iterator[Part]:
    interface = import_module(f"domains.{domain}.interface")
    cursor: str | None = None
    while True:
        page = interface.export_person(account_id=account_id, cursor=cursor)
        for section in page.sections:
            yield Part(domain=domain, section=section)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
