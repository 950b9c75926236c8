from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.provisioning import DomainRole, provision, seal


class Command(BaseCommand):
    help = "Create the domains' roles, schemas and grants, as the owner named by DATABASE_URL."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seal",
            action="store_true",
            help="Once migrated: let no domain's role become the owner of what it may not change.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Provision every served domain that lives in DATABASE_URL's database."""
        owner_url = settings.DATABASE_OWNER_URL
        if not owner_url:
            raise CommandError("DATABASE_URL names no database to provision.")
        roles = [_role(domain) for domain in settings.SHARED_DATABASE_DOMAINS]
        try:
            (seal if options["seal"] else provision)(owner_url=owner_url, roles=roles)
        except psycopg.Error as error:
            host = urlsplit(owner_url).hostname or "the local socket"
            raise CommandError(f"Can't provision the database at {host}: {error}") from error
        done = "Sealed" if options["seal"] else "Provisioned"
        self.stdout.write(f"{done}: {', '.join(role.schema for role in roles)}")


def _role(domain: str) -> DomainRole:
    database = settings.DATABASES[domain]
    return DomainRole(schema=domain, name=database["USER"], password=database["PASSWORD"])
