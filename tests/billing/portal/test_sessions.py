"""Links to the customers' page: for whom, for how long, and to where it leads back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import structlog
from django.test import Client

from domains.auth import interface as auth
from domains.billing.contract.portal import PortalPassInvalid
from domains.billing.services.portal import passes, visiting
from gateway import access_log
from kernel import crypto
from kernel.ids import uuid7
from kernel.permissions import Role
from tests.billing.portal.conftest import link_of, sign_in, visit

pytestmark = pytest.mark.django_db(databases="__all__")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRONTEND = "https://app.example"


@pytest.fixture(autouse=True)
def _frontend(settings):
    settings.FRONTEND_URL = FRONTEND
    settings.CORS_ALLOWED_ORIGINS = ["https://other.example:8443"]


def text_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def opened(member, **options) -> str:
    options.setdefault("return_url", "")
    session = visiting.open_session(principal=member.principal, now=NOW, **options)
    return text_of(session.url)


def test_a_link_holds_for_half_an_hour(ada):
    text = opened(ada)
    last = NOW + timedelta(minutes=30) - timedelta(microseconds=1)
    assert visiting.enter(text=text, now=last).organization_id == ada.organization_id
    with pytest.raises(PortalPassInvalid):
        visiting.enter(text=text, now=NOW + timedelta(minutes=30))


@pytest.mark.parametrize(
    "alter",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: "A" + text,
        lambda text: text.partition(".")[0],
        lambda text: text.partition(".")[0] + ".",
        lambda text: "." + text.partition(".")[2],
        lambda text: text + "ü",
        lambda text: text.partition(".")[0] + "." + passes.form_token(text.partition(".")[0]),
        lambda text: text.partition(".")[0] + "." + crypto.sign("other", text.encode()),
    ],
)
def test_a_link_that_was_altered_is_refused(ada, alter):
    with pytest.raises(PortalPassInvalid):
        visiting.enter(text=alter(opened(ada)), now=NOW)


def test_a_pass_for_another_organization_can_not_be_made_of_ones_own(ada):
    other = sign_in("eve")
    granted = passes.unseal(opened(ada), now=NOW)
    forged = passes.seal(granted.model_copy(update={"organization_id": other.organization_id}))
    signature = opened(ada).rpartition(".")[2]
    with pytest.raises(PortalPassInvalid):
        visiting.enter(text=f"{forged.rpartition('.')[0]}.{signature}", now=NOW)


def test_who_signs_out_has_left_the_page_too(ada):
    there = visit(ada)
    assert there.look().status_code == 200
    assert ada.api.post("auth/logout").status_code == 204
    assert there.look().status_code == 403


def test_the_cookie_is_for_this_page_alone_and_no_script_reads_it(ada):
    there = visit(ada)
    cookie = there.client.cookies["billing_portal"]
    assert cookie["path"] == there.address
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_over_https_the_cookie_is_sent_over_nothing_else(ada, settings):
    settings.HTTPS = True
    assert visit(ada).client.cookies["billing_portal"]["secure"] is True


def test_the_pass_is_in_no_log(ada, monkeypatch):
    captured = structlog.testing.LogCapture()
    every_level = structlog.make_filtering_bound_logger(0)
    log = structlog.wrap_logger(None, processors=[captured], wrapper_class=every_level)
    monkeypatch.setattr(access_log, "log", log)
    text = text_of(link_of(ada))
    Client().get(f"/billing/portal/open/{text}")
    assert captured.entries[-1]["path"] == "/billing/portal/open/<text>"
    assert text not in repr(captured.entries)


def test_pages_tell_nobody_where_they_are_and_are_kept_nowhere(ada):
    page = visit(ada).look()
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    assert page["X-Content-Type-Options"] == "nosniff"
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


def test_an_admin_may_open_the_page_and_a_member_may_not(ada):
    admin = sign_in("grace", role=Role.ADMIN, organization_id=ada.organization_id)
    member = sign_in("bob", role=Role.MEMBER, organization_id=ada.organization_id)
    assert visit(admin).look().status_code == 200
    assert member.api.post("billing/portal-sessions", {}).status_code == 403


def test_a_machine_has_no_use_for_a_page(ada):
    machine = replace(ada.principal, kind="api_key", api_key_id=uuid7(), session_id=None)
    with pytest.raises(auth.SessionRequired):
        visiting.open_session(principal=machine, return_url="", now=NOW)


@pytest.mark.parametrize(
    "url",
    [f"{FRONTEND}/settings?tab=billing#plan", FRONTEND, "https://other.example:8443/back"],
)
def test_the_page_leads_back_to_where_the_product_is(ada, url):
    assert f'href="{url}"' in visit(ada, return_url=url).text()


def test_it_leads_to_the_front_page_unless_told_otherwise(ada):
    assert f'href="{FRONTEND}"' in visit(ada).text()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://app.example/",
        "https://app.example:444/",
        "https://app.example.evil.example/",
        "https://app.example@evil.example/",
        "https://app.example\\@evil.example/",
        "//evil.example/",
        "/settings",
        "javascript:alert(1)",
        "https://app.example/\nx",
        "https://other.example/",
        f"{FRONTEND}/{'x' * 500}",
    ],
)
def test_it_leads_nowhere_else(ada, url):
    answer = ada.api.post("billing/portal-sessions", {"return_url": url})
    assert answer.status_code == 422, answer.content
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/return_url"}
