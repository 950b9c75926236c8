from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples
from domains.auth.services import keys
from kernel.clock import now
from kernel.rest import Public, operation, single

KEY_SET_SECONDS = 300
KEY_SET_SCHEMA = {
    "type": "object",
    "required": ["keys"],
    "properties": {"keys": {"type": "array", "items": {"type": "object"}}},
}


class KeySetView(APIView):
    permission_classes = [Public]

    @operation(
        "getKeySet",
        "The public keys that access tokens are verified with (RFC 7517)",
        response=KEY_SET_SCHEMA,
        response_example=examples.KEY_SET,
    )
    def get(self, request: Request) -> Response:
        response = single(request, keys.get_key_set(now=now()))
        response["Cache-Control"] = f"public, max-age={KEY_SET_SECONDS}"
        return response
