"""The OpenID Connect providers that the environment names: complete, or refused at start."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from config import oidc

ACME = {
    "OIDC_ACME_ISSUER": "https://login.acme.example/tenant",
    "OIDC_ACME_CLIENT_ID": "tenon",
    "OIDC_ACME_CLIENT_SECRET": "a secret",
}


@pytest.fixture
def read(monkeypatch):
    """Read the providers of an environment of exactly these settings."""

    def reading(*names: str, loopback: bool = False, **settings: str):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return oidc.read(names, loopback=loopback)

    return reading


def refused(read, *names: str, **settings: str) -> str:
    with pytest.raises(ValueError) as error:
        read(*names, **settings)
    return str(error.value)


def test_nothing_is_asked_where_no_provider_is_named(read):
    assert read() == {}


def test_a_complete_provider_is_taken(read):
    acme = read("acme", **ACME, OIDC_ACME_NAME="Acme Ltd", OIDC_ACME_SCOPES="openid profile")
    assert acme["acme"].issuer == "https://login.acme.example/tenant"
    assert (acme["acme"].name, acme["acme"].scopes) == ("Acme Ltd", "openid profile")


def test_each_has_settings_of_its_own(read):
    both = read(
        "acme",
        "google",
        **ACME,
        OIDC_GOOGLE_ISSUER="https://accounts.google.com",
        OIDC_GOOGLE_CLIENT_ID="g",
        OIDC_GOOGLE_CLIENT_SECRET="h",
    )
    assert [provider.client_id for provider in both.values()] == ["tenon", "g"]


def test_everything_missing_is_named_at_once(read):
    message = refused(read, "acme", "google", OIDC_ACME_ISSUER="https://acme.example")
    for name in ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET", "GOOGLE_ISSUER", "GOOGLE_CLIENT_ID"):
        assert f"OIDC_{name}" in message
    assert "OIDC_ACME_ISSUER" not in message


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.acme.example",
        "http://127.0.0.1:8080",
        "login.acme.example",
        "https://login.acme.example?tenant=1",
        "https://login.acme.example#a",
        "https://user@login.acme.example",
        "https://",
        "https://[",
        "file:///etc/passwd",
    ],
)
def test_what_can_not_be_an_issuer_is_refused(read, issuer):
    message = refused(read, "acme", **{**ACME, "OIDC_ACME_ISSUER": issuer})
    assert "OIDC_ACME_ISSUER" in message
    assert "a secret" not in message


def test_one_on_this_machine_may_be_without_tls_where_nothing_is_at_stake(read):
    local = {**ACME, "OIDC_ACME_ISSUER": "http://127.0.0.1:8080"}
    assert read("acme", loopback=True, **local)
    assert "ISSUER" in refused(read, "acme", **local)


def test_two_with_one_issuer_could_not_be_told_apart(read):
    twin = {name.replace("ACME", "TWIN"): value for name, value in ACME.items()}
    assert "same issuer" in refused(read, "acme", "twin", **ACME, **twin)


@pytest.mark.parametrize("name", ["Acme", "a-b", "9lives", "", "a_b", "ä", "a" * 31])
def test_names_stand_in_paths_and_variables(read, name):
    assert "OIDC_PROVIDERS" in refused(read, name)


def test_without_openid_there_is_no_id_token(read):
    assert "SCOPES" in refused(read, "acme", **ACME, OIDC_ACME_SCOPES="email")


def test_the_secret_can_come_from_a_file(read, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    given = {
        **ACME,
        "OIDC_ACME_CLIENT_SECRET": "",
        "OIDC_ACME_CLIENT_SECRET_FILE": f"{tmp_path}/secret",
    }
    assert read("acme", **given)["acme"].client_secret == "from the file"
    both = refused(read, "acme", **{**given, "OIDC_ACME_CLIENT_SECRET": "twice"})
    assert "are both set" in both


def test_the_settings_are_listed_with_the_others():
    listed = StringIO()
    call_command("settings", stdout=listed)
    for line in (
        "OIDC_PROVIDERS: ",
        "OIDC_REDIRECT_URIS: ",
        "OIDC_<NAME>_ISSUER: ",
        "OIDC_<NAME>_SCOPES [openid email]: ",
    ):
        assert f"\n{line}" in listed.getvalue()
