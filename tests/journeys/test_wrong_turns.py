"""The journey with everything done wrong: the right problem each time, and nothing changes."""

from __future__ import annotations

from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.journeys.person import PASSWORD, Person

pytestmark = [pytest.mark.slow]


def refused(response: httpx.Response, status: int, code: str) -> dict:
    """Assert that the answer is this problem in its one form, and return it."""
    assert (response.status_code, response.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    ), response.text
    problem = response.json()
    assert problem["code"] == code, problem
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= set(problem)
    assert problem["request_id"] == response.headers["X-Request-Id"]
    return problem


@pytest.fixture
def owner(tenon):
    person = Person(tenon, "owner")
    person.register()
    person.log_in()
    return person


@pytest.fixture
def stranger(tenon):
    person = Person(tenon, "stranger")
    person.register()
    person.log_in()
    return person


@pytest.fixture
def team(owner):
    return owner.post("users/organizations", {"name": "Team"})["id"]


def test_an_unknown_plan_is_not_bought(owner, team):
    response = owner.call(
        "PUT",
        "billing/subscription",
        {"plan": "gold", "payment_method": "pm_card_visa"},
        Organization_Id=team,
    )
    problem = refused(response, 422, "billing.plan_unknown")
    assert [error["pointer"] for error in problem["errors"]] == ["/plan"]
    assert owner.get("billing/entitlements", Organization_Id=team)["plan"] == "free"


@pytest.mark.parametrize("card", ["pm_card_declined", "pm_card_insufficient_funds"])
def test_a_declined_card_buys_nothing(owner, team, card):
    response = owner.call(
        "PUT",
        "billing/subscription",
        {"plan": "pro", "payment_method": card},
        Organization_Id=team,
    )
    refused(response, 422, "billing.payment_declined")
    assert owner.get("billing/entitlements", Organization_Id=team)["plan"] == "free"
    owner.notified_of("billing.payment_failed")


def test_money_does_not_move_without_an_idempotency_key(owner, team):
    response = owner.http.put(
        "billing/subscription",
        json={"plan": "pro", "payment_method": "pm_card_visa"},
        headers={"Organization-Id": team},
    )
    refused(response, 400, "kernel.idempotency_key_required")
    assert owner.get("billing/entitlements", Organization_Id=team)["plan"] == "free"


def test_a_foreign_organization_is_like_one_that_never_was(owner, team, stranger):
    facts = {"name": "a", "size": 1, "content_type": "text/plain", "sha256": "0" * 64}
    file_id = owner.announce("a.txt", b"a", "text/plain", Organization_Id=team)["id"]
    pairs = [
        ("GET", "users/organizations/{}", team, None, {}),
        ("PATCH", "users/organizations/{}", team, {"name": "Mine"}, {}),
        ("GET", "users/organizations/{}/members", team, None, {}),
        ("GET", "files/{}", file_id, None, {}),
        ("POST", "files/{}/complete", file_id, None, {}),
        ("DELETE", "files/{}", file_id, None, {}),
        ("GET", "files", team, None, {"Organization_Id": ...}),
        ("POST", "files", team, facts, {"Organization_Id": ...}),
        ("GET", "billing/subscription", team, None, {"Organization_Id": ...}),
    ]
    for method, path, real, body, headers in pairs:
        answers = []
        for which in (real, str(uuid4())):
            named = dict.fromkeys(headers, which)
            response = stranger.call(method, path.format(which), body, **named)
            answers.append(_same_for_all(response))
        assert answers[0] == answers[1], (method, path)
        assert answers[0]["status"] == 404
    assert owner.get(f"users/organizations/{team}")["name"] == "Team"
    assert owner.get(f"files/{file_id}")["state"] == "pending"


def _same_for_all(response):
    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    return {key: problem[key] for key in ("type", "title", "status", "detail", "code")}


def test_an_invitation_of_somebody_else_is_not_accepted(owner, team, stranger):
    guest = Person(owner.tenon, "guest")
    path = f"users/organizations/{team}/invitations"
    owner.post(path, {"email": guest.address, "role": "member"})
    secret = guest.token_from_mail("invite")
    response = stranger.call("POST", "users/invitations/accept", {"token": secret})
    refused(response, 403, "users.invited_another_address")
    assert len(owner.get(f"users/organizations/{team}/members")["data"]) == 1


def test_an_expired_invitation_is_not_accepted(owner, team, stranger, database_of_users):
    path = f"users/organizations/{team}/invitations"
    owner.post(path, {"email": stranger.address, "role": "member"})
    secret = stranger.token_from_mail("invite")
    with psycopg.connect(database_of_users, autocommit=True) as connection:
        connection.execute(
            "UPDATE users.invitation SET expires_at = now() - interval '1 second'"
            " WHERE organization_id = %s",
            [team],
        )
    response = stranger.call("POST", "users/invitations/accept", {"token": secret})
    refused(response, 409, "users.invitation_expired")
    assert len(owner.get(f"users/organizations/{team}/members")["data"]) == 1


def test_a_wrong_checksum_makes_no_file(owner, team):
    facts = {"name": "a.txt", "size": 1, "content_type": "text/plain", "sha256": "0" * 64}
    opened = owner.post("files", facts, Organization_Id=team)
    upload = opened["upload"]
    httpx.put(upload["url"], content=b"a", headers=upload["headers"]).raise_for_status()
    refused(owner.call("POST", f"files/{opened['id']}/complete"), 422, "files.checksum_mismatch")
    refused(owner.call("GET", f"files/{opened['id']}/content"), 409, "files.not_ready")


def test_a_file_over_the_quota_is_not_taken(owner, team):
    facts = {
        "name": "big.bin",
        "size": 104_857_601,
        "content_type": "application/octet-stream",
        "sha256": "0" * 64,
    }
    response = owner.call("POST", "files", facts, Organization_Id=team)
    refused(response, 409, "files.quota_exceeded")
    assert owner.get("files", Organization_Id=team)["data"] == []


def test_a_revoked_session_is_over_at_once(owner):
    other = Person(owner.tenon, "again")
    other.address = owner.address
    other.log_in()
    other.post("auth/logout")
    refused(other.call("GET", "users/me"), 401, "gateway.session_ended")
    response = other.call("POST", "auth/refresh", {"refresh_token": other.refresh_token})
    assert response.status_code == 401
    assert owner.get("users/me")["email"] == owner.address


def test_a_known_and_an_unknown_address_register_alike(owner):
    known = owner.call("POST", "auth/register", {"email": owner.address, "password": PASSWORD})
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    unknown = owner.call("POST", "auth/register", body)
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert known.status_code == 202


def test_a_repeated_request_is_answered_once_and_replayed(owner):
    key = uuid4().hex
    body = {"name": "Only once"}
    first = owner.call("POST", "users/organizations", body, Idempotency_Key=key)
    again = owner.call("POST", "users/organizations", body, Idempotency_Key=key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = owner.call("POST", "users/organizations", {"name": "Other"}, Idempotency_Key=key)
    assert other.status_code == 422
    names = [o["name"] for o in owner.get("users/organizations")["data"]]
    assert names.count("Only once") == 1
    assert "Other" not in names


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nothing/here", None, 404),
        ("PUT", "auth/login", {}, 405),
        ("POST", "auth/login", [], 422),
        ("POST", "auth/login", {"email": 1, "password": []}, 422),
        ("POST", "users/organizations", {"name": "x", "owner": "me"}, 422),
        ("GET", "files/not-a-uuid", None, 404),
        ("GET", "files?limit=0", None, 400),
        ("GET", "files?cursor=forged", None, 400),
    ],
)
def test_nonsense_gets_a_problem_document(owner, method, path, body, status):
    response = owner.call(method, path, body)
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
