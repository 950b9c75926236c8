"""`manage.py billing verify`: whether ledger, invoices and the provider's book agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from domains.billing import interface as billing

HELP = "Compare ledger, invoices and the provider's book."


def add_arguments(parser: CommandParser) -> None:
    """Take whose books."""
    parser.add_argument("--organization", type=UUID, help="Compare this one's alone.")


def run(*, options: Mapping[str, Any], out: OutputWrapper) -> None:
    """Say that they agree; raise `CommandError` with the first row on which they don't."""
    verdict = billing.verify_books(organization_id=options["organization"])
    if verdict.difference is not None:
        row, expected, found = vars(verdict.difference).values()
        raise CommandError(f"The books differ on {row}: {expected} expected, {found} found.")
    out.write(f"The books agree: {verdict.groups} groups of postings.")
