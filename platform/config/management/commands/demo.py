from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.environment import environment

OWNER = "owner@example.com"
MEMBER = "member@example.com"
STAFF = "staff@example.com"
ORGANIZATION = "Demo"


class Command(BaseCommand):
    help = "Seed the demo accounts and their organization; DEMO_PASSWORD is their password."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed through the domains' interfaces; what is there already stays as it is."""
        from domains.auth import interface as auth
        from domains.users import interface as users

        password = environment.demo_password
        if not password:
            raise CommandError("DEMO_PASSWORD is not set.")
        owner = auth.ensure_account(email=OWNER, password=password)
        member = auth.ensure_account(email=MEMBER, password=password)
        auth.ensure_account(email=STAFF, password=password, staff=True)
        demo = users.ensure_organization(account_id=owner.id, name=ORGANIZATION)
        users.ensure_member(organization_id=demo.id, account_id=member.id, role="member")
        self.stdout.write(f"Seeded: {OWNER}, {MEMBER}, {STAFF}")
