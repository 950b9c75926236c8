"""Invitations as a spreadsheet writes them: CSV (RFC 4180) in UTF-8, `email` and `role` on top."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domains.users.contract.errors import CsvInvalid, TooManyRows
from kernel.permissions import Role

MOST_ROWS = 1_000
_HEADERS = ({"email"}, {"email", "role"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row below the header; `number` counts them from 1 on, empty lines left out."""

    number: int
    email: str
    role: str
    malformed: bool = False


def read_rows(content: bytes) -> list[Row]:
    """Return the rows; one without a role is to become a member.

    Raise `CsvInvalid` where the whole can't be read, or `TooManyRows`.
    """
    records = _records(_text(content))
    header = [name.strip().lower() for name in next(records, [])]
    if len(set(header)) != len(header) or set(header) not in _HEADERS:
        raise CsvInvalid("The first row is email,role (or email alone), with commas between.")
    rows: list[Row] = []
    for record in records:
        if len(rows) == MOST_ROWS:
            raise TooManyRows(f"At most {MOST_ROWS} rows are taken.", most=MOST_ROWS)
        rows.append(_row(len(rows) + 1, header, record))
    if not rows:
        raise CsvInvalid("There is no row below the header.")
    return rows


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvInvalid(f"It is not UTF-8: see byte {error.start + 1}.") from error
    if "\0" in text:
        raise CsvInvalid("It holds NUL, so it is no text.")
    return text


def _records(text: str) -> Iterator[Sequence[str]]:
    """Yield the records that aren't empty, whatever ends their lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for record in reader:
            if any(field.strip() for field in record):
                yield record
    except csv.Error as error:
        raise CsvInvalid(f"See line {reader.line_num}: {error}.") from error


def _row(number: int, header: Sequence[str], record: Sequence[str]) -> Row:
    named = dict(zip(header, (field.strip() for field in record), strict=False))
    return Row(
        number=number,
        email=named.get("email", ""),
        role=named.get("role") or Role.MEMBER.value,
        malformed=any(field.strip() for field in record[len(header) :]),
    )
