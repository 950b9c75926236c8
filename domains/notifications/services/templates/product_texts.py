"""Staff's own words for a kind of the product, beginning with those of the files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from domains.notifications.models import Template
from domains.notifications.services.rendering.locales import TEMPLATES, of_the_product
from domains.notifications.services.templates.authoring import add
from domains.notifications.services.templates.parts import PARTS
from domains.notifications.services.templates.samples import is_kind


def kinds() -> list[str]:
    """Return the kinds that the product has texts of."""
    return sorted(each.name for each in (TEMPLATES / "en").iterdir() if is_kind(each.name))


def override(*, kind: str, description: str, account_id: UUID, now: datetime) -> Template:
    """Begin a template for the kind with what the files say; raise `TemplateKeyTaken`."""
    return add(
        organization_id=None,
        key=kind,
        account_id=account_id,
        now=now,
        written={"parts": parts_of_files(kind)},
        description=description,
    )


def parts_of_files(kind: str) -> dict[str, Any]:
    """Return the product's own texts of the kind by channel, locale and part."""
    parts: dict[str, Any] = {}
    for locale in of_the_product():
        for channel, names in PARTS.items():
            for name in names:
                file = TEMPLATES / locale / kind / f"{channel}.{name}.liquid"
                if file.exists():
                    said = parts.setdefault(channel, {}).setdefault(locale, {})
                    said[name] = file.read_text()
    return parts
