from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from kernel.provisioning import exclusive
from kernel.routing import domain_of_app


class Command(BaseCommand):
    help = "Migrate every served domain's tables, each on its own database alias."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate one alias after the other; two at once wait for each other."""
        for alias in settings.DOMAINS:
            connections[alias].ensure_connection()
            with exclusive(connections[alias].connection):
                for label in unmigrated_apps(alias):
                    call_command("migrate", label, database=alias, verbosity=options["verbosity"])
            self.stdout.write(f"Migrated: {alias}")


def unmigrated_apps(alias: str) -> list[str]:
    """Return those of the alias's apps with a migration to apply: finding none is fast."""
    executor = MigrationExecutor(connections[alias])
    graph = executor.loader.graph
    return [
        label for label in migrated_apps(alias) if executor.migration_plan(graph.leaf_nodes(label))
    ]


def migrated_apps(alias: str) -> list[str]:
    """Return the labels of the apps with migrations whose tables stand in the alias's schema."""
    migrated = MigrationLoader(None).migrated_apps
    return [
        config.label
        for config in apps.get_app_configs()
        if config.label in migrated and domain_of_app(config.label) in (None, alias)
    ]
