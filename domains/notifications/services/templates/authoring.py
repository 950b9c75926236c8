"""Writing templates: one draft at a time, under the template's lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from domains.notifications.contract.errors import (
    DraftExists,
    TemplateKeyTaken,
    TemplateLimitReached,
)
from domains.notifications.contract.permissions import TEMPLATE_WRITE
from domains.notifications.models import Template, TemplateVersion, VersionState
from domains.notifications.services.templates.reading import draft_of, find, tag_of
from kernel.db import transaction
from kernel.preconditions import Precondition
from kernel.principal import Principal

TEMPLATES_PER_ORGANIZATION = 500
WRITTEN = ("default_locale", "variables", "parts")


def create_template(
    *,
    principal: Principal,
    key: str,
    now: datetime,
    category: str = "",
    description: str = "",
    default_locale: str = "en",
    variables: list[dict[str, Any]] | None = None,
    parts: dict[str, Any] | None = None,
) -> Template:
    """Make a template with its first draft in the current organization.

    Raise `Forbidden`, `TemplateKeyTaken` or `TemplateLimitReached`.
    """
    principal.require(TEMPLATE_WRITE)
    organization_id = principal.organization_id
    there = Template.objects.within(organization_id)
    if there.count() >= TEMPLATES_PER_ORGANIZATION:
        raise TemplateLimitReached(f"There are {TEMPLATES_PER_ORGANIZATION} templates at most.")
    written = {"default_locale": default_locale, "variables": variables or [], "parts": parts or {}}
    named = {"category": category, "description": description}
    return add(
        organization_id=organization_id,
        key=key,
        account_id=principal.account_id,
        now=now,
        written=written,
        **named,
    )


def add(
    *,
    organization_id: UUID | None,
    key: str,
    account_id: UUID | None,
    now: datetime,
    written: Mapping[str, Any],
    category: str = "",
    description: str = "",
) -> Template:
    """Write a template and its first draft; raise `TemplateKeyTaken`."""
    try:
        with transaction("notifications"):
            template = Template.objects.create(
                organization_id=organization_id,
                key=key,
                category=category,
                description=description,
                created_by=account_id,
                created_at=now,
            )
            _write(template, number=1, account_id=account_id, now=now, written=written)
    except IntegrityError as error:
        if "template_key" in str(error) and "fits" not in str(error):
            raise TemplateKeyTaken(pointer="/key") from error
        raise
    return template


def describe(*, principal: Principal, template_id: UUID, changes: Mapping[str, Any]) -> Template:
    """Change the category or the description; raise `TemplateNotFound` or `Forbidden`."""
    with transaction("notifications"):
        template = _locked(principal, template_id)
        for name in changes.keys() & {"category", "description"}:
            setattr(template, name, changes[name])
        template.save(update_fields=["category", "description"])
        return template


def start_draft(*, principal: Principal, template_id: UUID, now: datetime) -> TemplateVersion:
    """Begin a draft with what the newest version says.

    Raise `TemplateNotFound`, `Forbidden` or `DraftExists`.
    """
    with transaction("notifications"):
        template = _locked(principal, template_id)
        return begin(template, account_id=principal.account_id, now=now)


def begin(template: Template, *, account_id: UUID | None, now: datetime) -> TemplateVersion:
    """Begin a draft of the locked template; raise `DraftExists`."""
    newest = template.versions.order_by("-number").first()
    if newest is not None and newest.state == VersionState.DRAFT:
        raise DraftExists
    written = {name: getattr(newest, name) for name in WRITTEN} if newest else {}
    number = newest.number + 1 if newest else 1
    return _write(template, number=number, account_id=account_id, now=now, written=written)


def edit_draft(
    *,
    principal: Principal,
    template_id: UUID,
    changes: Mapping[str, Any],
    expected: Precondition,
    now: datetime,
) -> TemplateVersion:
    """Change what the draft says: each of the fields given takes the place of the former.

    Raise `TemplateNotFound`, `Forbidden`, `NoDraft` or `PreconditionFailed`.
    """
    with transaction("notifications"):
        draft = draft_of(_locked(principal, template_id))
        expected.check(tag_of(draft))
        return change(draft, changes=changes, now=now)


def change(draft: TemplateVersion, *, changes: Mapping[str, Any], now: datetime) -> TemplateVersion:
    """Change the draft of a locked template."""
    for name in WRITTEN:
        setattr(draft, name, changes.get(name, getattr(draft, name)))
    draft.updated_at = now
    draft.save(update_fields=[*WRITTEN, "updated_at"])
    return draft


def lock(template: Template) -> Template:
    """Return the template, locked: whoever writes or publishes goes one after the other."""
    manager = Template.objects
    rows = (
        manager.everywhere().filter(organization_id=None)
        if template.organization_id is None
        else manager.within(template.organization_id)
    )
    return rows.select_for_update().get(id=template.id)


def _locked(principal: Principal, template_id: UUID) -> Template:
    found = find(principal=principal, template_id=template_id, permission=TEMPLATE_WRITE)
    return lock(found)


def _write(
    template: Template,
    *,
    number: int,
    account_id: UUID | None,
    now: datetime,
    written: Mapping[str, Any],
) -> TemplateVersion:
    version = TemplateVersion(
        template=template,
        organization_id=template.organization_id,
        number=number,
        created_by=account_id,
        created_at=now,
        updated_at=now,
    )
    for name, value in written.items():
        setattr(version, name, value)
    version.save(force_insert=True)
    return version
