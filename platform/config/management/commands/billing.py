from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date


class Command(BaseCommand):
    help = "Look after billing: `simulate` shows an organization's future, and changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        simulate = actions.add_parser(
            "simulate", help="Show invoices, payments and states to come."
        )
        simulate.add_argument("--until", type=_day, required=True, help="A day, as 2028-01-01.")
        simulate.add_argument(
            "--organization", type=UUID, help="Whose; a made-up one, if left out."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run where billing is served."""
        if "billing" not in settings.DOMAINS:
            raise CommandError("Run this where DOMAINS names billing.")
        self._simulate(organization_id=options["organization"], until=options["until"])

    def _simulate(self, *, organization_id: UUID | None, until: datetime) -> None:
        from domains.billing import interface as billing

        steps = billing.simulate_billing(organization_id=organization_id, until=until)
        for step in steps:
            self.stdout.write(f"{step.at:%Y-%m-%d %H:%M}  {step.kind:<8} {step.text}")
        self.stdout.write(f"Nothing of this was kept: {len(steps)} steps until {until:%Y-%m-%d}.")


def _day(text: str) -> datetime:
    day = parse_date(text)
    if day is None:
        raise ValueError(text)
    return datetime.combine(day, time(), UTC)
