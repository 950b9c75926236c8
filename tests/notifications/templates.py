"""Templates for tests: written, published, and what is wrong with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domains.notifications.contract.errors import TemplateFaulty
from domains.notifications.models import Template, TemplateVersion
from domains.notifications.services.templates import authoring, publishing
from kernel.clock import now
from kernel.principal import Principal
from tests.principals import member_of

ORDER = {"name": "order", "type": "string", "example": "A-1", "required": True}
BOTH = {
    "in_app": {
        "en": {"title": "Order {{ order }}", "body": "It was shipped."},
        "de": {"title": "Bestellung {{ order }}", "body": "Sie wurde verschickt."},
    },
    "email": {"en": {"subject": "Order {{ order }}", "text": "Shipped.\n\nThanks, {{ product }}"}},
}


def written(
    who: Principal,
    *,
    key: str = "order",
    variables: Any = (ORDER,),
    parts: Any = None,
    **facts: Any,
) -> Template:
    """Return a template with a draft."""
    return authoring.create_template(
        principal=who,
        key=key,
        variables=list(variables),
        parts=BOTH if parts is None else parts,
        now=now(),
        **facts,
    )


def published(who: Principal, **what: Any) -> TemplateVersion:
    """Return a template's first version, in force."""
    template = written(who, **what)
    return publishing.publish(principal=who, template_id=template.id, now=now())


def faults(variables: Any, parts: Any, **facts: Any) -> list[tuple[str, str, str]]:
    """Return what keeps such a template from being published: pointer, code and detail."""
    from kernel.ids import uuid7

    who = member_of(uuid7())
    try:
        published(who, variables=variables, parts=parts, **facts)
    except TemplateFaulty as faulty:
        return [(each.pointer, each.code, each.detail) for each in faulty.errors]
    return []


def a_mail(html: str, **parts: str) -> dict[str, Any]:
    """Return the parts of a template that is a mail with that HTML."""
    return {"email": {"en": {"subject": "S", "text": "T", "html": html, **parts}}}


def variable(name: str, type_: str, example: Any, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "type": type_, "example": example, "required": required}


def rendered(organization_id: UUID, key: str, channel: str, values: Any, **how: Any) -> Any:
    from domains.notifications.services.rendering.rendering import render

    return render(kind=key, channel=channel, context=values, organization_id=organization_id, **how)
