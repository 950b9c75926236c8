from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kernel.events.loop import RelayLoop
from kernel.processes import without_pools


class Command(BaseCommand):
    help = "Take events from the served domains' outboxes to the queues, and start periodic work."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM."""
        without_pools()
        RelayLoop(settings.DOMAINS).run()
