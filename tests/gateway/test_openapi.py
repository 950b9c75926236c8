"""The API's description: whole, valid, true, and never broken for those who rely on it."""

from __future__ import annotations

import copy
import json

import pytest
from django.core.management import CommandError, call_command
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.errors import status_of
from gateway.openapi.compatibility import breaking_changes
from gateway.openapi.document import document
from kernel.errors import by_code
from tests.isolation.operations import served
from tests.paths import OPENAPI as RELEASED

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(autouse=True)
def _throw_away_views():
    """Describe the real API."""


@pytest.fixture
def api_document():
    return copy.deepcopy(document())


def operations(of):
    for path, methods in of["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def test_it_is_a_valid_openapi_3_1_document(api_document):
    assert api_document["openapi"].startswith("3.1")
    errors = [error.message for error in OpenAPIV31SpecValidator(api_document).iter_errors()]
    assert errors == []


def test_every_view_of_every_domain_is_described(api_document):
    described = {
        (method.upper(), path)
        for path, methods in api_document["paths"].items()
        for method in methods
    }
    found = served()
    assert found
    assert found == described


def test_every_operation_has_a_name_of_its_own(api_document):
    names = [operation["operationId"] for _, operation in operations(api_document)]
    assert len(names) == len(set(names))
    assert all(name.isalnum() and name[0].islower() for name in names)


def test_every_operation_says_in_one_line_what_it_does(api_document):
    for name, operation in operations(api_document):
        assert 5 < len(operation["summary"]) < 100, name
        assert not operation["summary"].endswith("."), name
        assert operation["tags"], name


def test_every_body_has_an_example(api_document):
    for name, operation in operations(api_document):
        bodies = [operation.get("requestBody", {})]
        bodies += [r for s, r in operation["responses"].items() if s.startswith("2")]
        for body in bodies:
            for media_type, content in body.get("content", {}).items():
                if media_type == "application/json":
                    assert content.get("examples"), (name, body)


def test_every_example_fits_its_schema(api_document):
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    resource = Resource.from_contents(api_document, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:api", resource)
    for name, operation in operations(api_document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in body.get("content", {}).values():
                schema = json.loads(json.dumps(content["schema"]).replace('"#/', '"urn:api#/'))
                for example in content.get("examples", {}).values():
                    validator = Draft202012Validator(schema, registry=registry)
                    errors = [error.message for error in validator.iter_errors(example["value"])]
                    assert errors == [], name


def test_every_operation_lists_the_problems_that_any_can_answer(api_document):
    for name, operation in operations(api_document):
        statuses = set(operation["responses"])
        assert statuses >= {"429", "500", "503"}, name
        if operation.get("security"):
            assert "401" in statuses, name
        if operation.get("requestBody"):
            assert "413" in statuses, name


def test_every_listed_problem_exists_and_has_its_status(api_document):
    components = api_document["components"]
    for response in components["responses"].values():
        for code, reference in response["content"]["application/problem+json"]["examples"].items():
            assert reference == {"$ref": f"#/components/examples/{code}"}
            example = components["examples"][code]["value"]
            assert example["code"] == code
            assert example["status"] == status_of(by_code[code])


def test_every_post_takes_an_idempotency_key(api_document):
    for name, operation in operations(api_document):
        body = operation.get("requestBody", {"content": {"application/json": {}}})
        if name.startswith("POST") and "application/json" in body["content"]:
            headers = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
            assert "Idempotency-Key" in headers, name


def test_lists_declare_their_parameters(api_document):
    listing = api_document["paths"]["/api/v1/notifications"]["get"]
    names = {p["name"] for p in listing["parameters"] if p["in"] == "query"}
    assert names >= {"limit", "cursor", "sort", "unread"}
    schema = listing["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["data", "next_cursor"]


def test_nothing_that_was_released_is_broken(api_document):
    assert breaking_changes(json.loads(RELEASED.read_text("utf-8")), api_document) == []


def test_the_document_is_served_and_cached(api):
    response = api.get("/api/v1/openapi.json")
    assert response.json()["openapi"].startswith("3.1")
    assert response["Cache-Control"] == "public, max-age=300"
    assert api.get("/api/v1/openapi.json", If_None_Match=response["ETag"]).status_code == 304


def test_the_command_refuses_a_breaking_release(tmp_path, settings, monkeypatch):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    call_command("openapi", write=True)
    call_command("openapi")
    kept = json.loads((tmp_path / "docs/openapi.json").read_text())
    kept["paths"]["/api/v1/was/here"] = {"get": {"operationId": "x", "responses": {}}}
    (tmp_path / "docs/openapi.json").write_text(json.dumps(kept))
    with pytest.raises(CommandError, match="GET /api/v1/was/here: is gone"):
        call_command("openapi", write=True)


def small(**changes):
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "enum": ["x", "y"]},
            "b": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
        },
    }
    operation = {
        "operationId": "op",
        "parameters": [{"in": "query", "name": "q", "schema": {"enum": ["1", "2"]}}],
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {
            "200": {"content": {"application/json": {"schema": copy.deepcopy(schema)}}},
            "404": {"$ref": "#/components/responses/x"},
        },
    }
    item = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    return {
        "paths": {"/p": {"post": copy.deepcopy(operation)}},
        "components": {"schemas": {"Item": item}},
    }


def at(spec, path):
    for step in path.split("|")[:-1]:
        spec = spec[int(step) if step.isdigit() and isinstance(spec, list) else step]
    return spec, path.split("|")[-1]


OP = "paths|/p|post"
SENT = f"{OP}|requestBody|content|application/json|schema"
READ = f"{OP}|responses|200|content|application/json|schema"
REMOVE = object()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("paths|/p", REMOVE, "is gone"),
        (f"{OP}", REMOVE, "is gone"),
        (f"{OP}|operationId", "other", "operationId op became other"),
        (f"{OP}|security", [{"bearer": []}], "needs credentials now"),
        (f"{OP}|parameters", [], "the parameter q is gone"),
        (f"{OP}|parameters|0|required", True, "the parameter q is required now"),
        (f"{OP}|parameters|0|schema|enum", ["1"], "no longer takes ['2']"),
        (f"{OP}|requestBody", REMOVE, "no longer taken"),
        (f"{SENT}|required", ["a", "b"], "the body/b is required now"),
        (f"{SENT}|properties|b", REMOVE, "the body/b is refused now"),
        (f"{SENT}|properties|a|type", "integer", "was ['string'], now ['integer']"),
        (f"{SENT}|properties|a|enum", ["x"], "no longer takes ['y']"),
        (f"{OP}|responses|200", REMOVE, "no longer answers 200"),
        (f"{READ}|properties|a", REMOVE, "/a is gone"),
        (f"{READ}|required", [], "/a is no longer always there"),
        (f"{READ}|properties|a|type", ["string", "null"], "now ['null', 'string']"),
        ("components|schemas|Item|properties|n|type", "string", "now ['string']"),
        ("components|schemas|Item|required", [], "/n is no longer always there"),
    ],
)
def test_a_breaking_change_is_named(path, value, said):
    new = small()
    container, key = at(new, path)
    key = int(key) if isinstance(container, list) else key
    if value is REMOVE:
        del container[key]
    else:
        container[key] = value
    assert any(said in change for change in breaking_changes(small(), new))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("paths|/new", {}),
        (f"{SENT}|properties|c", {"type": "string"}),
        (f"{SENT}|required", []),
        (f"{SENT}|properties|a|enum", ["x", "y", "z"]),
        (f"{SENT}|properties|a|type", ["string", "null"]),
        (f"{READ}|properties|c", {"type": "string"}),
        (f"{READ}|required", ["a", "b"]),
        (f"{OP}|responses|429", {}),
        (f"{OP}|responses|404", REMOVE),
        (f"{OP}|parameters|0|schema|enum", ["1", "2", "3"]),
    ],
)
def test_an_addition_breaks_nothing(path, value):
    new = small()
    container, key = at(new, path)
    if value is REMOVE:
        del container[key]
    else:
        container[key] = value
    assert breaking_changes(small(), new) == []
