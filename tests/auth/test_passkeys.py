"""Passkeys and everything that is none of ours, with an authenticator in software."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from domains.auth.contract.errors import (
    PasskeyInvalid,
    SessionRequired,
)
from domains.auth.models import Passkey, PasskeyChallenge, Session
from domains.auth.services import (
    expiry,
    passkeys,
    sessions,
)
from kernel.errors import Unauthenticated
from kernel.ids import uuid7
from tests.auth.authenticator import BACKED_UP, ELIGIBLE, PRESENT, RIGHT, VERIFIED
from tests.auth.passkeys import Purpose, an_authenticator, ask, bob, person, phone, register, verify
from tests.auth.said import said

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["bob", "phone"]
TO_AN_ACCOUNT = (Purpose.SECOND_FACTOR, Purpose.STEP_UP)


def test_the_browser_is_told_to_make_a_resident_key_that_verifies_its_user(ada, clock):
    options = passkeys.registration_options(person(ada), now=clock.now)
    assert options["rp"] == {"name": settings.PRODUCT_NAME, "id": settings.PASSKEY_DOMAIN}
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    assert base64url_to_bytes(options["user"]["id"]) == ada.id.bytes
    assert (options["timeout"], options["excludeCredentials"]) == (300_000, [])


def test_a_registered_passkey_is_kept_with_what_it_says_of_itself(ada, clock):
    authenticator = register(ada, clock, an_authenticator(flags=RIGHT | ELIGIBLE | BACKED_UP))
    kept = Passkey.objects.get()
    assert (kept.account, kept.name, kept.sign_count) == (ada, "Phone", 0)
    assert bytes(kept.credential_id) == authenticator.id
    assert kept.transports == ["hybrid", "internal"]
    assert kept.backed_up
    assert (kept.created_at, kept.last_used_at) == (clock.now, None)
    assert said("auth.factor_added.v1") == [
        (
            "auth.factor_added.v1",
            {"account_id": str(ada.id), "method": "passkey", "name": "Phone"},
        )
    ]


def test_an_authenticator_that_has_a_passkey_is_asked_for_no_other(ada, clock, phone):
    options = passkeys.registration_options(person(ada), now=clock.now)
    (excluded,) = options["excludeCredentials"]
    assert excluded["id"] == bytes_to_base64url(phone.id)
    assert sorted(excluded["transports"]) == ["hybrid", "internal"]


@pytest.mark.parametrize("purpose", TO_AN_ACCOUNT)
def test_a_passkey_of_the_account_answers(ada, clock, phone, purpose):
    options = ask(ada, clock, purpose)
    assert [allowed["id"] for allowed in options["allowCredentials"]] == [
        bytes_to_base64url(phone.id)
    ]
    assert options["userVerification"] == "required"
    assert verify(ada, phone.get(options), clock, purpose)
    kept = Passkey.objects.get()
    assert (kept.sign_count, kept.last_used_at) == (1, clock.now)


def test_who_signs_in_is_asked_for_any_passkey(ada, clock, phone):
    options = ask(None, clock, Purpose.SIGN_IN)
    assert options["allowCredentials"] == []
    credential = phone.get(options)
    assert passkeys.owner(credential) == ada
    assert verify(ada, credential, clock, Purpose.SIGN_IN)


def test_one_of_several_passkeys_is_enough(ada, clock, phone):
    laptop = register(ada, clock, name="Laptop")
    for authenticator in (phone, laptop, phone):
        options = ask(ada, clock)
        assert len(options["allowCredentials"]) == 2
        assert verify(ada, authenticator.get(options), clock)


WRONG = {
    "another origin": {"origin": "https://evil.example"},
    "the same origin without TLS": {"origin": "http://tenon.example"},
    "another relying party": {"domain": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": VERIFIED},
    "a frame in another page": {"cross_origin": True},
    "backed up although that can't be": {"flags": RIGHT | BACKED_UP},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
class TestWhatIsWrong:
    def test_makes_no_passkey(self, ada, clock, claims):
        with pytest.raises(PasskeyInvalid):
            register(ada, clock, an_authenticator(**claims))
        assert not Passkey.objects.exists()

    def test_proves_nothing(self, ada, clock, phone, claims):
        liar = phone.copied(**claims)
        assert not verify(ada, liar.get(ask(ada, clock)), clock)
        assert Passkey.objects.get().last_used_at is None


def test_a_wrong_challenge_proves_nothing(ada, clock, phone):
    ask(ada, clock)
    made_up = {"challenge": bytes_to_base64url(bytes(32))}
    assert not verify(ada, phone.get(made_up), clock)
    with pytest.raises(PasskeyInvalid):
        credential = an_authenticator().create({**made_up, "user": {"id": "AAAA"}})
        passkeys.register(person(ada), name="x", credential=credential, now=clock.now)


def test_a_challenge_is_good_once(ada, clock, phone):
    credential = phone.get(ask(ada, clock))
    assert verify(ada, credential, clock)
    assert not verify(ada, credential, clock)
    options = passkeys.registration_options(person(ada), now=clock.now)
    passkeys.register(
        person(ada), name="a", credential=an_authenticator().create(options), now=clock.now
    )
    with pytest.raises(PasskeyInvalid):
        passkeys.register(
            person(ada), name="b", credential=an_authenticator().create(options), now=clock.now
        )


def test_a_failed_try_uses_the_challenge_up(ada, clock, phone):
    options = ask(ada, clock)
    assert not verify(ada, phone.copied(flags=PRESENT).get(options), clock)
    assert not verify(ada, phone.get(options), clock)


def test_a_challenge_is_good_for_five_minutes(ada, clock):
    phone = register(ada, clock, an_authenticator(counts=False))
    early, late = phone.get(ask(ada, clock)), phone.get(ask(ada, clock))
    clock.advance(minutes=4, seconds=59)
    assert verify(ada, early, clock)
    clock.advance(seconds=1)
    assert not verify(ada, late, clock)
    expiry.delete_expired(now=clock.now)
    assert not PasskeyChallenge.objects.exists()


@pytest.mark.parametrize("asked", Purpose)
@pytest.mark.parametrize("used", TO_AN_ACCOUNT)
def test_a_challenge_is_good_for_its_purpose_alone(ada, clock, phone, asked, used):
    options = ask(ada, clock, asked)
    assert verify(ada, phone.get(options), clock, used) == (asked == used)


def test_a_challenge_for_an_account_signs_nobody_in(ada, clock, phone):
    PasskeyChallenge.objects.all().delete()
    options = ask(ada, clock)
    PasskeyChallenge.objects.update(purpose=Purpose.SIGN_IN)
    assert not verify(ada, phone.get(options), clock, Purpose.SIGN_IN)


def test_another_accounts_challenge_and_passkey_prove_nothing(ada, bob, clock, phone):
    bobs = register(bob, clock)
    assert not verify(ada, phone.get(ask(bob, clock)), clock)
    assert not verify(ada, bobs.get(ask(ada, clock)), clock)
    assert not verify(ada, bobs.copied(user_handle=None, count=9).get(ask(ada, clock)), clock)
    assert not verify(bob, phone.get(ask(None, clock, Purpose.SIGN_IN)), clock, Purpose.SIGN_IN)
    options = passkeys.registration_options(person(bob), now=clock.now)
    with pytest.raises(PasskeyInvalid):
        passkeys.register(
            person(ada), name="x", credential=an_authenticator().create(options), now=clock.now
        )


@pytest.mark.parametrize("handle", [None, b"", b"someone else", bytes(16)])
def test_a_sign_in_must_name_the_account(ada, clock, phone, handle):
    stranger = phone.copied(user_handle=handle)
    options = ask(None, clock, Purpose.SIGN_IN)
    assert not verify(ada, stranger.get(options), clock, Purpose.SIGN_IN)


def test_a_second_factor_need_not_name_the_account_but_must_not_name_another(ada, clock, phone):
    assert not verify(ada, phone.copied(user_handle=uuid7().bytes).get(ask(ada, clock)), clock)
    assert verify(ada, phone.copied(user_handle=None).get(ask(ada, clock)), clock)


def test_an_id_that_is_registered_is_refused_to_everybody_else(ada, bob, clock, phone):
    with pytest.raises(PasskeyInvalid):
        register(bob, clock, an_authenticator(id=phone.id))
    assert Passkey.objects.get().account == ada


@pytest.mark.parametrize("id_length", [1023, 1024])
def test_an_id_is_as_long_as_the_standard_says_at_most(ada, clock, id_length):
    authenticator = an_authenticator(id=b"x" * id_length)
    if id_length > 1023:
        with pytest.raises(PasskeyInvalid):
            register(ada, clock, authenticator)
    else:
        register(ada, clock, authenticator)


@pytest.mark.parametrize("count", [1, 4, 5])
def test_a_counter_that_does_not_grow_gives_the_copy_away(ada, clock, phone, count):
    phone.count = 4
    assert verify(ada, phone.get(ask(ada, clock)), clock)
    copy = phone.copied(count=count - 1)
    assert not verify(ada, copy.get(ask(ada, clock)), clock)
    assert Passkey.objects.get().suspected_at == clock.now
    assert said("auth.passkey_suspected.v1") == [
        ("auth.passkey_suspected.v1", {"account_id": str(ada.id), "name": "Phone"})
    ]
    phone.count = 100
    options = ask(ada, clock)
    assert options["allowCredentials"] == []
    assert not verify(ada, phone.get(options), clock)
    assert not verify(ada, phone.get(ask(None, clock, Purpose.SIGN_IN)), clock, Purpose.SIGN_IN)


def test_a_counter_that_falls_to_zero_gives_the_copy_away(ada, clock, phone):
    assert verify(ada, phone.get(ask(ada, clock)), clock)
    assert not verify(ada, phone.copied(count=0, counts=False).get(ask(ada, clock)), clock)
    assert Passkey.objects.get().suspected_at is not None


def test_an_authenticator_that_never_counts_is_not_suspected(ada, clock):
    authenticator = register(ada, clock, an_authenticator(counts=False))
    for _ in range(3):
        assert verify(ada, authenticator.get(ask(ada, clock)), clock)


def test_who_can_not_sign_has_nobodys_passkey_suspected(ada, clock, phone):
    phone.count = 4
    assert verify(ada, phone.get(ask(ada, clock)), clock)
    liar = an_authenticator(id=phone.id, user_handle=phone.user_handle)
    assert not verify(ada, liar.get(ask(ada, clock)), clock)
    assert Passkey.objects.get().suspected_at is None
    assert verify(ada, phone.get(ask(ada, clock)), clock)


def test_the_backup_state_is_kept_up_to_date(ada, clock):
    phone = register(ada, clock, an_authenticator(flags=RIGHT | ELIGIBLE))
    assert not Passkey.objects.get().backed_up
    phone.flags |= BACKED_UP
    assert verify(ada, phone.get(ask(ada, clock)), clock)
    assert Passkey.objects.get().backed_up


def replaced(credential, value, *path):
    *parents, last = path
    copy = {**credential, "response": dict(credential["response"])}
    inner = copy
    for name in parents:
        inner = inner[name]
    inner[last] = value
    return copy


ODD = [None, 5, "", "é", "AAAA", [], {}, "{" * 5000, bytes_to_base64url(b"[" * 100_000)]
PLACES = [
    ("id",),
    ("rawId",),
    ("type",),
    ("response",),
    ("response", "clientDataJSON"),
    ("response", "authenticatorData"),
    ("response", "signature"),
    ("response", "attestationObject"),
]


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_an_answer_that_is_not_well_formed_is_refused(ada, clock, phone, path):
    for odd in ODD:
        if path[-1] != "attestationObject":
            answer = phone.get(ask(ada, clock))
            assert not verify(ada, replaced(answer, odd, *path), clock)
            passkeys.owner(replaced(answer, odd, *path))
        if path[-1] not in ("authenticatorData", "signature"):
            options = passkeys.registration_options(person(ada), now=clock.now)
            answer = replaced(an_authenticator().create(options), odd, *path)
            with pytest.raises(PasskeyInvalid):
                passkeys.register(person(ada), name="x", credential=answer, now=clock.now)
    assert not verify(ada, {}, clock)
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("transports", [None, "usb", [None, {"a": 1}, 5, "usb", "usb"], {}])
def test_odd_transports_do_no_harm(ada, clock, transports):
    options = passkeys.registration_options(person(ada), now=clock.now)
    answer = replaced(an_authenticator().create(options), transports, "response", "transports")
    made = passkeys.register(person(ada), name="x", credential=answer, now=clock.now)
    assert made.passkey.transports == (["usb"] if isinstance(transports, list) else [])
    assert ask(ada, clock)["allowCredentials"]


def test_an_api_key_has_no_passkeys(ada, clock):
    machine = replace(person(ada), kind="api_key", session_id=None, api_key_id=uuid7())
    with pytest.raises(SessionRequired):
        passkeys.registration_options(machine, now=clock.now)
    with pytest.raises(SessionRequired):
        passkeys.register(machine, name="x", credential={}, now=clock.now)


def test_a_session_that_has_ended_meanwhile_makes_no_passkey(ada, clock):
    thief = person(ada)
    options = passkeys.registration_options(thief, now=clock.now)
    sessions.revoke_sessions(reason=Session.Reason.PASSWORD, now=clock.now, account_id=ada.id)
    credential = an_authenticator().create(options)
    with pytest.raises(Unauthenticated):
        passkeys.register(thief, name="x", credential=credential, now=clock.now)
    assert not Passkey.objects.exists()
