from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = (
        "Prove the audit: `verify` names the first broken entry of each trail; `keys` shows keys."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser("verify", help="Check every trail and every anchor.")
        verify.add_argument("--organization", type=UUID, help="Check this one's trail alone.")
        actions.add_parser("keys", help="Show the public keys that anchors are signed with.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run where users is served: the check reads all of the audit."""
        if "users" not in settings.DOMAINS:
            raise CommandError("Run this where DOMAINS names users.")
        if options["action"] == "keys":
            self._show_keys()
        else:
            self._verify(options["organization"])

    def _show_keys(self) -> None:
        from domains.users import interface as users

        for number, key in enumerate(users.get_audit_keys()):
            signs = "signs" if number == 0 else "checks"
            self.stdout.write(f"{key.id}  ed25519  {key.public}  {signs}")

    def _verify(self, organization_id: UUID | None) -> None:
        from domains.users import interface as users

        verdict = users.verify_audit(organization_id=organization_id)
        for broken in verdict.broken:
            at = "" if broken.sequence is None else f", entry {broken.sequence}"
            self.stderr.write(f"Broken: {broken.where}{at}: {broken.what}.")
        checked = f"{verdict.entries} entries of {verdict.trails} trails, {verdict.anchors} anchors"
        if verdict.broken:
            raise CommandError(f"The audit is not whole ({checked} checked).")
        self.stdout.write(f"The audit is whole: {checked}.")
