"""Which template's version is in force."""

from __future__ import annotations

from uuid import UUID

from domains.notifications.contract.errors import TemplateNotFound, TemplateVersionNotFound
from domains.notifications.models import TemplateVersion, VersionState


def published(*, organization_id: UUID, key: str) -> TemplateVersion:
    """Return the version in force of the organization's template.

    Raise `TemplateNotFound`, or `TemplateVersionNotFound` if none was published yet.
    """
    versions = TemplateVersion.objects.within(organization_id).filter(template__key=key)
    found = list(versions.select_related("template").order_by("-number"))
    if not found:
        raise TemplateNotFound
    for version in found:
        if version.state == VersionState.PUBLISHED:
            return version
    raise TemplateVersionNotFound("No version of this template was published yet.")


def in_force(*, organization_id: UUID | None, kind: str) -> TemplateVersion | None:
    """Return the version that says this kind, or None where the product's own files say it.

    A kind of the product has a dot in its name: staff's text comes before the files, and no
    organization's. A key without a dot is a template of the organization.
    """
    if "." in kind:
        rows = TemplateVersion.objects.everywhere().filter(organization_id=None)
    elif organization_id is not None:
        rows = TemplateVersion.objects.within(organization_id)
    else:
        return None
    said = rows.filter(template__key=kind, state=VersionState.PUBLISHED)
    return said.select_related("template").first()
