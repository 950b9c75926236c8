"""What the tests ask of the API again and again, and what it answers."""

from __future__ import annotations

from tests.auth.conftest import PASSWORD

EMAIL = "ada@example.com"


def log_in(api, email=EMAIL, password=PASSWORD):
    return api.post("auth/login", {"email": email, "password": password})


def register(api, email=EMAIL, password=PASSWORD):
    return api.post("auth/register", {"email": email, "password": password})


def refresh(api, token):
    return api.post("auth/refresh", {"refresh_token": token})


def code_of(response) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def same_but_for_the_request(response) -> dict:
    return {**response.json(), "request_id": "", "instance": ""}
