from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.modulemap import module_map

TARGET = settings.BASE_DIR / "docs" / "MODULES.md"


class Command(BaseCommand):
    help = "Write docs/MODULES.md, the map of the modules, from the code."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Write the file whole, or compare it; needs a process that serves every domain."""
        if settings.DOMAINS != settings.ALL_DOMAINS:
            raise CommandError("The map shows every domain: leave DOMAINS out.")
        text = module_map()
        if not check:
            TARGET.write_text(text)
            self.stdout.write(f"Wrote {TARGET}")
        elif not TARGET.exists() or TARGET.read_text() != text:
            raise CommandError(f"{TARGET} is stale: run `make map`.")
