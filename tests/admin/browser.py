"""A headless Chromium that notes everything that goes wrong on the pages it opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import ConsoleMessage, Page, Request, Response, sync_playwright

from tests import patience
from tests.needs import program

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Window:
    """A page, and the complaints about what it opened so far."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.set_default_timeout(patience.SECONDS * 1000)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._complain(f"raised {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def open(self, path: str) -> None:
        """Go to the path, wait until all that it needs has come, and insist that it went well."""
        self.page.goto(f"{self.url}{path}", wait_until="networkidle")
        self.insist()

    def insist(self) -> None:
        """Fail if anything has gone wrong so far."""
        self.page.wait_for_load_state("networkidle")
        assert not self.complaints, "\n".join(self.complaints)

    def scrolls_sideways(self) -> bool:
        """Return whether the page is wider than its window."""
        root = "document.documentElement"
        return bool(self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))

    def _complain(self, about: str) -> None:
        self.complaints.append(f"{self.page.url} {about}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _is_own_wish(message.location["url"]):
            self._complain(f"said: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # left before it had come
            self._complain(f"lacks {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not _is_own_wish(response.url):
            self._complain(f"got {response.status} from {response.url}")


def _is_own_wish(url: str) -> bool:
    """Whether Chromium asked by itself, as it does beside what is no page (JSON, plain text)."""
    return url.endswith("/favicon.ico")


@contextmanager
def window(url: str) -> Iterator[Window]:
    """Open an empty window on the product that answers at the URL."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program("browser"), args=list(ARGUMENTS)
        )
        try:
            yield Window(chromium.new_page(viewport={"width": 1280, "height": 900}), url)
        finally:
            chromium.close()
