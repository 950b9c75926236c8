"""System checks that keep every domain in its own schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db.models import Model

from kernel.routing import domain_of_app


@register()
def models_stay_in_their_domain(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001  Django passes it by this name
    **_: Any,
) -> list[CheckMessage]:
    """Refuse tables outside the domain's schema and relations that leave their app."""
    models = [m for m in apps.get_models() if m.__module__.startswith(("domains.", "kernel."))]
    return [message for model in models for message in (*_table(model), *_relations(model))]


def _table(model: type[Model]) -> Iterator[CheckMessage]:
    table = model._meta.db_table
    if "." in table or '"' in table:
        yield Error(
            f"The table {table} names a schema of its own",
            hint="The role's search_path chooses the schema; write the bare table name.",
            obj=model,
            id="kernel.E001",
        )
    domain = domain_of_app(model._meta.app_label)
    if domain is not None and domain not in settings.DATABASES:
        yield Error(f"The domain {domain} has no database", obj=model, id="kernel.E002")


def _relations(model: type[Model]) -> Iterator[CheckMessage]:
    for field in model._meta.get_fields():
        target = field.related_model
        if not isinstance(target, type) or field.auto_created:
            continue
        if _home(target) != _home(model):
            yield Error(
                f"{model._meta.label}.{field.name} refers to {target._meta.label}",
                hint="A reference to another domain is a UUIDField.",
                obj=model,
                id="kernel.E003",
            )


def _home(model: type[Model]) -> str:
    return domain_of_app(model._meta.app_label) or "kernel"


@register()
def aliases_are_apart(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001  Django passes it by this name
    **_: Any,
) -> list[CheckMessage]:
    """Refuse two domains that log in to one database as the same role: they'd share a schema."""
    pairs = combinations(settings.DOMAINS, 2)
    return [
        Error(
            f"The domains {first} and {second} share a database and a role",
            hint="Give each its own role (`manage.py provision`) or its own database.",
            id="kernel.E004",
        )
        for first, second in pairs
        if _place(first) == _place(second)
    ]


def _place(alias: str) -> tuple[Any, ...]:
    database = settings.DATABASES[alias]
    return tuple(database.get(key) for key in ("HOST", "PORT", "NAME", "USER"))
