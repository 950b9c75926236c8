"""`manage.py billing simulate --until 2028-01-01`: what is to come, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser, OutputWrapper

from config.billing_commands.days import day
from domains.billing import interface as billing

HELP = "Show invoices, payments and states to come; nothing is changed."


def add_arguments(parser: CommandParser) -> None:
    """Take how far to look, and at whom."""
    parser.add_argument("--until", type=day, required=True, help="A day, as 2028-01-01.")
    parser.add_argument("--organization", type=UUID, help="Whose; a made-up one, if left out.")


def run(*, options: Mapping[str, Any], out: OutputWrapper) -> None:
    """Write a line for every step."""
    until = options["until"]
    steps = billing.simulate_billing(organization_id=options["organization"], until=until)
    for step in steps:
        out.write(f"{step.at:%Y-%m-%d %H:%M}  {step.kind:<8} {step.text}")
    out.write(f"Nothing of this was kept: {len(steps)} steps until {until:%Y-%m-%d}.")
