"""The OWASP API Security Top 10 (2023), each risk held against the whole API."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from domains.auth.services.federation import transport
from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import Refused
from gateway.openapi.document import document
from gateway.policies import policy_of
from tests.client import Api
from tests.isolation import test_matrix as matrix
from tests.isolation.operations import described, served
from tests.isolation.table import TABLE
from tests.paths import filled
from tests.patience import shipped

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.xdist_group("isolation-asvs"),
]
NOBODYS_ID = "019aa3c5-0001-7ccc-8ccc-000000000001"
# A field with one of these in its name would tell a secret; the others are shown once, when made.
SECRETS = ("_hash", "encrypted", "password", "storage_key")
URL_WORDS = ("url", "uri", "callback", "webhook", "host")


def as_(world, actor: str) -> Api:
    return Api().as_(token=world.people[actor].token, organization_id=world.ours.id)


def test_owasp_api_2023_01(world, watch):
    """Broken object level authorization: ids of others open nothing."""
    for name in ("downloadFile", "removeMember", "rotateApiKey"):
        matrix.test_what_is_not_ones_own_is_answered_like_what_never_was(
            world, watch, name, TABLE[name]
        )


def test_owasp_api_2023_02(world, watch):
    """Broken authentication: whatever isn't public asks for proof, and takes no false one."""
    # {"typ": "JWT", "alg": "none"}, without a signature
    forged = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30."
    for operation in described().values():
        if operation.is_public:
            continue
        for shown in ({}, {"Authorization": f"Bearer {forged}"}, {"Authorization": "Basic YTpi"}):
            answer = Client().generic(
                operation.method,
                filled(operation.path, NOBODYS_ID),
                content_type="application/json",
                headers=shown,
            )
            assert answer.status_code in (401, 415), (operation.name, answer.status_code)
    assert watch.written() == set()


def test_owasp_api_2023_03(world, watch):
    """Broken object property level authorization: unknown fields are refused, secrets not shown."""
    for name, row in TABLE.items():
        if isinstance(row.body, dict) and row.answers["owner"] < 300:
            with_more = row.sends(body={**row.body, "is_owner": "yes"})
            asking = matrix.Asking(world, watch, matrix.operation_of(name), with_more, "owner")
            assert asking.asks(asking.own, asking.organization_id).status == 422, name
    told = {field for field in answered_fields() if field.endswith(SECRETS)}
    assert told <= {"has_password"}, told


def answered_fields() -> set[str]:
    """Return the names of all fields that answers have."""
    schemas = document()["components"]["schemas"]
    found: set[str] = set()
    waiting = [
        operation["responses"]
        for path in document()["paths"].values()
        for operation in path.values()
    ]
    while waiting:
        new = set(re.findall(r"components/schemas/(\w+)", str(waiting.pop()))) - found
        found |= new
        waiting += [schemas[name] for name in new]
    fields = {field for name in found for field in schemas[name].get("properties", {})}
    assert len(fields) > 50
    return fields


def test_owasp_api_2023_04(world, watch):
    """Unrestricted resource consumption: lists, bodies and requests have their limits."""
    owner = as_(world, "owner")
    assert owner.get("files?limit=201").status_code == 400
    assert owner.post("files", {"name": "x" * 5_000_000}).status_code == 413
    lists = [o for o in described().values() if o.is_list]
    assert len(lists) > 10
    for operation in lists:
        parameters = document()["paths"][operation.path]["get"]["parameters"]
        [limit] = [p for p in parameters if p["name"] == "limit"]
        assert limit["schema"]["maximum"] == 200, operation.name
    assert "RateLimit" in owner.get("files")
    assert settings.RATE_LIMIT_ANONYMOUS
    assert settings.RATE_LIMIT_ACCOUNT


def test_owasp_api_2023_05(world, watch):
    """Broken function level authorization: what managers do, others can't by another method."""
    for name in ("setOrganizationPolicy", "closeOrganization", "deleteTeam", "assignRole"):
        matrix.test_every_actor_is_answered_as_declared(world, watch, name, TABLE[name])


def test_owasp_api_2023_06():
    """Unrestricted access to sensitive business flows: each is limited by itself or asks anew."""
    limited = ("register", "login", "forgotPassword", "startEmailSignIn", "refreshTokens")
    anew = ("createApiKey", "changePassword", "closeAccount", "offerOwnership", "closeOrganization")
    policies = dict(views())
    for name in limited:
        assert policies[described()[name].path].limits, name
    for name in anew:
        operation = described()[name]
        assert operation.method in policies[operation.path].step_up, name


def views() -> Iterator[tuple[str, object]]:
    from django.urls import get_resolver

    from tests.isolation import operations

    for path, view in operations._views(get_resolver("config.urls").url_patterns, ""):
        yield path, policy_of(view)


def test_owasp_api_2023_07(world):
    """Server side request forgery: what fetches addresses that clients send leads nowhere inside.

    `tests/notifications/test_outbound_addresses.py` tries every kind of them.
    """
    schemas = document()["components"]["schemas"]
    asked = {
        (name, field)
        for path in document()["paths"].values()
        for operation in path.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for name in re.findall(r"schemas/(\w+)", str(content["schema"]))
        for field in schemas[name].get("properties", {})
        if any(word in field for word in URL_WORDS)
    }
    # The first two are held against what operators allow, and visited by the browser; the last is
    # of webhooks and chats.
    assert {field for _, field in asked} == {"redirect_uri", "return_url", "url"}
    elsewhere = {"redirect_uri": "http://169.254.169.254/latest"}
    answer = Api().post("auth/federation/acme/start", elsewhere)
    assert answer.status_code in (404, 422)
    with pytest.raises(Refused):
        client.check_url(url="https://169.254.169.254/latest")


def test_owasp_api_2023_08(world):
    """Security misconfiguration: answers have their headers, errors tell no inside."""
    for path in ("/api/v1/users/me", "/api/v1/nothing", "/api/v1/files/x", "/api/v1/auth/login"):
        answer = Client(raise_request_exception=False).get(path)
        assert answer.status_code >= 400
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer
        assert not re.search(rb"Traceback|SELECT|django|psycopg", answer.content)
    assert not settings.DEBUG


def test_owasp_api_2023_09():
    """Improper inventory management: what is served is described, and nothing else is."""
    assert {(o.method, o.path) for o in described().values()} == served()
    assert {path.split("/")[2] for _, path in served() if path.startswith("/api/")} == {"v1"}


def test_owasp_api_2023_10():
    """Unsafe consumption of APIs: providers are asked by TLS, in bounded time and size."""
    assert transport.is_safe("https://accounts.example/token")
    assert not transport.is_safe("http://accounts.example/token")
    assert not transport.is_safe("file:///etc/passwd")
    assert shipped["timeout"].read <= shipped["deadline"] <= 10
    assert transport.MOST_BYTES <= 1024 * 1024
    with transport._client() as client:
        assert not client.follow_redirects
