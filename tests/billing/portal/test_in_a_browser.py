"""The customers' page in Chromium, which runs no script on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from domains.billing.models import Customer, ScheduledChange
from domains.billing.services.payments import own_methods
from kernel.clock import now
from tests import needs
from tests.admin.browser import ARGUMENTS, Window
from tests.billing.conftest import put_on
from tests.billing.portal.conftest import link_of, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("portal"),
    pytest.mark.django_db(databases="__all__", transaction=True),
]
# What no rule of contrast is broken by: (text, ground) as the browser computes them.
COLOURS = """
els => els.filter(e => e.innerText && e.checkVisibility()).map(e => {
  const style = getComputedStyle(e), root = getComputedStyle(document.documentElement)
  return [style.color, root.backgroundColor, e.innerText]
})
"""


@pytest.fixture
def chromium(live_server, settings, monkeypatch) -> Iterator[Browser]:
    # Playwright's loop runs in this thread, where Django would let nobody wait for a database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    settings.PUBLIC_URL = settings.FRONTEND_URL = live_server.url
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=needs.program("browser"), args=list(ARGUMENTS)
        )
        yield started
        started.close()
        # Beside that loop Django has connections of its own, which nobody would find afterwards.
        connections.close_all()


@pytest.fixture
def payer():
    """Somebody who pays for a plan, and has two cards."""
    ada = sign_in("ada")
    put_on(ada.principal, "pro", "pm_card_visa", now=now())
    own_methods.attach(principal=ada.principal, reference="pm_card_mastercard", now=now())
    Customer.objects.within(ada.organization_id).update(name="Analytical Engines GmbH")
    return ada


@contextmanager
def page_of(chromium, *, width=1280, scheme="light") -> Iterator[Page]:
    """A page in a browser of its own, in which no script runs."""
    context = chromium.new_context(
        java_script_enabled=False,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def fetch(page, member) -> Window:
    window = Window(page, "")
    window.open(link_of(member))
    return window


def test_a_plan_is_canceled_and_kept_without_any_script(chromium, payer):
    with page_of(chromium) as page:
        window = fetch(page, payer)
        assert re.search("/billing/portal/[0-9a-f-]{36}$", page.url)
        expect(page.get_by_role("heading", name="Billing", level=1)).to_be_visible()
        button = page.get_by_role("button", name="Cancel the plan")
        expect(button).to_be_hidden()
        page.get_by_text("Cancel the plan").first.click()
        page.get_by_label("Why do you cancel?").select_option("Too expensive")
        page.get_by_label("Anything you would like to add").fill("Ours is a charity")
        button.click()
        expect(page.get_by_role("status")).to_have_text("The plan is canceled.")
        page.get_by_role("button", name="Keep the plan").click()
        expect(page.get_by_role("status")).to_have_text("The plan goes on.")
        window.insist()
    row = ScheduledChange.objects.within(payer.organization_id).get()
    assert row.change["reason"] == "Too expensive: Ours is a charity"


def test_methods_are_chosen_and_removed_by_keyboard_alone(chromium, payer):
    with page_of(chromium) as page:
        window = fetch(page, payer)
        choose = page.get_by_role("button", name="Mastercard ending in 4444").first
        choose.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("another method")
        visa = page.get_by_role("listitem").filter(has_text="4242")
        visa.locator("summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("is removed")
        expect(page.get_by_role("listitem")).to_have_count(1)
        window.insist()


def test_an_invoice_is_downloaded(chromium, payer):
    with page_of(chromium) as page:
        fetch(page, payer)
        with page.expect_download() as download:
            page.get_by_role("link", name="(PDF)").click()
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_two_organizations_are_open_in_one_browser(chromium, payer):
    eve = sign_in("eve")
    with page_of(chromium) as page:
        fetch(page, payer)
        mine = page.url
        fetch(page, eve)
        expect(page.get_by_text("There is nothing to pay.")).to_be_visible()
        page.goto(mine)
        expect(page.get_by_text("Analytical Engines GmbH")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_at_any_width(chromium, payer, scheme, tmp_path):
    for width in (1280, 390):
        with page_of(chromium, width=width, scheme=scheme) as page:
            window = fetch(page, payer)
            page.get_by_text("Cancel the plan").first.click()
            assert not window.scrolls_sideways(), width
            shown = page.locator("h1, h2, p, a, summary, button, th, td, label, .state")
            for text, ground, words in shown.evaluate_all(COLOURS):
                assert contrast(text, ground) >= 4.5, (words, text, ground)
            page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)


def test_every_field_has_a_name_and_every_id_stands_once(chromium, payer):
    with page_of(chromium) as page:
        fetch(page, payer)
        for field in page.locator("select, textarea").all():
            assert page.locator(f"label[for={field.get_attribute('id')}]").count() == 1
        ids = [each.get_attribute("id") for each in page.locator("[id]").all()]
        assert len(ids) == len(set(ids))
        assert page.locator("html").get_attribute("lang") == "en"


def test_a_link_that_has_expired_says_so(chromium, payer):
    with page_of(chromium) as page:
        answer = page.goto(link_of(payer)[:-1])
        assert answer.status == 403
        expect(page.get_by_role("heading")).to_have_text("This page has expired")


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
