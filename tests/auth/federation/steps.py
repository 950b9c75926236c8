"""What a front end does around a visit to a provider."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from tests.auth.conftest import PASSWORD
from tests.auth.federation.browser import REDIRECT_URI, Browser
from tests.client import Api


def start(api: Api, provider: str = "acme", *, action: str = "start") -> dict[str, Any]:
    answer = api.post(f"auth/federation/{provider}/{action}", {"redirect_uri": REDIRECT_URI})
    assert answer.status_code == 200, answer.content
    return answer.json()


def finish(
    api: Api, started: dict[str, Any], brought: dict[str, str], provider: str = "acme", **other: Any
) -> HttpResponse:
    action = other.pop("action", "finish")
    body = {"ticket": started["ticket"], **brought, **other}
    return api.post(f"auth/federation/{provider}/{action}", body)


def sign_in(
    api: Api, person: Browser, provider: str = "acme", *, login: str = "ada"
) -> HttpResponse:
    """Sign in with the provider, from the first request to the last."""
    started = start(api, provider)
    brought = person.visit(started["authorization_url"], login=login)
    return finish(api, started, brought, provider)


def signed_in(api: Api, answer: HttpResponse) -> Api:
    assert answer.status_code == 200, answer.content
    return api.as_(token=answer.json()["access_token"])


def by_password(api: Api, email: str = "ada@example.com") -> Api:
    return signed_in(api, api.post("auth/login", {"email": email, "password": PASSWORD}))


def code_of(answer: HttpResponse) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]
