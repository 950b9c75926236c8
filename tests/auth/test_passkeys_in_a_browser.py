"""Passkeys as Chromium makes and shows them, with an authenticator of its own (CDP)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.models import F
from playwright.sync_api import Error, Page, sync_playwright

from domains.auth import interface as auth
from domains.auth.models import Passkey, Session
from gateway import credentials
from tests import needs
from tests.auth.conftest import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("passkeys"),
    pytest.mark.django_db(databases="__all__", transaction=True),
]
EMAIL = "ada@example.com"
SCRIPT = (Path(__file__).parent / "passkey_page.js").read_text()
PHONE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Browser:
    """A page of ours in Chromium, and the authenticators plugged in to it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wire = page.context.new_cdp_session(page)
        self.wire.send("WebAuthn.enable")

    def plug_in(self, **options: Any) -> str:
        """Return the id of a new authenticator."""
        answer = self.wire.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE | options})
        return answer["authenticatorId"]

    def unplug(self, authenticator: str) -> None:
        self.wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})

    def fail_verification(self, authenticator: str) -> None:
        """Have the authenticator not recognize its user any more."""
        values = {"authenticatorId": authenticator, "isUserVerified": False}
        self.wire.send("WebAuthn.setUserVerified", values)

    def stolen_from(self, authenticator: str) -> dict[str, Any]:
        """Return the one credential that the authenticator holds, with its key."""
        answer = self.wire.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
        (credential,) = answer["credentials"]
        return credential

    def put(self, authenticator: str, credential: dict[str, Any]) -> None:
        values = {"authenticatorId": authenticator, "credential": credential}
        self.wire.send("WebAuthn.addCredential", values)

    def run(self, name: str, *arguments: Any) -> dict[str, Any]:
        """Call a function of the page."""
        answer: dict[str, Any] = self.page.evaluate(f"a => {name}(...a)", list(arguments))
        return answer


@pytest.fixture
def browser(live_server, settings, monkeypatch, deliver_events) -> Iterator[Browser]:
    # Playwright's loop runs in this thread, where Django would let nobody wait for a database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    credentials.verifier.cache_clear()
    settings.ROOT_URLCONF = "config.urls"
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.PASSKEY_DOMAIN = "localhost"
    settings.PASSKEY_ORIGINS = [live_server.url]
    auth.ensure_account(email=EMAIL, password=PASSWORD)
    deliver_events()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=needs.program("browser"), args=["--no-sandbox"]
        )
        page = chromium.new_page()
        page.route("**/page", lambda route: route.fulfill(content_type="text/html", body="<p>"))
        page.goto(f"{live_server.url}/page")
        page.add_script_tag(content=SCRIPT)
        yield Browser(page)
        chromium.close()
        # Beside that loop Django has connections of its own, which nobody would find afterwards.
        connections.close_all()


def log_in(browser) -> str:
    """Return the access token of a sign-in by password alone."""
    token: str = browser.run("logIn", EMAIL, PASSWORD)["body"]["access_token"]
    return token


def test_the_page_runs_where_passkeys_may(browser, live_server):
    assert live_server.url.startswith("http://localhost:")
    assert browser.page.evaluate("isSecureContext")


def test_a_passkey_is_registered_and_signs_in_alone(browser):
    browser.plug_in()
    token = log_in(browser)
    made = browser.run("register", token, "Laptop")
    assert made["status"] == 201, made
    kept = Passkey.objects.get()
    assert (kept.name, kept.transports) == ("Laptop", ["internal"])
    answer = browser.run("signIn")
    assert answer["status"] == 200, answer
    session = Session.objects.latest("created_at", "id")
    assert session.methods == ["passkey"]
    listed = browser.run("call", "GET", "passkeys", None, answer["body"]["access_token"])
    assert listed["body"]["data"][0]["last_used_at"] is not None


def test_a_passkey_finishes_a_sign_in_by_password(browser):
    browser.plug_in()
    assert browser.run("register", log_in(browser), "Laptop")["status"] == 201
    ticket = browser.run("logIn", EMAIL, PASSWORD)["body"]["mfa"]["ticket"]
    answer = browser.run("finish", ticket)
    assert answer["status"] == 200, answer
    session = Session.objects.latest("created_at", "id")
    assert session.methods == ["password", "passkey"]


def test_a_passkey_proves_anew_who_it_is(browser):
    browser.plug_in()
    token = log_in(browser)
    made = browser.run("register", token, "Laptop")
    Session.objects.update(proven_at=F("proven_at") - timedelta(minutes=11))
    path = f"passkeys/{made['body']['id']}"
    refused = browser.run("call", "DELETE", path, None, token)
    assert (refused["status"], refused["body"]["code"]) == (401, "auth.step_up_required")
    answer = browser.run("stepUp", token)
    assert answer["status"] == 200, answer
    fresh = answer["body"]["access_token"]
    assert browser.run("call", "DELETE", path, None, fresh)["status"] == 204
    assert not Passkey.objects.exists()


def test_a_device_that_has_a_passkey_makes_no_second(browser):
    browser.plug_in()
    token = log_in(browser)
    assert browser.run("register", token, "Laptop")["status"] == 201
    with pytest.raises(Error, match="InvalidStateError"):
        browser.run("register", token, "Laptop again")
    assert Passkey.objects.count() == 1


def test_a_device_that_keeps_no_resident_keys_makes_no_passkey(browser):
    browser.plug_in(hasResidentKey=False)
    with pytest.raises(Error, match="NotAllowedError"):
        browser.run("register", log_in(browser), "Old key")
    assert not Passkey.objects.exists()


def test_who_is_not_recognized_by_the_device_is_not_signed_in(browser):
    phone = browser.plug_in()
    assert browser.run("register", log_in(browser), "Phone")["status"] == 201
    browser.fail_verification(phone)
    with pytest.raises(Error, match="NotAllowedError"):
        browser.run("signIn")


def test_each_of_several_passkeys_signs_in(browser):
    first = browser.plug_in()
    token = log_in(browser)
    assert browser.run("register", token, "Laptop")["status"] == 201
    kept = browser.stolen_from(first)
    browser.unplug(first)
    second = browser.plug_in(transport="usb")
    assert browser.run("register", token, "Key")["status"] == 201
    assert browser.run("signIn")["status"] == 200
    browser.unplug(second)
    browser.put(browser.plug_in(), kept)
    assert browser.run("signIn")["status"] == 200
    used = Passkey.objects.filter(last_used_at__isnull=False)
    assert sorted(used.values_list("name", flat=True)) == ["Key", "Laptop"]


def test_a_copied_passkey_is_given_away_by_its_counter(browser):
    phone = browser.plug_in()
    assert browser.run("register", log_in(browser), "Phone")["status"] == 201
    copy = browser.stolen_from(phone)
    assert browser.run("signIn")["status"] == 200
    assert browser.run("signIn")["status"] == 200
    browser.unplug(phone)
    browser.put(browser.plug_in(), copy)
    answer = browser.run("signIn")
    assert (answer["status"], answer["body"]["code"]) == (422, "auth.passkey_invalid")
    assert Passkey.objects.get().suspected_at is not None


def test_a_page_of_another_origin_signs_nobody_in(browser, settings):
    browser.plug_in()
    assert browser.run("register", log_in(browser), "Phone")["status"] == 201
    settings.PASSKEY_ORIGINS = ["http://localhost:1"]
    assert browser.run("signIn")["status"] == 422
