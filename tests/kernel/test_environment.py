"""The settings a process is given: complete, typed, or refused in one message."""

import os
import subprocess
import sys

import pytest

from config.environment import Environment, load, parse_rate

COMPLETE = {
    "DATABASE_URL": "postgresql://owner@localhost/tenon",
    "DATABASE_ROLE_SECRET": "a",
    "REDIS_URL": "redis://localhost",
    "SECRET_KEY": "b",
    "FIELD_ENCRYPTION_KEYS": "c",
    "SIGNING_KEYS": "d",
    "AUDIT_SIGNING_KEYS": "e",
    "ALLOWED_HOSTS": "api.example.com",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com",
}


@pytest.fixture
def given(monkeypatch):
    """Set the environment to exactly these settings and load it."""

    def load_with(**settings):
        for name in Environment.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return load()

    return load_with


def test_a_complete_environment_is_taken(given):
    environment = given(**COMPLETE)
    assert environment.allowed_hosts == ("api.example.com",)
    assert environment.remote_domains == ()


def test_everything_missing_or_bad_is_named_at_once(given):
    with pytest.raises(SystemExit) as refused:
        given(TRUSTED_PROXIES="many", RATE_LIMIT_ANONYMOUS="often", DOMAINS="auth,sales")
    message = str(refused.value)
    for name in (
        "TRUSTED_PROXIES",
        "RATE_LIMIT_ANONYMOUS",
        "DOMAINS",
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "SIGNING_KEYS",
        "AUDIT_SIGNING_KEYS",
        "ALLOWED_HOSTS",
        "EMAIL_URL",
    ):
        assert name in message


def test_a_provider_that_is_not_complete_is_named_at_start(given):
    with pytest.raises(SystemExit) as refused:
        given(**COMPLETE, OIDC_PROVIDERS="google")
    assert "OIDC_GOOGLE_ISSUER" in str(refused.value)
    elsewhere = {f"{name}_URL": "http://a" for name in ("AUTH", "BILLING", "FILES")}
    elsewhere |= {"NOTIFICATIONS_URL": "http://a", "DOMAINS": "users", "BOUNDARY_KEYS": "a"}
    assert given(**COMPLETE, **elsewhere, OIDC_PROVIDERS="google")


@pytest.mark.parametrize("uri", ["app.example.com/callback", "https://app.example.com/#callback"])
def test_people_are_sent_back_to_whole_uris(given, uri):
    with pytest.raises(SystemExit, match="OIDC_REDIRECT_URIS"):
        given(**COMPLETE, OIDC_REDIRECT_URIS=uri)


def test_no_message_repeats_a_secret(given):
    with pytest.raises(SystemExit) as refused:
        given(SECRET_KEY="hunter2-is-secret", TRUSTED_PROXIES="many")
    assert "hunter2" not in str(refused.value)


def test_a_secret_can_come_from_a_file(given, tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    environment = given(**{**COMPLETE, "SECRET_KEY": "", "SECRET_KEY_FILE": f"{tmp_path}/key"})
    assert environment.secret_key == "from the file"


def test_a_secret_given_twice_is_refused(given, tmp_path):
    (tmp_path / "key").write_text("x")
    with pytest.raises(SystemExit, match="SECRET_KEY and SECRET_KEY_FILE"):
        given(**COMPLETE, SECRET_KEY_FILE=f"{tmp_path}/key")


def test_a_secret_file_that_is_not_there_is_refused(given):
    with pytest.raises(SystemExit, match="nowhere"):
        given(**{**COMPLETE, "SIGNING_KEYS": ""}, SIGNING_KEYS_FILE="/nowhere")


def test_a_domain_elsewhere_needs_its_url_and_a_key_for_calls(given):
    with pytest.raises(SystemExit) as refused:
        given(**COMPLETE, DOMAINS="billing")
    for name in ("BOUNDARY_KEYS", "AUTH_URL", "USERS_URL", "FILES_URL", "NOTIFICATIONS_URL"):
        assert name in str(refused.value)
    assert "BILLING_URL" not in str(refused.value)


def test_a_domain_with_its_own_database_needs_no_shared_one(given):
    alone = {**COMPLETE, "DATABASE_URL": "", "DATABASE_ROLE_SECRET": ""}
    for domain in ("AUTH", "USERS", "BILLING", "FILES", "NOTIFICATIONS"):
        alone[f"{domain}_DATABASE_URL"] = f"postgresql://{domain}@localhost/{domain}"
    assert given(**alone).database_url == ""


@pytest.mark.parametrize(("text", "rate"), [("100/m", (100, 60)), ("5/s", (5, 1))])
def test_a_rate_is_a_number_and_a_window(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "100", "0/m", "-1/m", "1.5/m", "1/w", "1/m ", "٣/m"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValueError, match="rate"):
        parse_rate(text)


def test_the_settings_document_themselves():
    command = [sys.executable, "manage.py", "settings"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    for name in Environment.model_fields:
        assert f"{name.upper()}" in shown.stdout
    assert os.environ["SECRET_KEY"] not in shown.stdout


def test_stripe_needs_its_secrets(given):
    with pytest.raises(SystemExit) as refused:
        given(**COMPLETE, PAYMENT_PROVIDER="stripe")
    assert "missing: STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET" in str(refused.value)


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1"])
def test_a_live_key_of_stripes_is_told_to_nobody_else(given, key):
    with pytest.raises(SystemExit) as refused:
        given(**COMPLETE, STRIPE_SECRET_KEY=key, STRIPE_API_BASE="http://127.0.0.1:1")
    assert "STRIPE_API_BASE" in str(refused.value)


@pytest.mark.parametrize("days", ["0,1", "3,1", "1,1", "soon"])
def test_days_of_dunning_rise(given, days):
    with pytest.raises(SystemExit) as refused:
        given(**COMPLETE, DUNNING_DAYS=days)
    assert "DUNNING_DAYS" in str(refused.value)


def test_days_of_dunning_are_read_by_commas(given):
    assert given(**COMPLETE, DUNNING_DAYS="2, 4,9").dunning_days == (2, 4, 9)


def test_every_setting_that_may_hold_a_password_is_said_to_be_a_secret():
    urls = {n for n in Environment.model_fields if n.endswith(("database_url", "redis_url"))}
    secret = {
        name
        for name, field in Environment.model_fields.items()
        if (field.json_schema_extra or {}).get("secret")
    }
    assert len(urls) > 2
    assert urls - secret == set()
