"""Lines of ASVS 5.0 that federation meets."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from domains.auth.models import Account, Identity, Session, Totp
from domains.auth.services.federation import discovery, providers
from kernel.clock import now
from tests.auth.federation.conftest import account, configured, issuer  # noqa: F401  fixtures
from tests.auth.federation.misbehaving import serving
from tests.auth.federation.steps import by_password, code_of, finish, start
from tests.auth.federation.test_logout import enter, logout_token, tell

pytestmark = pytest.mark.django_db(databases="__all__")


def try_it(api, issuer, provider="odd"):
    started = start(api, provider)
    return finish(api, started, issuer.went(started["authorization_url"]), provider)


def refused(api, issuer) -> bool:
    answer = try_it(api, issuer)
    return code_of(answer) == (401, "auth.federation_failed") and not Session.objects.exists()


def test_asvs_v5_0_0_6_8_1(api, issuer, configured):
    """The same subject at another provider is another person."""
    with serving(client_id=issuer.client_id) as another:
        configured(odd=issuer.url, another=another.url)
        assert try_it(api, issuer).status_code == 200
        assert code_of(try_it(api, another, "another")) == (409, "auth.link_required")
    assert Identity.objects.get().issuer == issuer.url


def test_asvs_v5_0_0_6_8_2(api, issuer):
    """An assertion without a signature, or with one that was tampered with, is no assertion."""
    issuer.sign = lambda *_: "eyJhbGciOiJub25lIn0.e30."
    assert refused(api, issuer)
    issuer.sign = None
    good = issuer.id_token(nonce="a")
    issuer.sign = lambda *_: good[:-8] + "AAAAAAAA"
    assert refused(api, issuer)


def test_asvs_v5_0_0_6_8_4(api, issuer, account):
    """What a provider says of its own factors replaces none of the account's."""
    Identity.objects.create(
        account_id=account.id, provider="odd", issuer=issuer.url, subject="eve", created_at=now()
    )
    Totp.objects.create(
        account_id=account.id, secret_encrypted="a", created_at=now(), confirmed_at=now()
    )
    issuer.claims |= {"amr": ["mfa", "hwk"], "acr": "phrh", "auth_time": int(time.time())}
    assert "totp" in try_it(api, issuer).json()["mfa"]["methods"]


def test_asvs_v5_0_0_7_4_1(api, issuer):
    """A session that its provider ended is refused on the next request."""
    me = enter(api, issuer, sid="one")
    assert tell(api, logout_token(issuer, sid="one")).status_code == 200
    assert me.get("auth/identities").status_code == 401


def test_asvs_v5_0_0_7_6_1(api, issuer):
    """A session ends with the provider's if that says so, and otherwise by its own times."""
    enter(api, issuer, sid="one")
    session = Session.objects.get()
    assert session.expires_at > session.created_at
    assert tell(api, logout_token(issuer, sid="one")).status_code == 200
    session.refresh_from_db()
    assert session.revoked_reason == Session.Reason.PROVIDER


def test_asvs_v5_0_0_7_6_2(api, issuer):
    """Being signed in at the provider begins nothing here without the client that asked for it."""
    started = start(api, "odd")
    brought = issuer.went(started["authorization_url"])
    assert code_of(finish(api, {"ticket": "x" * 43}, brought, "odd"))[0] == 401
    assert not Session.objects.exists()


def test_asvs_v5_0_0_9_1_1(api, issuer):
    stranger = ECKey.generate_key("P-256", private=True)
    issuer.sign = lambda header, claims: jwt.encode(
        {"alg": "ES256", "kid": header["kid"]}, claims, stranger
    )
    assert refused(api, issuer)


def test_asvs_v5_0_0_9_1_2(api, issuer):
    """Algorithms are those of the provider that are also on the list; never none, never shared."""
    issuer.document["id_token_signing_alg_values_supported"] = ["none", "HS256", "RS512", "RS256"]
    assert discovery.metadata(providers.get("odd"), now=now()).algorithms == ("RS256",)


def test_asvs_v5_0_0_9_1_3(api, issuer):
    """A key that the token brings or points at verifies nothing."""
    issuer.header = {"jku": f"{issuer.url}/evil", "kid": "another"}
    assert refused(api, issuer)
    assert "/evil" not in issuer.asked


@pytest.mark.parametrize(
    "claims", [{"exp": 1_600_000_000}, {"nbf": 4_000_000_000}, {"iat": 4_000_000_000}]
)
def test_asvs_v5_0_0_9_2_1(api, issuer, claims):
    issuer.claims |= claims
    assert refused(api, issuer)


def test_asvs_v5_0_0_9_2_2(api, issuer, account):
    """An ID token is no logout token, nor is either an access token; nor the other way round."""
    me = by_password(api)
    assert tell(api, issuer.id_token()).status_code == 400
    for token in (issuer.id_token(), logout_token(issuer)):
        assert api.as_(token=token).get("auth/identities").status_code == 401
    issuer.header = {"typ": "at+jwt"}
    assert code_of(try_it(api, issuer)) == (401, "auth.federation_failed")
    assert me.get("auth/identities").status_code == 200


def test_asvs_v5_0_0_9_2_3(api, issuer):
    issuer.claims["aud"] = "another client of the same provider"
    assert refused(api, issuer)
    assert not Account.objects.exists()
