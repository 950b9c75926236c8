"""The whole document of the domains that this process serves."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from gateway.errors import CONTENT_TYPE

Schema = dict[str, Any]
HEADERS: dict[str, Schema] = {
    "X-Request-Id": {"description": "What to name when asking about this request"},
    "RateLimit-Policy": {"description": 'The limits in force: `"default";q=1000;w=60`'},
    "RateLimit": {"description": 'What is left of them, for how long: `"default";r=987;t=42`'},
}
RETRY_AFTER = {"description": "Seconds to wait", "schema": {"type": "integer"}}
_WAITS = ("429", "503")


@cache
def document() -> Schema:
    """Return the document as plain data."""
    generator: Any = SchemaGenerator
    made = generator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made, default=str))


@cache
def served() -> str:
    """Return the document as it is served."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":"))


def released() -> str:
    """Return the document as it is kept in docs/openapi.json."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def complete(result: Schema, **_: Any) -> Schema:
    """Add to the document what all operations share; a hook of drf-spectacular."""
    components = result["components"]
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token, or an API key (`tnn_…`).",
        }
    }
    shared = {name: {**about, "schema": {"type": "string"}} for name, about in HEADERS.items()}
    components["headers"] = {**shared, "Retry-After": RETRY_AFTER}
    for path in result["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                names = [*HEADERS, "Retry-After"] if status in _WAITS else list(HEADERS)
                response["headers"] = {n: {"$ref": f"#/components/headers/{n}"} for n in names}
                operation["responses"][status] = _shared(status, response, components)
    return result


def _shared(status: str, response: Schema, components: Schema) -> Schema:
    """Return a reference to a response of problems, which many operations have in common."""
    content = response.get("content", {}).get(CONTENT_TYPE)
    if content is None:
        return response
    by_code = {example["value"]["code"]: example for example in content["examples"].values()}
    components.setdefault("examples", {}).update(by_code)
    content["examples"] = {code: {"$ref": f"#/components/examples/{code}"} for code in by_code}
    digest = hashlib.sha256(" ".join(by_code).encode()).hexdigest()[:8]
    name = f"problem-{status}-{digest}"
    components.setdefault("responses", {})[name] = response
    return {"$ref": f"#/components/responses/{name}"}
