"""Whether values fit what a version of a template declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domains.notifications.contract.errors import TemplateValuesInvalid
from domains.notifications.models import TemplateVersion
from domains.notifications.services.templates.variables import declared, faults_of
from kernel.errors import FieldError


def check_values(
    *, version: TemplateVersion, values: Mapping[str, Any], pointer: str = "/values"
) -> None:
    """Raise `TemplateValuesInvalid` unless the values are what the version declares.

    `pointer` (RFC 6901) is where the values are in the request's document.
    """
    faults = list(faults_of(declared(version.variables), values))
    if faults:
        errors = [
            FieldError(pointer=f"{pointer}/{_token(each.name)}", code=each.code, detail=each.detail)
            for each in sorted(faults, key=lambda fault: fault.name)
        ]
        raise TemplateValuesInvalid(errors=errors)


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
