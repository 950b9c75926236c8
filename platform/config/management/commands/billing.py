from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date


class Command(BaseCommand):
    help = "Look after billing: its commands say what they do with --help."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do, and its own arguments."""
        actions = parser.add_subparsers(dest="action", required=True)
        simulate = actions.add_parser(
            "simulate", help="Show invoices, payments and states to come; nothing is changed."
        )
        simulate.add_argument("--until", type=_day, required=True, help="A day, as 2028-01-01.")
        simulate.add_argument(
            "--organization", type=UUID, help="Whose; a made-up one, if left out."
        )
        simulate.set_defaults(run=self._simulate)
        verify = actions.add_parser(
            "verify", help="Compare ledger, invoices and the provider's book."
        )
        verify.add_argument("--organization", type=UUID, help="Compare this one's alone.")
        verify.set_defaults(run=self._verify)
        replay = actions.add_parser(
            "replay-webhooks", help="Apply what payment providers told once more."
        )
        replay.add_argument("--since", type=_day, help="Received from this day on (UTC).")
        replay.add_argument(
            "--quarantined", action="store_true", help="Only what could not be applied."
        )
        replay.set_defaults(run=self._replay)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run where billing is served."""
        if "billing" not in settings.DOMAINS:
            raise CommandError("Run this where DOMAINS names billing.")
        options["run"](options)

    def _simulate(self, options: dict[str, Any]) -> None:
        from domains.billing import interface as billing

        until = options["until"]
        steps = billing.simulate_billing(organization_id=options["organization"], until=until)
        for step in steps:
            self.stdout.write(f"{step.at:%Y-%m-%d %H:%M}  {step.kind:<8} {step.text}")
        self.stdout.write(f"Nothing of this was kept: {len(steps)} steps until {until:%Y-%m-%d}.")

    def _verify(self, options: dict[str, Any]) -> None:
        from domains.billing import interface as billing

        verdict = billing.verify_books(organization_id=options["organization"])
        if verdict.difference is not None:
            row, expected, found = vars(verdict.difference).values()
            raise CommandError(f"The books differ on {row}: {expected} expected, {found} found.")
        self.stdout.write(f"The books agree: {verdict.groups} groups of postings.")

    def _replay(self, options: dict[str, Any]) -> None:
        from domains.billing import interface as billing

        count = billing.replay_provider_events(
            since=options["since"], quarantined=options["quarantined"]
        )
        self.stdout.write(f"{count} are applied once more.")


def _day(text: str) -> datetime:
    day = parse_date(text)
    if day is None:
        raise ValueError(text)
    return datetime.combine(day, time(), UTC)
