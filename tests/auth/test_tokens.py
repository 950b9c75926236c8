from __future__ import annotations

from datetime import timedelta
from functools import partial

import jwt as pyjwt
import pytest
from django.core.management import CommandError, call_command
from joserfc import jwt as jose
from joserfc.jwk import KeySet

from domains.auth import tasks
from domains.auth.api import key_set
from domains.auth.contract.errors import NextKeyTooNew
from domains.auth.models import Session, SigningKey
from domains.auth.services import expiry, keys, login, tokens
from gateway import tokens as gateway
from kernel import clock as real
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.said import said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def read(token: str, clock) -> dict:
    """Return the claims as PyJWT verifies them from the published keys."""
    found = pyjwt.PyJWKSet.from_dict(keys.get_key_set(now=clock.now))
    key = found[pyjwt.get_unverified_header(token)["kid"]]
    return pyjwt.decode(
        token,
        key,
        algorithms=["ES256"],
        issuer="http://testserver",
        audience="tenon",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )


def test_an_access_token_says_who_and_in_which_session(signed_in, ada, clock):
    claims = read(signed_in.access_token, clock)
    assert set(claims) == {
        *("iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp", "auth_time", "amr")
    }
    assert claims["sub"] == str(ada.id)
    assert claims["sid"] == str(Session.objects.get().id)
    assert claims["iat"] == claims["nbf"] == int(clock.now.timestamp())
    assert claims["exp"] - claims["iat"] == 600
    assert claims["auth_time"] == claims["iat"]
    assert claims["amr"] == ["pwd"]


def test_its_header_names_the_key_and_the_type(signed_in):
    header = pyjwt.get_unverified_header(signed_in.access_token)
    kid = SigningKey.objects.get(activated_at__isnull=False).kid
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": kid}


def test_another_library_verifies_it_too(signed_in, clock):
    found = KeySet.import_key_set(keys.get_key_set(now=clock.now))
    token = jose.decode(signed_in.access_token, found, algorithms=["ES256"])
    assert token.claims["aud"] == "tenon"


def test_no_two_tokens_are_the_same(ada, clock):
    made = [
        login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)
        for _ in range(2)
    ]
    assert len({read(tokens.access_token, clock)["jti"] for tokens in made}) == 2


def test_the_key_set_holds_public_keys_alone(clock):
    published = keys.get_key_set(now=clock.now)["keys"]
    assert len({key["kid"] for key in published}) == 2
    for key in published:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")


def test_the_private_key_is_encrypted_at_rest(clock):
    keys.get_signer(now=clock.now)
    for row in SigningKey.objects.all():
        assert "PRIVATE" not in row.private_key_encrypted
        assert row.private_key_encrypted.startswith("gAAAA")
        assert row.public_key_pem.startswith("-----BEGIN PUBLIC KEY-----")


def rotated(clock) -> str:
    return keys.rotate(now=clock.advance(seconds=keys.ANNOUNCED.total_seconds()))


def published(clock) -> set[str]:
    return {key.kid for key in keys.get_verification_keys(now=clock.now)}


def test_a_key_is_published_before_it_signs(clock):
    before = published(clock)
    signing = rotated(clock)
    assert signing in before
    assert keys.get_signer(now=clock.now).kid == signing
    assert len(published(clock) - before) == 1, "the one after it is published already"


def test_a_key_that_not_everybody_may_know_does_not_sign(clock):
    kid = keys.get_signer(now=clock.now).kid
    clock.advance(minutes=59)
    with pytest.raises(NextKeyTooNew):
        keys.rotate(now=clock.now)
    assert keys.get_signer(now=clock.now).kid == kid
    assert said("auth.signing_key_rotated.v1") == []


def test_the_key_set_may_be_kept_for_far_less_than_a_key_is_published_ahead():
    assert keys.ANNOUNCED.total_seconds() >= key_set.KEY_SET_SECONDS * 10
    assert keys.ANNOUNCED.total_seconds() >= gateway.KEYS_FRESH_SECONDS * 10


def test_after_a_rotation_both_keys_verify_and_the_new_one_signs(signed_in, ada, clock):
    kid = rotated(clock)
    renewed = login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)
    kids = [pyjwt.get_unverified_header(t.access_token)["kid"] for t in (signed_in, renewed)]
    assert kids[0] != kids[1] == kid
    assert read(signed_in.access_token, clock)["sub"] == read(renewed.access_token, clock)["sub"]
    assert said("auth.signing_key_rotated.v1") == [("auth.signing_key_rotated.v1", {"kid": kid})]


def test_a_retired_key_verifies_for_a_day_and_is_deleted_after(clock):
    first = keys.get_signer(now=clock.now).kid
    rotated(clock)
    clock.advance(hours=23)
    assert first in published(clock)
    clock.advance(hours=1)
    assert first not in published(clock)
    expiry.delete_expired(now=clock.advance(seconds=1))
    assert first not in set(SigningKey.objects.values_list("kid", flat=True))


def test_keys_change_by_themselves_when_they_are_old(clock, settings):
    tasks.renew_signing_keys(now=clock.now)
    first = keys.get_signer(now=clock.now).kid
    tasks.renew_signing_keys(now=clock.advance(days=89, hours=23))
    assert keys.get_signer(now=clock.now).kid == first
    tasks.renew_signing_keys(now=clock.advance(hours=1))
    second = keys.get_signer(now=clock.now).kid
    assert second != first
    tasks.renew_signing_keys(now=clock.advance(minutes=10))
    assert keys.get_signer(now=clock.now).kid == second
    settings.SIGNING_KEY_LIFETIME = timedelta(days=1)
    tasks.renew_signing_keys(now=clock.advance(days=1))
    assert keys.get_signer(now=clock.now).kid != second


def test_a_key_from_before_there_was_a_next_one_gets_one(clock):
    keys.get_signer(now=clock.now)
    SigningKey.objects.filter(activated_at=None).delete()
    keys.renew(now=clock.now)
    assert SigningKey.objects.filter(activated_at=None).count() == 1


def test_what_a_compromised_key_signed_is_refused_and_the_next_one_with_it(signed_in, clock):
    before = published(clock)
    kid = keys.replace_compromised(now=clock.now)
    assert keys.get_signer(now=clock.now).kid == kid
    assert not published(clock) & before
    with pytest.raises(KeyError):
        read(signed_in.access_token, clock)


def test_another_process_signs_with_a_retired_key_for_seconds_only(clock, monkeypatch):
    first = [keys.get_signer(now=clock.now) for _ in range(2)][1]
    clock.advance(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(keys, "forget", lambda: None)  # as if it had happened elsewhere
        kid = keys.rotate(now=clock.now)
    assert keys.get_signer(now=clock.now) == first
    later = keys.time.monotonic() + keys.FRESH_SECONDS
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    assert keys.get_signer(now=clock.now).kid == kid


def test_the_command_rotates_and_says_why_it_does_not(capsys):
    keys.get_signer(now=real.now())
    with pytest.raises(CommandError, match="may know the next key yet"):
        call_command("rotate_signing_key")
    SigningKey.objects.update(created_at=real.now() - keys.ANNOUNCED)
    call_command("rotate_signing_key")
    assert keys.get_signer(now=real.now()).kid in capsys.readouterr().out
    before = {key.kid for key in keys.get_verification_keys(now=real.now())}
    call_command("rotate_signing_key", "--compromised")
    assert not before & {key.kid for key in keys.get_verification_keys(now=real.now())}


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_the_first_need_makes_one_pair_of_keys_whoever_asks(self, clock):
        signers = at_once(*[partial(keys.get_signer, now=clock.now)] * 6)
        assert len({signer.kid for signer in signers}) == 1
        assert SigningKey.objects.count() == 2

    def test_of_rotations_there_is_one(self, clock):
        keys.get_signer(now=clock.now)
        clock.advance(hours=1)
        results = at_once(*[partial(keys.rotate, now=clock.now)] * 4)
        assert sum(isinstance(result, str) for result in results) == 1
        assert SigningKey.objects.filter(activated_at__isnull=False, retired_at=None).count() == 1
        assert len(said("auth.signing_key_rotated.v1")) == 1

    def test_a_due_rotation_that_is_found_twice_is_made_once(self, clock):
        keys.get_signer(now=clock.now)
        clock.advance(days=90)
        at_once(*[partial(keys.renew, now=clock.now)] * 4)
        assert len(said("auth.signing_key_rotated.v1")) == 1


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ([], []),
        (["password"], ["pwd"]),
        (["password", "totp"], ["mfa", "otp", "pwd"]),
        (["email", "recovery_code"], ["mfa", "otp"]),
        (["federated", "totp"], ["fed", "mfa", "otp"]),
        (["passkey"], ["mfa", "pop", "user"]),
        # Several ways to prove the first factor, and several second ones, are no two factors.
        (["password", "email"], ["otp", "pwd"]),
        (["federated", "password"], ["fed", "pwd"]),
        (["federated", "email"], ["fed", "otp"]),
        (["totp", "recovery_code"], ["otp"]),
    ],
)
def test_several_factors_are_said_to_be_several(methods, said):
    assert tokens.amr(methods) == said
