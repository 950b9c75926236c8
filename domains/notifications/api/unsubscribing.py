"""HTML in and out: the page behind the link in a mail, which needs no script.

GET only asks: mail scanners follow every link. POST acts, from the page's own form and from mail
programs (RFC 8058, 3.2) alike: the link is the right to, so no cookie or token goes with it.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from rest_framework.request import Request
from rest_framework.views import APIView

from domains.notifications.contract.channel_errors import UnsubscribeLinkInvalid
from domains.notifications.contract.errors import CategoryMandatory
from domains.notifications.services.rendering.rendering import product_name
from domains.notifications.services.sending import unsubscribing
from kernel import clock
from kernel.rest import Body, Public

# No script at all, and nobody else's anything; the form goes nowhere but here.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
WORDS = {
    "en": {
        "language": "en",
        "title": "Unsubscribe",
        "ask": "Get no more mail of this kind from {product}?",
        "do": "Unsubscribe",
        "done": "Done: no more mail of this kind will come.",
        "refused": "This link is not valid, or not any more. Nothing was changed.",
    },
    "de": {
        "language": "de",
        "title": "Abbestellen",
        "ask": "Keine Mails dieser Art von {product} mehr erhalten?",
        "do": "Abbestellen",
        "done": "Erledigt: Mails dieser Art kommen nicht mehr.",
        "refused": "Dieser Link gilt nicht oder nicht mehr. Es wurde nichts geändert.",
    },
}


class Unsubscribe(APIView):
    """A page for whoever holds the link."""

    permission_classes = [Public]
    schema = None
    body = Body(
        max_bytes=16_384,
        content_types=frozenset({"application/x-www-form-urlencoded", "multipart/form-data"}),
        whole=True,
    )

    def get(self, request: Request, token: str) -> HttpResponse:
        """Ask, and change nothing."""
        offer = unsubscribing.show(token=token, locale=_language(request))
        return _page(request, shown="ask", category=offer.category)

    def post(self, request: Request, token: str) -> HttpResponse:
        """Unsubscribe, as often as it is asked."""
        unsubscribing.unsubscribe(token=token, now=clock.now())
        return _page(request, shown="done")

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Say on a page that the link doesn't count."""
        if isinstance(exc, UnsubscribeLinkInvalid):
            return _page(self.request, shown="refused", status=404)
        if isinstance(exc, CategoryMandatory):
            return _page(self.request, shown="refused", status=409)
        return super().handle_exception(exc)


def _language(request: Request) -> str:
    wished = str(request.headers.get("Accept-Language", ""))
    return "de" if wished.lower().startswith("de") else "en"


def _page(request: Request, *, shown: str, status: int = 200, **facts: Any) -> HttpResponse:
    words = WORDS[_language(request)]
    told = {"words": words, "text": words[shown].format(product=product_name())}
    page = render_to_string("notifications/unsubscribe.html", {**told, "shown": shown, **facts})
    # The address is a right: no page that this one leads to may learn it.
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return HttpResponse(page, status=status, headers=headers)
