"""What in a new OpenAPI document would break a client of the old one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
Schema = dict[str, Any]


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Return one line for each change of `new` that a client of `old` could trip over."""
    return [
        f"{method.upper()} {path}: {change}"
        for path, operations in old["paths"].items()
        for method, operation in operations.items()
        for change in _operation(operation, new["paths"].get(path, {}).get(method), old, new)
    ]


def _operation(old: Schema, new: Schema | None, before: Document, after: Document) -> Iterator[str]:
    if new is None:
        yield "is gone"
        return
    if old["operationId"] != new["operationId"]:
        yield f"the operationId {old['operationId']} became {new['operationId']}"
    if not old.get("security") and new.get("security"):
        yield "needs credentials now"
    yield from _parameters(old, new)
    yield from _request(old, new, before, after)
    yield from _responses(old, new, before, after)


def _parameters(old: Schema, new: Schema) -> Iterator[str]:
    known = {(p["in"], p["name"]): p for p in old.get("parameters", [])}
    present = {(p["in"], p["name"]): p for p in new.get("parameters", [])}
    for key in known.keys() - present.keys():
        yield f"the parameter {key[1]} is gone"
    for key, parameter in present.items():
        was = known.get(key, {})
        if parameter.get("required") and not was.get("required"):
            yield f"the parameter {key[1]} is required now"
        gone = set(_values(was.get("schema", {}))) - set(_values(parameter["schema"]))
        if gone and _values(parameter["schema"]):
            yield f"the parameter {key[1]} no longer takes {sorted(gone)}"


def _request(old: Schema, new: Schema, before: Document, after: Document) -> Iterator[str]:
    was, now = old.get("requestBody"), new.get("requestBody")
    if was is None:
        if now and now.get("required"):
            yield "a body is required now"
        return
    for media_type, content in was["content"].items():
        if now is None or media_type not in now["content"]:
            yield f"a body of {media_type} is no longer taken"
            continue
        taken = now["content"][media_type]["schema"]
        yield from _given(content["schema"], taken, before, after, "the body")


def _responses(old: Schema, new: Schema, before: Document, after: Document) -> Iterator[str]:
    for status, response in old["responses"].items():
        if not status.startswith("2"):
            continue
        if status not in new["responses"]:
            yield f"no longer answers {status}"
            continue
        answered = new["responses"][status].get("content", {})
        for media_type, content in response.get("content", {}).items():
            if media_type not in answered:
                yield f"{status} is no longer {media_type}"
                continue
            now = answered[media_type]["schema"]
            yield from _taken(content["schema"], now, before, after, f"the answer {status}")


def _given(old: Schema, new: Schema, before: Document, after: Document, at: str) -> Iterator[str]:
    """Compare what a client may send: the new one must take all that the old one took."""
    old, new = _resolve(old, before), _resolve(new, after)
    if set(_types(old)) - set(_types(new)) and _types(new):
        yield f"{at} was {_types(old)}, now {_types(new)}"
    if gone := set(_values(old)) - set(_values(new)):
        yield f"{at} no longer takes {sorted(map(str, gone))}"
    for name in set(new.get("required", [])) - set(old.get("required", [])):
        yield f"{at}/{name} is required now"
    for name, inner in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{at}/{name} is refused now"
        else:
            yield from _given(inner, new["properties"][name], before, after, f"{at}/{name}")
    if "items" in old and "items" in new:
        yield from _given(old["items"], new["items"], before, after, f"{at}/*")


def _taken(old: Schema, new: Schema, before: Document, after: Document, at: str) -> Iterator[str]:
    """Compare what a client reads: the new one must promise all that the old one promised."""
    old, new = _resolve(old, before), _resolve(new, after)
    if set(_types(new)) - set(_types(old)) and _types(old):
        yield f"{at} was {_types(old)}, now {_types(new)}"
    for name in set(old.get("required", [])) - set(new.get("required", [])):
        yield f"{at}/{name} is no longer always there"
    for name, inner in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{at}/{name} is gone"
        else:
            yield from _taken(inner, new["properties"][name], before, after, f"{at}/{name}")
    if "items" in old and "items" in new:
        yield from _taken(old["items"], new["items"], before, after, f"{at}/*")


def _resolve(schema: Schema, document: Document) -> Schema:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if len(schema.get("allOf", [])) == 1:
        return _resolve(schema["allOf"][0], document)
    return schema


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else sorted(types)


def _values(schema: Schema) -> list[Any]:
    return list(schema.get("enum", []))
