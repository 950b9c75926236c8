"""Putting versions in force, and taking them back: one at a time, one in force."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.notifications.contract.errors import TemplateFaulty, VersionNeverPublished
from domains.notifications.contract.permissions import TEMPLATE_WRITE
from domains.notifications.models import Template, TemplateVersion, VersionState
from domains.notifications.services.templates.authoring import lock
from domains.notifications.services.templates.faults import faults_in
from domains.notifications.services.templates.reading import draft_of, find, tag_of, version_of
from kernel.db import transaction
from kernel.preconditions import ANY, Precondition
from kernel.principal import Principal

IN_FORCE_BEFORE = (VersionState.RETIRED, VersionState.ROLLED_BACK)


def publish(
    *, principal: Principal, template_id: UUID, expected: Precondition = ANY, now: datetime
) -> TemplateVersion:
    """Put the draft in force in place of the present version.

    Raise `TemplateNotFound`, `Forbidden`, `NoDraft`, `PreconditionFailed`, or `TemplateFaulty`
    with every place that is wrong.
    """
    found = find(principal=principal, template_id=template_id, permission=TEMPLATE_WRITE)
    return publish_draft(found, account_id=principal.account_id, expected=expected, now=now)


def publish_draft(
    template: Template, *, account_id: UUID | None, expected: Precondition = ANY, now: datetime
) -> TemplateVersion:
    """Put the template's draft in force; raise as `publish` does."""
    with transaction("notifications"):
        draft = draft_of(lock(template))
        expected.check(tag_of(draft))
        faults = faults_in(draft)
        if faults:
            raise TemplateFaulty(errors=[fault.as_error() for fault in faults])
        _put_in_force(draft, former=VersionState.RETIRED, account_id=account_id, now=now)
        return draft


def roll_back(
    *, principal: Principal, template_id: UUID, number: int, now: datetime
) -> TemplateVersion:
    """Put a version in force again that was before; the present one is marked as rolled back.

    Raise `TemplateNotFound`, `Forbidden`, `TemplateVersionNotFound` or `VersionNeverPublished`.
    """
    found = find(principal=principal, template_id=template_id, permission=TEMPLATE_WRITE)
    return roll_back_to(found, number=number, account_id=principal.account_id, now=now)


def roll_back_to(
    template: Template, *, number: int, account_id: UUID | None, now: datetime
) -> TemplateVersion:
    """Put the template's version of that number in force again; raise as `roll_back` does."""
    with transaction("notifications"):
        version = version_of(lock(template), number)
        if version.state not in IN_FORCE_BEFORE:
            raise VersionNeverPublished
        _put_in_force(version, former=VersionState.ROLLED_BACK, account_id=account_id, now=now)
        return version


def _put_in_force(
    version: TemplateVersion, *, former: VersionState, account_id: UUID | None, now: datetime
) -> None:
    version.template.versions.filter(state=VersionState.PUBLISHED).update(
        state=former, updated_at=now
    )
    version.state = VersionState.PUBLISHED
    version.published_by = account_id
    version.published_at = version.updated_at = now
    version.save(update_fields=["state", "published_by", "published_at", "updated_at"])
