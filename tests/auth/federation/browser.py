"""Somebody's browser at a provider: follows redirects and fills in its forms."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

REDIRECT_URI = "http://testserver/sign-in/callback"
AFTER_LOGOUT = "http://testserver"
MOST_PAGES = 20


class Browser:
    """Keeps the provider's cookies, as long as the person uses it."""

    def __init__(self) -> None:
        self.client = httpx.Client(trust_env=False)
        self.pages: list[str] = []

    def visit(self, url: str, *, login: str = "", **fields: str) -> dict[str, str]:
        """Go on until the provider sends the person back; return what they bring along."""
        answer = self.client.get(url)
        for _ in range(MOST_PAGES):
            if answer.is_redirect:
                url = urljoin(str(answer.url), answer.headers["Location"])
                if url.startswith(AFTER_LOGOUT):
                    return dict(parse_qsl(urlsplit(url).query))
                answer = self.client.get(url)
            else:
                answer = self._submit(answer, {"login": login, "password": "any", **fields})
        raise AssertionError("the provider never sent the person back")

    def _submit(self, answer: httpx.Response, typed: dict[str, str]) -> httpx.Response:
        action = re.search(r'action="([^"]+)"', answer.text)
        assert action, answer.text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', answer.text))
        self.pages.append(hidden.get("prompt", "other"))
        return self.client.post(urljoin(str(answer.url), action[1]), data={**typed, **hidden})
