"""The archive of a person's data: JSON for programs, and an index for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import IO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from domains.users.services.person_index import write_index
from kernel.privacy import Fate, Part

NEEDS_NO_MORE = 0o600 << 16


@dataclass(frozen=True, kw_only=True)
class Contents:
    """One section of the archive: `file` holds as many records as `count` says."""

    domain: str
    name: str
    description: str
    file: str
    count: int
    withheld: dict[str, str]
    fate: Fate
    why: str


@dataclass(frozen=True, kw_only=True)
class Index:
    """What the archive is about, and what is in it."""

    account_id: UUID
    made_at: datetime
    sections: tuple[Contents, ...]


def write_archive(
    file: IO[bytes], parts: Iterable[Part], *, account_id: UUID, now: datetime
) -> None:
    """Write the archive; the parts of a section follow one another."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        named = groupby(parts, key=lambda part: (part.domain, part.section.name))
        sections = tuple(_write(archive, group, now) for _, group in named)
        index = Index(account_id=account_id, made_at=now, sections=sections)
        plain = {**asdict(index), "account_id": str(account_id), "made_at": now.isoformat()}
        archive.writestr(_entry("index.json", now), json.dumps(plain, indent=1))
        archive.writestr(_entry("index.html", now), write_index(index))


def _write(archive: ZipFile, parts: Iterator[Part], now: datetime) -> Contents:
    first = next(parts)
    section = first.section
    name = f"{first.domain}/{section.name}.json"
    count = 0
    with archive.open(_entry(name, now), "w", force_zip64=True) as file:
        file.write(b"[")
        for record in _records(first, parts):
            file.write((",\n" if count else "\n").encode() + record.encode())
            count += 1
        file.write(b"\n]\n")
    return Contents(
        domain=first.domain,
        name=section.name,
        description=section.description,
        file=name,
        count=count,
        withheld=section.withheld,
        fate=section.fate,
        why=section.why,
    )


def _records(first: Part, others: Iterator[Part]) -> Iterator[str]:
    yield from first.section.records
    for part in others:
        yield from part.section.records


def _entry(name: str, now: datetime) -> ZipInfo:
    entry = ZipInfo(name, date_time=now.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = NEEDS_NO_MORE
    return entry
