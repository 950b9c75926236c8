"""`manage.py billing publish [file] [--dry-run]`: what is sold, from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from domains.billing import interface as billing

HELP = "Put the catalogue of a file in force, and show what that changes."
_SIGNS = {"added": "+", "changed": "~", "archived": "-"}


def add_arguments(parser: CommandParser) -> None:
    """Take the file, and whether to look alone."""
    parser.add_argument("file", nargs="?", type=Path, help="The shipped one, if left out.")
    parser.add_argument("--dry-run", action="store_true", help="Show it, and change nothing.")


def run(*, options: Mapping[str, Any], out: OutputWrapper) -> None:
    """Publish, and write a line for every change."""
    dry_run = options["dry_run"]
    publication = billing.publish_catalogue(text=_read(options["file"]), dry_run=dry_run)
    for change in publication.changes:
        out.write(f"{_SIGNS[change.action]} {change.kind} {change.name}")
        for field in change.fields:
            out.write(f"    {field}")
    out.write(_outcome(publication, dry_run=dry_run))


def _read(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}") from error


def _outcome(publication: billing.CataloguePublication, *, dry_run: bool) -> str:
    if not publication.changes:
        return "This is what is sold already."
    if dry_run:
        return f"{len(publication.changes)} would change; nothing was published."
    return f"Published as release {publication.number}: {len(publication.changes)} changed."
