"""Which database a model lives in: its domain's, and no other."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model

KERNEL = "kernel"
# Django's own tables (admin, permissions, sessions) stand beside the account model.
STAFF_DOMAIN = "auth"


def domain_of_app(app_label: str) -> str | None:
    """Return the domain whose schema holds the app's tables; None for the kernel's, in all."""
    if app_label == KERNEL:
        return None
    name = apps.get_app_config(app_label).name
    return name.split(".")[1] if name.startswith("domains.") else STAFF_DOMAIN


class DomainRouter:
    """Sends every model to its domain's alias.

    The kernel's models are routed nowhere: whoever uses them says `using(alias)`, and a query
    that doesn't falls on the empty "default" and fails loudly.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return domain_of_app(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        return domain_of_app(first._meta.app_label) == domain_of_app(second._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        if db not in settings.DOMAINS:
            return False
        return domain_of_app(app_label) in (None, db)
