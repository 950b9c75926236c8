"""V7 and V9 as sessions and their own tokens meet them; federation has its own."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from domains.auth import interface as auth
from domains.auth.contract.errors import RefreshTokenInvalid
from domains.auth.models import Account, Session
from domains.auth.services import bans, login, refresh
from kernel import clock as real
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.test_step_up import grow_old, prove, stale
from tests.gateway.test_jwt_attacks import Forger, b64

pytestmark = pytest.mark.django_db(databases="__all__")
COMMITTED = pytest.mark.django_db(transaction=True, databases="__all__")
CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}


@pytest.fixture
def me(api, deliver_events):
    """A client that is signed in, with the account's id and the token that it shows."""
    account = auth.ensure_account(**CREDENTIALS)
    deliver_events()
    return sign_in(api, account.id)


def sign_in(api, account_id):
    tokens = api.post("auth/login", CREDENTIALS).json()
    signed_in = api.as_(token=tokens["access_token"])
    signed_in.account_id, signed_in.tokens = account_id, tokens
    return signed_in


def status(client, token: str) -> int:
    return client.as_(token=token).get("users/me").status_code


def forger(me) -> Forger:
    return Forger(me.tokens["access_token"])


def test_asvs_v5_0_0_7_2_1(me):
    """Tokens are verified by the backend: whatever a client says of itself counts for nothing."""
    forged = forger(me).make(key=ec.generate_private_key(ec.SECP256R1()))
    assert status(me, forged) == 401
    assert status(me, me.tokens["access_token"]) == 200


def test_asvs_v5_0_0_7_2_2(me, api):
    """Tokens are made for each session, and never the same."""
    other = sign_in(api, me.account_id)
    for name in ("access_token", "refresh_token"):
        assert me.tokens[name] != other.tokens[name]


def test_asvs_v5_0_0_7_2_3(me, api):
    """A refresh token has twice 256 bits from the system's generator, and is unique."""
    shown = {sign_in(api, me.account_id).tokens["refresh_token"] for _ in range(5)}
    assert len(shown) == len({token[:43] for token in shown}) == 5
    assert {len(token) for token in shown} == {2 * 43}


def test_asvs_v5_0_0_7_2_4(me, api):
    """Signing in again makes a new session, whatever was shown with the request."""
    again = me.post("auth/login", CREDENTIALS).json()
    assert Session.objects.filter(account_id=me.account_id).count() == 2
    assert again["refresh_token"][:43] != me.tokens["refresh_token"][:43]


def test_asvs_v5_0_0_7_2_4_step_up(me, api):
    """Proving oneself anew gives another token, and what was shown before proves nothing more."""
    grow_old()
    old = stale(api)
    proven = prove(old).json()["access_token"]
    assert old.post("auth/totp").json()["code"] == "auth.step_up_required"
    assert api.as_(token=proven).post("auth/totp").status_code == 201


def test_asvs_v5_0_0_7_3_1(ada, clock):
    """Whoever does nothing for 14 days signs in again."""
    token = login.log_in(client=CLIENT, **CREDENTIALS, now=clock.now).refresh_token
    clock.advance(days=14)
    with pytest.raises(RefreshTokenInvalid):
        refresh.refresh(refresh_token=token, client=CLIENT, now=clock.now)


def test_asvs_v5_0_0_7_3_2(ada, clock):
    """Whoever was signed in for 90 days signs in again, whatever they did."""
    token = login.log_in(client=CLIENT, **CREDENTIALS, now=clock.now).refresh_token
    for _ in range(8):
        clock.advance(days=10)
        token = refresh.refresh(refresh_token=token, client=CLIENT, now=clock.now).refresh_token
    clock.advance(days=10)
    with pytest.raises(RefreshTokenInvalid):
        refresh.refresh(refresh_token=token, client=CLIENT, now=clock.now)


@COMMITTED
def test_asvs_v5_0_0_7_4_1(me):
    """After a logout neither token counts, although one is self-contained."""
    assert me.get("users/me").status_code == 200
    assert me.post("auth/logout").status_code == 204
    assert me.get("users/me").status_code == 401
    shown = {"refresh_token": me.tokens["refresh_token"]}
    assert me.post("auth/refresh", shown).status_code == 401


@COMMITTED
def test_asvs_v5_0_0_7_4_2(me):
    """A ban ends all sessions."""
    assert me.get("users/me").status_code == 200
    bans.ban(Account.objects.get(id=me.account_id), reason="Spam", now=real.now())
    assert me.get("users/me").status_code == 401


@COMMITTED
def test_asvs_v5_0_0_7_4_3(me, api):
    """A new password ends all other sessions, and so can their owner at any time."""
    other = sign_in(api, me.account_id)
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert me.put("auth/password", body).status_code == 204
    assert other.get("users/me").status_code == 401
    assert me.delete("auth/sessions").status_code == 204


@COMMITTED
def test_asvs_v5_0_0_7_5_2(me, api):
    """People see their sessions, and end any or all, having proven who they are again."""
    other = sign_in(api, me.account_id)
    listed = {row["current"]: row["id"] for row in me.get("auth/sessions").json()["data"]}
    Session.objects.update(proven_at=real.now() - timedelta(minutes=11))
    for path in (f"auth/sessions/{listed[False]}", "auth/sessions"):
        refused = me.delete(path)
        assert (refused.status_code, refused.json()["code"]) == (401, "auth.step_up_required")
    assert other.get("users/me").status_code == 200
    proven = me.post("auth/step-up", {"method": "password", "answer": PASSWORD}).json()
    fresh = api.as_(token=proven["access_token"])
    assert fresh.delete(f"auth/sessions/{listed[False]}").status_code == 204
    assert other.get("users/me").status_code == 401


def test_asvs_v5_0_0_9_1_1(me):
    """No content of a token is believed before its signature is."""
    head, _, end = me.tokens["access_token"].split(".")
    other = forger(me).claims | {"sub": "01930000-0000-7000-8000-000000000000"}
    assert status(me, f"{head}.{b64(json.dumps(other).encode())}.{end}") == 401


def test_asvs_v5_0_0_9_1_2(me):
    """ES256 is the one algorithm, for making as for verifying."""
    assert status(me, forger(me).make()) == 200
    for algorithm in ("none", "HS256", "ES384", "RS256"):
        assert status(me, forger(me).make(header={"alg": algorithm})) == 401


def test_asvs_v5_0_0_9_1_3(me):
    """Keys come from the issuer alone: a header that names or brings one is refused."""
    for member in ("jku", "x5u", "jwk", "x5c"):
        assert status(me, forger(me).make(header={member: "https://evil.example"})) == 401


def test_asvs_v5_0_0_9_2_1(me):
    """`nbf` and `exp` hold, but for 30 seconds that clocks may differ by."""
    now = int(time.time())
    assert status(me, forger(me).make(exp=now - 31)) == 401
    assert status(me, forger(me).make(nbf=now + 35)) == 401


def test_asvs_v5_0_0_9_2_2(me):
    """Only an access token is taken for one."""
    assert status(me, forger(me).make(header={"typ": "JWT"})) == 401
    assert status(me, forger(me).id_token()) == 401
    assert status(me, me.tokens["refresh_token"]) == 401


def test_asvs_v5_0_0_9_2_3(me):
    """A token for another service is refused."""
    assert status(me, forger(me).make(aud="other")) == 401


def test_asvs_v5_0_0_9_2_4(me, settings):
    """The keys sign for one audience, which every token names."""
    assert forger(me).claims["aud"] == settings.JWT_AUDIENCE
