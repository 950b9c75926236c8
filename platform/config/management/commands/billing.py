from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.billing_commands import COMMANDS
from kernel.errors import DomainError


class Command(BaseCommand):
    help = "Look after billing; each of its commands says what it does with --help."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, command in COMMANDS.items():
            command.add_arguments(
                actions.add_parser(name, help=command.HELP, description=command.HELP)
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run where billing is served."""
        if "billing" not in settings.DOMAINS:
            raise CommandError("Run this where DOMAINS names billing.")
        try:
            COMMANDS[options["action"]].run(options=options, out=self.stdout)
        except DomainError as error:
            raise CommandError(f"{error.title}.\n{error.detail}") from error
