from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import clock
from kernel.events import failures
from kernel.models import FailedEvent


class Command(BaseCommand):
    help = "Try dead events of a domain again: all, or those of one handler, or one event."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--domain", required=True, help="The domain whose handlers failed")
        parser.add_argument("--handler", help="As in the table: <domain>.<function>")
        parser.add_argument("--event", type=UUID, help="The id of the event")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them due; the relay does the rest."""
        domain = options["domain"]
        if domain not in settings.DOMAINS:
            raise CommandError(f"{domain} is not served here; {', '.join(settings.DOMAINS)} are")
        wanted = {"handler": options["handler"], "event_id": options["event"]}
        chosen = {name: value for name, value in wanted.items() if value}
        failed = FailedEvent.objects.using(domain).filter(**chosen)
        count = failures.replay(failed, now=clock.now())
        self.stdout.write(f"{count} event{'s' * (count != 1)} will be tried again")
