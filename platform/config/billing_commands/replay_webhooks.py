"""`manage.py billing replay-webhooks`: what payment providers told, applied once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from config.billing_commands.days import day
from domains.billing import interface as billing

HELP = "Apply what payment providers told once more."


def add_arguments(parser: CommandParser) -> None:
    """Take which."""
    parser.add_argument("--since", type=day, help="Received from this day on (UTC).")
    parser.add_argument("--quarantined", action="store_true", help="Only what can't be applied.")


def run(*, options: Mapping[str, Any], out: OutputWrapper) -> None:
    """Have them applied, and write how many."""
    count = billing.replay_provider_events(
        since=options["since"], quarantined=options["quarantined"]
    )
    out.write(f"{count} are applied once more.")
