"""The words that an organization's template is filled with, for a message that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.notifications.contract.errors import TemplateNotFound


def words_for(
    *,
    organization_id: UUID,  # noqa: ARG001
    key: str,
    values: Mapping[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Return what the values are in the template; raise `TemplateNotFound` for an unknown one."""
    raise TemplateNotFound(f"There is no template {key}.")
