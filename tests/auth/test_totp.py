from __future__ import annotations

import base64
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from domains.auth.contract.errors import (
    CodeInvalid,
    PasswordTooShortAlone,
    SessionRequired,
    TotpInUse,
    TotpNotFound,
)
from domains.auth.models import Account, RecoveryCode, Session, Totp
from domains.auth.services import factors, login, totp
from kernel.crypto import decrypt
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.persons import App, person
from tests.auth.said import said
from tests.auth.threads import at_once
from tests.principals import machine_of

pytestmark = pytest.mark.django_db(databases="__all__")

# RFC 6238, appendix B, for SHA-1.
SEED = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(seconds, code):
    from datetime import UTC, datetime

    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_at(SEED, step, digits=8) == code
    assert totp.code_at(SEED, step) == code[2:]


@pytest.fixture
def me(ada, signed_in):
    return person(ada)


@pytest.fixture
def app(me, clock) -> App:
    return App(me, clock)


def test_beginning_shows_a_secret_that_does_not_count_yet(me, ada, clock, settings):
    settings.PRODUCT_NAME = "Tenon & Sons"
    begun = totp.begin(me, now=clock.now)
    assert len(base64.b32decode(begun.secret)) == 20
    uri = urlsplit(begun.uri)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == f"/Tenon & Sons:{ada.email}"
    assert parse_qs(uri.query) == {"secret": [begun.secret], "issuer": ["Tenon & Sons"]}
    assert factors.second_factors(ada) == ()
    assert not totp.verify(ada, code=totp.code_at(begun.secret, 1), now=clock.now)


def test_the_secret_is_encrypted_at_rest(me, clock):
    begun = totp.begin(me, now=clock.now)
    stored = Totp.objects.get().secret_encrypted
    assert begun.secret not in stored
    assert decrypt(stored) == begun.secret


def test_beginning_again_replaces_what_was_not_confirmed(me, clock):
    first, second = (totp.begin(me, now=clock.now) for _ in range(2))
    present = totp.step_at(clock.now)
    with pytest.raises(CodeInvalid):
        totp.confirm(me, code=totp.code_at(first.secret, present), now=clock.now)
    assert totp.confirm(me, code=totp.code_at(second.secret, present), now=clock.now)


def test_confirming_tells_of_the_factor_and_gives_recovery_codes(me, ada, clock):
    app = App(me, clock)
    assert len(app.recovery_codes) == 10
    assert [payload for _, payload in said("auth.factor_added.v1")] == [
        {"account_id": str(ada.id), "method": "totp", "name": ""}
    ]
    assert said("auth.recovery_codes_made.v1")
    assert Session.objects.get().methods == ["password", "totp"]


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "½¾", "1234567", "\u0661" * 6])
def test_a_wrong_code_confirms_nothing(me, clock, code):
    totp.begin(me, now=clock.now)
    with pytest.raises(CodeInvalid):
        totp.confirm(me, code=code, now=clock.now)
    assert Totp.objects.get().confirmed_at is None


def test_a_code_may_be_typed_as_it_is_shown(app, ada):
    code = app.later_code()
    assert totp.verify(ada, code=f" {code[:3]} {code[3:]} ", now=app.clock.now)


@pytest.mark.parametrize(
    ("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_off(app, ada, steps, fits):
    app.clock.advance(minutes=5)
    assert totp.verify(ada, code=app.code(steps=steps), now=app.clock.now) is fits


def test_each_step_is_good_once_and_none_before_it(app, ada):
    app.clock.advance(minutes=5)
    assert totp.verify(ada, code=app.code(), now=app.clock.now)
    assert not totp.verify(ada, code=app.code(), now=app.clock.now)
    assert not totp.verify(ada, code=app.code(steps=-1), now=app.clock.now)
    assert totp.verify(ada, code=app.code(steps=1), now=app.clock.now)
    assert not totp.verify(ada, code=app.code(steps=1), now=app.clock.advance(seconds=30))


def test_the_code_that_confirmed_is_used_up(app, ada):
    assert not totp.verify(ada, code=app.code(), now=app.clock.now)


def test_there_is_one_app_at_a_time(app, me, clock):
    with pytest.raises(TotpInUse):
        totp.begin(me, now=clock.now)
    with pytest.raises(TotpInUse):
        totp.confirm(me, code=app.later_code(), now=clock.now)


def test_nothing_that_is_not_there_is_confirmed_or_removed(me, clock):
    with pytest.raises(TotpNotFound):
        totp.confirm(me, code="000000", now=clock.now)
    totp_begun = totp.begin(me, now=clock.now)
    assert totp_begun
    with pytest.raises(TotpNotFound):
        totp.remove(me, now=clock.now)


def test_machines_have_no_authenticator_app(clock, ada):
    machine = machine_of(ada.id)
    for act in (totp.begin, totp.remove):
        with pytest.raises(SessionRequired):
            act(machine, now=clock.now)


class TestRemoving:
    def test_the_last_factor_takes_the_codes_along_and_is_told(self, app, me, ada, clock):
        totp.remove(me, now=clock.now)
        assert not Totp.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert [payload for _, payload in said("auth.factor_removed.v1")] == [
            {"account_id": str(ada.id), "method": "totp", "name": "", "last": True}
        ]

    def test_a_factor_beside_a_passkey_is_not_the_last(self, app, me, ada, clock):
        from tests.auth.test_sign_in import give_passkey

        give_passkey(ada, clock)
        totp.remove(me, now=clock.now)
        assert RecoveryCode.objects.count() == 10
        assert said("auth.factor_removed.v1")[0][1]["last"] is False

    def test_all_other_sessions_end_and_this_one_has_proven_less(self, app, me, ada, clock):
        mine = Session.objects.get()
        other = Session.objects.create(
            account=ada,
            created_at=clock.now,
            refreshed_at=clock.now,
            expires_at=mine.expires_at,
            proven_at=clock.now,
            methods=["password", "totp"],
            family_hash="f" * 64,
            refresh_hash="r" * 64,
        )
        totp.remove(me, now=clock.now)
        mine.refresh_from_db()
        other.refresh_from_db()
        assert other.revoked_reason == Session.Reason.FACTOR
        assert mine.revoked_at is None
        assert mine.methods == ["password"]

    def test_a_short_password_does_not_stand_alone(self, app, me, clock):
        Account.objects.update(password_is_short=True)
        with pytest.raises(PasswordTooShortAlone):
            totp.remove(me, now=clock.now)
        assert Totp.objects.exists()
        assert RecoveryCode.objects.count() == 10
        assert not said("auth.factor_removed.v1")

    def test_afterwards_the_password_is_enough_again(self, app, me, ada, clock):
        totp.remove(me, now=clock.now)
        tokens = login.log_in(email=ada.email, password=PASSWORD, client=CLIENT, now=clock.now)
        assert tokens.access_token


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_of_two_that_show_the_same_code_one_is_let_in(self, ada, signed_in, clock):
        app = App(person(ada), clock)
        code = app.later_code()
        shown = at_once(*[partial(totp.verify, ada, code=code, now=clock.now)] * 6)
        assert shown.count(True) == 1

    def test_of_two_that_confirm_one_gets_the_codes(self, ada, signed_in, clock):
        me = person(ada)
        secret = totp.begin(me, now=clock.now).secret
        code = totp.code_at(secret, totp.step_at(clock.now))
        results = at_once(*[partial(totp.confirm, me, code=code, now=clock.now)] * 4)
        assert sum(isinstance(r, list) and len(r) == 10 for r in results) == 1
        assert sum(isinstance(r, TotpInUse) for r in results) == 3
        assert RecoveryCode.objects.count() == 10
