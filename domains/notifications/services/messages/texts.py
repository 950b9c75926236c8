"""The values that an organization's template is filled with, for a message that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.notifications.services.templates import checking, lookup


def words_for(*, organization_id: UUID, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values if the published template takes them; they become words when it is filled.

    Raise `TemplateNotFound`, `TemplateVersionNotFound` or `TemplateValuesInvalid`.
    """
    version = lookup.published(organization_id=organization_id, key=key)
    checking.check_values(version=version, values=values)
    return dict(values)
