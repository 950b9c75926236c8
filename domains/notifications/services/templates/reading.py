"""Finding templates and their versions: an organization's own, and nobody else's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.notifications.contract.errors import (
    NoDraft,
    TemplateNotFound,
    TemplateVersionNotFound,
)
from domains.notifications.contract.permissions import TEMPLATE_READ
from domains.notifications.models import Template, TemplateVersion, VersionState
from kernel.permissions import Permission
from kernel.preconditions import entity_tag
from kernel.principal import Principal


def list_templates(*, principal: Principal) -> QuerySet[Template]:
    """Return the current organization's templates for paging; raise `Forbidden`."""
    principal.require(TEMPLATE_READ)
    return Template.objects.within(principal.organization_id)


def find(*, principal: Principal, template_id: UUID, permission: Permission) -> Template:
    """Return the template; a foreign one raises `TemplateNotFound` as one that never was.

    Raise `Forbidden` for a member of its organization without the permission.
    """
    row = Template.objects.within(*principal.organization_ids).filter(id=template_id).first()
    if row is None or row.organization_id is None:
        raise TemplateNotFound
    principal.require(permission, organization_id=row.organization_id)
    return row


def get_template(*, principal: Principal, template_id: UUID) -> Template:
    """Return one template; raise `TemplateNotFound` and `Forbidden`."""
    return find(principal=principal, template_id=template_id, permission=TEMPLATE_READ)


def list_versions(*, principal: Principal, template_id: UUID) -> QuerySet[TemplateVersion]:
    """Return a template's versions for paging; raise `TemplateNotFound` and `Forbidden`."""
    template = get_template(principal=principal, template_id=template_id)
    return template.versions.select_related("template")


def get_version(*, principal: Principal, template_id: UUID, number: int) -> TemplateVersion:
    """Return one version; raise `TemplateNotFound`, `Forbidden` or `TemplateVersionNotFound`."""
    template = get_template(principal=principal, template_id=template_id)
    return version_of(template, number)


def version_of(template: Template, number: int) -> TemplateVersion:
    """Return the template's version of that number; raise `TemplateVersionNotFound`."""
    row = template.versions.select_related("template").filter(number=number).first()
    if row is None:
        raise TemplateVersionNotFound
    return row


def draft_of(template: Template) -> TemplateVersion:
    """Return the template's draft; raise `NoDraft`."""
    drafts = template.versions.select_related("template").filter(state=VersionState.DRAFT)
    row = drafts.first()
    if row is None:
        raise NoDraft
    return row


def tag_of(version: TemplateVersion) -> str:
    """Return the entity tag of the version."""
    return entity_tag(version.id, version.updated_at, version.state)
