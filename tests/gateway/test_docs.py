"""The pages for people, in a real browser and under their own policy."""

from __future__ import annotations

import pytest

from tests import needs

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]


@pytest.fixture
def open_page(live_server, settings):
    """Return a function that opens a path and returns the page, and fails on any complaint."""
    from playwright.sync_api import sync_playwright

    settings.ROOT_URLCONF = "config.urls"
    settings.ALLOWED_HOSTS = ["*"]
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=needs.program("browser"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))

        def open_page(path):
            page.goto(live_server.url + path, wait_until="networkidle")
            return page

        yield open_page
        browser.close()
    assert complaints == []


def test_the_reference_shows_every_domain(open_page):
    page = open_page("/api/docs")
    page.wait_for_selector("#operations-tag-users")  # the last of them
    tags = page.locator(".opblock-tag").all_inner_texts()
    assert {tag.split()[0] for tag in tags} >= {"auth", "users", "billing", "files"}


def test_an_operation_can_be_opened_and_shows_its_problems(open_page):
    page = open_page("/api/docs#/billing/changeSubscription")
    page.wait_for_selector("#operations-billing-changeSubscription .responses-table")
    text = page.locator("#operations-billing-changeSubscription").inner_text()
    for status in ("200", "412", "422", "503"):
        assert status in text


def test_the_problems_are_a_list_of_links(open_page):
    page = open_page("/api/docs/errors")
    page.click("text=gateway.token_invalid")
    page.wait_for_url("**/gateway.token_invalid")
    assert page.inner_text("h1") == "The access token is not valid"
