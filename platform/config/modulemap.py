"""The map of the modules, from the code: what each domain offers, says, hears and keeps."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from kernel.boundary.operations import Operation, registry
from kernel.events import subscriptions, types

API = "/api/v1/"

HEADING = """\
# The modules

Written by `make map` from the code; a test fails when it is stale. How the domains may know one
another is in `importlinter.ini`: each is reached only through its interface, and what goes up
the order goes as an event.
"""


def module_map() -> str:
    """Return the whole document, as Markdown. Needs a process that serves every domain."""
    endpoints = list(_endpoints())
    sections = [_section(domain, endpoints) for domain in settings.ALL_DOMAINS]
    return "\n".join([HEADING, *sections])


def _section(domain: str, endpoints: list[tuple[str, str]]) -> str:
    parts = {
        "Interface": _functions(domain),
        "Publishes": _published(domain),
        "Listens to": _heard(domain),
        "Tables": _tables(domain),
        "Endpoints": [line for of, line in endpoints if of == domain],
    }
    blocks = [f"## {domain}\n\n{_introduction(domain)}"]
    blocks += [f"### {title}\n\n" + "\n".join(lines) for title, lines in parts.items() if lines]
    return "\n\n".join(blocks) + "\n"


def _introduction(domain: str) -> str:
    """Return the first paragraph of the domain's README."""
    folder = Path(apps.get_app_config(f"domains_{domain}").path)
    paragraphs = (folder / "README.md").read_text().split("\n\n")
    return next(text.strip() for text in paragraphs if not text.startswith("#"))


def _functions(domain: str) -> list[str]:
    operations = [operation for (of, _), operation in sorted(registry.items()) if of == domain]
    return [_described(_signature(op), _first_line(op.function)) for op in operations]


def _signature(operation: Operation) -> str:
    signature = inspect.signature(operation.function)
    given = "".join(f", {parameter}" for parameter in signature.parameters.values())
    given = f"*{given}".replace("'", "") if given else ""
    result = inspect.formatannotation(signature.return_annotation).replace("'", "")
    return f"{operation.name}({given}) -> {result}"


def _published(domain: str) -> list[str]:
    declared = sorted(types.by_name.values(), key=lambda declared: declared.name)
    return [
        _described(f"{declared.name} {{{_members(declared.payload)}}}", _told(declared.payload))
        for declared in declared
        if f"{declared.payload.__module__}.".startswith(f"domains.{domain}.contract.")
    ]


def _members(payload: type[Any]) -> str:
    return ", ".join(field.name for field in fields(payload))


def _heard(domain: str) -> list[str]:
    wants = subscriptions.of_domain(domain)
    own = [want for want in wants if want.handle.__module__.startswith(f"domains.{domain}.")]
    names = sorted({name for want in own for name in want.listens_to})
    return [_described(name, ", ".join(_handlers(own, name))) for name in names]


def _handlers(wants: list[subscriptions.Subscription], name: str) -> list[str]:
    return sorted(f"`{want.handle.__name__}`" for want in wants if name in want.listens_to)


def _tables(domain: str) -> list[str]:
    models = apps.get_app_config(f"domains_{domain}").get_models()
    return sorted(_described(model._meta.db_table, _told(model)) for model in models)


def _endpoints() -> Iterator[tuple[str, str]]:
    """Yield (domain, line) for every operation of the API's own description."""
    generator: Any = SchemaGenerator  # it has no types
    paths = generator().get_schema(request=None, public=True)["paths"]
    for path, operations in sorted(paths.items()):
        for method, operation in operations.items():
            line = _described(f"{method.upper()} {path}", operation.get("summary", ""))
            yield _domain_of(path), line


def _domain_of(path: str) -> str:
    if path.startswith(API):
        return path.removeprefix(API).split("/")[0]
    view: Callable[..., Any] = resolve(path).func
    return getattr(view, "cls", view).__module__.split(".")[1]


def _described(name: str, text: str) -> str:
    return f"- `{name}`" + (f": {text}" if text else "")


def _told(declared: type[Any]) -> str:
    """Return the docstring's first line, but not the one that a dataclass or model invents."""
    text = _first_line(declared)
    return "" if text.startswith(f"{declared.__name__}(") else text


def _first_line(documented: Any) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]
