"""The main job on real input: from a stranger to a paying team, across all five domains."""

from __future__ import annotations

import httpx
import jwt
import pytest

from tests.journeys.conftest import WORKER
from tests.journeys.person import Person
from tests.journeys.stack import groups
from tests.patience import eventually

pytestmark = pytest.mark.slow


def test_a_stranger_becomes_a_paying_team_that_shares_files(tenon):
    ada, grace = Person(tenon, "ada"), Person(tenon, "grace")

    ada.register()
    ada.log_in()
    me = ada.get("users/me")
    assert me["email"] == ada.address
    assert [o["personal"] for o in me["organizations"]] == [True]

    team = ada.post("users/organizations", {"name": "Analytical Engines"})
    in_team = {"Organization_Id": team["id"]}
    assert team["role"] == "owner"
    assert ada.get("billing/entitlements", **in_team)["plan"] == "free"

    invited = {"email": grace.address, "role": "member"}
    ada.post(f"users/organizations/{team['id']}/invitations", invited)
    secret = grace.token_from_mail("invite")
    grace.register()
    grace.log_in()
    joined = grace.post("users/invitations/accept", {"token": secret})
    assert (joined["organization_id"], joined["role"]) == (team["id"], "member")
    members = ada.get(f"users/organizations/{team['id']}/members")["data"]
    assert {member["email"] for member in members} == {ada.address, grace.address}

    bought = ada.put(
        "billing/subscription", {"plan": "pro", "payment_method": "pm_card_visa"}, **in_team
    )
    assert (bought["plan"], bought["status"]) == ("pro", "active")
    assert ada.get("billing/entitlements", **in_team)["seats"] == 25

    ready = grace.upload("notes on the engine.txt", b"it weaves", "text/plain", **in_team)
    assert ready["state"] == "ready"
    content = ada.call("GET", f"files/{ready['id']}/content")
    assert content.content == b"it weaves"
    assert content.headers["Content-Disposition"].startswith("attachment")
    assert [f["id"] for f in ada.get("files", **in_team)["data"]] == [ready["id"]]

    ada.notified_of(
        "auth.welcome",
        "auth.new_sign_in",
        "users.organization_created",
        "users.invitation_sent",
        "users.member_joined",
        "billing.subscription_activated",
    )
    feed = grace.notified_of("auth.welcome", "auth.new_sign_in", "files.file_uploaded")
    assert grace.get("notifications/unread-count")["unread"] == len(feed)
    grace.post(f"notifications/{feed[0]['id']}/read")
    assert grace.get("notifications/unread-count")["unread"] == len(feed) - 1
    grace.post("notifications/read-all")
    assert grace.get("notifications/unread-count")["unread"] == 0
    eventually(lambda: ada.mails("Pro"))
    assert len(ada.mails("Confirm")) == 1

    grace.post("auth/logout")
    refused = grace.call("GET", "users/me")
    assert refused.status_code == 401
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_goes_on_by_its_refresh_token_and_is_verified_by_others(tenon):
    ada = Person(tenon, "ada")
    ada.register()
    ada.log_in()
    renewed = ada.post("auth/refresh", {"refresh_token": ada.refresh_token})
    keys = jwt.PyJWKSet.from_dict(httpx.get(f"{tenon.url}/.well-known/jwks.json").json())
    header = jwt.get_unverified_header(renewed["access_token"])
    claims = jwt.decode(
        renewed["access_token"], keys[header["kid"]], algorithms=["ES256"], audience="tenon"
    )
    assert header["typ"] == "at+jwt"
    assert claims["iss"] == tenon.url


@pytest.mark.nginx
@pytest.mark.xdist_group("split")
def test_domains_go_in_pairs_as_well(tmp_path):
    pairs = ("auth", "files"), ("users", "notifications"), ("billing",)
    with groups(*pairs, name=f"pairs_{WORKER}", directory=tmp_path, redis_database=11) as tenon:
        test_a_stranger_becomes_a_paying_team_that_shares_files(tenon)


def test_staff_can_open_the_admin(tenon):
    page = httpx.get(f"{tenon.url}/admin/login/")
    assert page.status_code == 200


def test_an_api_key_works_for_its_organization(tenon):
    ada = Person(tenon, "ada")
    ada.register()
    ada.log_in()
    created = ada.post("auth/api-keys", {"name": "ci", "permissions": ["files.file:read"]})
    robot = Person(tenon, "robot")
    robot.http.headers["Authorization"] = f"Bearer {created['secret']}"
    assert robot.get("files")["data"] == []
    facts = {"name": "a", "size": 1, "content_type": "text/plain", "sha256": "0" * 64}
    assert robot.call("POST", "files", facts).status_code == 403
    assert ada.call("DELETE", f"auth/api-keys/{created['id']}").status_code == 204
    assert robot.call("GET", "files").status_code == 401
