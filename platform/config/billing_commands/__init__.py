"""What `manage.py billing` can do: a module for each command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.core.management.base import CommandParser, OutputWrapper

from config.billing_commands import publish, replay_webhooks, simulate, verify


class SubCommand(Protocol):
    """A module of this package."""

    HELP: str

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what it takes."""

    def run(self, *, options: Mapping[str, Any], out: OutputWrapper) -> None:
        """Do it, and write what was done; raise `DomainError` or `CommandError`."""


COMMANDS: dict[str, SubCommand] = {
    "publish": publish,
    "replay-webhooks": replay_webhooks,
    "simulate": simulate,
    "verify": verify,
}
