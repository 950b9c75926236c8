"""The answer to every way of signing in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from domains.auth.api import cookies
from domains.auth.api.serializers import MfaSerializer, TokensSerializer
from domains.auth.services.sign_in import Outcome
from domains.auth.services.tickets import FactorNeeded

SIGNED_IN: dict[str, Any] = {
    "description": "The tokens, or a ticket for `POST auth/mfa` if a second factor is needed.",
    "oneOf": [
        {"$ref": "#/components/schemas/Tokens"},
        {
            "type": "object",
            "required": ["mfa"],
            "properties": {
                "mfa": {
                    "type": "object",
                    "required": ["ticket", "methods", "expires_in"],
                    "properties": {
                        "ticket": {"type": "string"},
                        "methods": {"type": "array", "items": {"type": "string"}},
                        "expires_in": {"type": "integer"},
                    },
                }
            },
        },
    ],
}


def signed_in(request: Request, outcome: Outcome) -> Response:
    """Return the outcome in an answer that nobody on the way may keep (RFC 6749, 5.1).

    The refresh token is in the cookie alone where that was asked for.
    """
    if isinstance(outcome, FactorNeeded):
        return _unkept(MfaSerializer.render({"mfa": asdict(outcome)}))
    shown = TokensSerializer.render(outcome)
    if not cookies.asked(request):
        return _unkept(shown)
    cookies.require_origin(request)
    del shown["refresh_token"]
    response = _unkept(shown)
    cookies.put(response, outcome.refresh_token)
    return response


def _unkept(shown: dict[str, Any]) -> Response:
    return Response(shown, headers={"Cache-Control": "no-store"})
