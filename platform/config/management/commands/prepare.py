from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.environment import environment


class Command(BaseCommand):
    help = "Provision, migrate and seed: all that the processes expect of the database."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the database up to date; safe to repeat, also twice at once."""
        if settings.SHARED_DATABASE_DOMAINS:
            call_command("provision", stdout=self.stdout)
        call_command("migrate_domains", stdout=self.stdout, verbosity=options["verbosity"])
        if settings.SHARED_DATABASE_DOMAINS:
            call_command("provision", seal=True, stdout=self.stdout)
        if "billing" in settings.DOMAINS:
            self._ensure_catalogue()
        if environment.admin_email and "auth" in settings.DOMAINS:
            self._ensure_admin()
        if environment.demo_password:
            call_command("demo", stdout=self.stdout)

    def _ensure_catalogue(self) -> None:
        from domains.billing import interface as billing

        billing.ensure_catalogue()

    def _ensure_admin(self) -> None:
        from domains.auth import interface as auth

        if not environment.admin_password:
            raise CommandError("ADMIN_EMAIL is set, but ADMIN_PASSWORD is not.")
        auth.ensure_account(
            email=environment.admin_email, password=environment.admin_password, staff=True
        )
        self.stdout.write(f"Staff account: {environment.admin_email}")
