from typing import Any

from django.core.management.base import BaseCommand
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from config.environment import Environment
from config.oidc import OidcProvider


class Command(BaseCommand):
    help = "List every environment variable that is read, with its meaning and default."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one setting a line; secrets can also be given as NAME_FILE."""
        self._list(Environment)
        self._list(OidcProvider, prefix="OIDC_<NAME>_")

    def _list(self, kind: type[BaseSettings], *, prefix: str = "") -> None:
        # What concerns everything stands before what single domains have.
        own_first = sorted(
            kind.model_fields.items(), key=lambda item: item[0] not in kind.__annotations__
        )
        for name, field in own_first:
            secret = (field.json_schema_extra or {}) and " (secret; also as a file by …_FILE)"
            default = _shown(field.default)
            shown = "" if default in ("", None, PydanticUndefined) else f" [{default}]"
            described = f"{prefix}{name.upper()}{shown}: {field.description}{secret or ''}"
            self.stdout.write(described)


def _shown(default: Any) -> Any:
    return ",".join(map(str, default)) if isinstance(default, tuple) else default
