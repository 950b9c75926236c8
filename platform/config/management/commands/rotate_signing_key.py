from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.errors import DomainError


class Command(BaseCommand):
    help = "Sign access tokens with the next key from now on; what is signed already stays valid."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--compromised",
            action="store_true",
            help="Refuse everything that was signed so far, and sign with a key made just now.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate through auth's interface, wherever auth runs."""
        from domains.auth import interface as auth

        try:
            kid = auth.rotate_signing_key(compromised=options["compromised"])
        except DomainError as error:
            raise CommandError(f"{error.title}. {error.detail}") from error
        self.stdout.write(f"Access tokens are signed with {kid}.")
