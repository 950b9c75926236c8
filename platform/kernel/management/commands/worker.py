from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from kernel import workers


class Command(BaseCommand):
    help = "Run background jobs: of one served domain, or of all, each in a process of its own."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain", nargs="*", choices=[*settings.DOMAINS, []])

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM."""
        workers.work(options["domain"] or settings.DOMAINS)
