import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gateway.openapi.compatibility import breaking_changes
from gateway.openapi.document import document, released


class Command(BaseCommand):
    help = "Compare the OpenAPI document with the released one, docs/openapi.json, or release it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--write`."""
        parser.add_argument("--write", action="store_true", help="Write docs/openapi.json")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Refuse a breaking change; with `--write` keep the document as the released one."""
        kept = Path(settings.BASE_DIR, "docs", "openapi.json")
        if kept.exists():
            broken = breaking_changes(json.loads(kept.read_text("utf-8")), document())
            if broken:
                raise CommandError("\n".join(["This breaks clients of v1:", *broken]))
        if options["write"]:
            kept.write_text(released(), "utf-8")
            self.stdout.write(f"Written: {kept}")
