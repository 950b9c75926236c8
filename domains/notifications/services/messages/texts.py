"""The template that a message names, and whether its values fit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.notifications.services.templates import checking, lookup


def require_template(*, organization_id: UUID, key: str, values: Mapping[str, Any]) -> None:
    """Return if the organization has published the template, and the values are what it declares.

    Raise `TemplateNotFound`, `TemplateVersionNotFound` or `TemplateValuesInvalid`.
    """
    version = lookup.published(organization_id=organization_id, key=key)
    checking.check_values(version=version, values=values)
