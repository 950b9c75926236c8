from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.hashers import check_password, make_password

from domains.auth.contract.errors import HashingBusy
from domains.auth.services import hashers, passwords
from kernel.errors import ValidationFailed
from tests import patience
from tests.auth.conftest import PASSWORD


def codes(password: str, email: str = "ada@example.com") -> set[str]:
    try:
        passwords.check_password_rules(password=password, email=email)
    except ValidationFailed as error:
        return {e.code for e in error.errors if e.pointer == "/password"}
    return set()


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("grey herons fl", {"auth.password_too_short"}),
        ("correct horse b", set()),
        (("herons over the mere. " * 50)[:1024], set()),
        (("herons over the mere. " * 50)[:1025], {"auth.password_too_long"}),
        ("  grey  herons  ", set()),
        ("🐎🦄🐖🐑🐐🐄🐓🦆🐕🐈🐁🦇🐀🦔🐿", set()),
        ("dragon", {"auth.password_too_short", "auth.password_too_common"}),
        ("DRAGON", {"auth.password_too_short", "auth.password_too_common"}),
    ],
)
def test_a_password_is_taken_by_length_and_rarity_alone(password, expected):
    assert codes(password) == expected


@pytest.mark.parametrize(
    "password",
    [
        "manchesterunited",
        "MANCHESTERUNITED",
        "dragondragondragon",
        "Dragon-Dragon-Dragon",
        "sunshine-butterfly",
        "butterfly12345678",
        "dr4g0n-butt3rfly",
        "aaaaaaaaaaaaaaaaaaaa",
        "xyzxyzxyzxyzxyz",
        "abcdefghijklmnopq",
        "zyxwvutsrqponmlkj",
        "89012345678901234",
        "qwertyuiopasdfghjkl",
        "1qaz2wsx3edc4rfv5tgb",
    ],
)
def test_what_many_would_choose_is_refused_however_long(password):
    assert codes(password) == {"auth.password_too_common"}


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "three blind herons", "Vj0-qmZx-74kD-wwPa", "4815162342108 b"],
)
def test_what_few_would_choose_is_taken(password):
    assert codes(password) == set()


@pytest.mark.parametrize(
    "password",
    ["Tenon-Tenon-2026!", "welcome to tenon", "admin@tenon.backend", "T3n0n s3cr3t 2026"],
)
def test_a_password_made_of_the_products_words_is_refused(password):
    assert "auth.password_too_expected" in codes(password)


def test_a_password_made_of_the_deployments_name_is_refused(settings):
    assert codes("Blue Mortise Works 1") == set()
    settings.PRODUCT_NAME = "Blue Mortise Works"
    assert codes("Blue Mortise Works 1") == {"auth.password_too_expected"}
    assert codes("herons of Blue Mortise Works") == set()


@pytest.mark.parametrize(
    "password", ["lovelace-engine-lovelace", "engine.lovelace.1815", "@analytical-engine"]
)
def test_a_password_made_of_the_words_of_the_address_is_refused(password):
    email = "lovelace_1815@analytical-engine.example"
    assert "auth.password_too_expected" in codes(password, email)


def test_a_common_password_is_refused_however_long():
    assert codes("1qaz2wsx3edc4rfv") == {"auth.password_too_common"}


@pytest.mark.parametrize(
    "password", ["augusta.lovelace", "Augusta.Lovelace@example.com", "lovelace.augusta!"]
)
def test_a_password_made_of_the_own_address_is_refused(password):
    assert "auth.password_too_similar" in codes(password, "augusta.lovelace@example.com")


def test_length_is_counted_after_normalization():
    assert codes("\ufdfa" * 60) == {"auth.password_too_long"}


@pytest.mark.parametrize(
    "spelling",
    [
        "\u00c5ngstr\u00f6m \u00fcber fish",  # composed
        "A\u030angstro\u0308m u\u0308ber fish",  # decomposed
        "\u212bngstr\u00f6m\u00a0\u00fcber \ufb01sh",  # the unit, a hard space, a ligature
    ],
)
def test_a_password_is_the_same_in_every_spelling_of_unicode(spelling):
    stored = passwords.hash_password("\u00c5ngstr\u00f6m \u00fcber fish")
    assert passwords.is_right(password=spelling, stored=stored)
    assert passwords.is_right(
        password="\u00c5ngstr\u00f6m \u00fcber fish", stored=passwords.hash_password(spelling)
    )


def test_nothing_of_a_long_password_is_cut_off():
    stored = passwords.hash_password("a" * 1023 + "b")
    assert not passwords.is_right(password="a" * 1023 + "c", stored=stored)


def test_hashes_are_argon2id_with_the_chosen_cost():
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_no_password_is_right_where_none_is_stored():
    assert not passwords.is_right(password="!", stored=None)
    assert not passwords.is_right(password="!", stored="!")
    assert not passwords.is_right(password="", stored="")


def test_a_hash_waits_for_a_free_lane_and_gives_up_in_time(monkeypatch):
    monkeypatch.setattr(hashers, "WAIT_SECONDS", 0.05)
    lanes = hashers._lanes
    held = 0
    while lanes.acquire(blocking=False):
        held += 1
    try:
        with pytest.raises(HashingBusy) as refused:
            make_password(PASSWORD)
        assert refused.value.retry_after == 1
    finally:
        for _ in range(held):
            lanes.release()
    assert check_password(PASSWORD, make_password(PASSWORD))


def test_no_more_than_the_capped_number_is_hashed_at_once(monkeypatch):
    lanes = hashers._lanes._initial_value
    running, most, all_run = 0, 0, Barrier(lanes)
    original = hashers.Argon2PasswordHasher.encode

    def counted(self, password, salt):
        nonlocal running, most
        running += 1
        most = max(most, running)
        all_run.wait(timeout=patience.SECONDS)
        try:
            return original(self, password, salt)
        finally:
            running -= 1

    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", counted)
    with ThreadPoolExecutor(4 * lanes) as pool:
        list(pool.map(make_password, [PASSWORD] * 4 * lanes))
    assert most == lanes
