"""Where mail providers tell what became of mails, read by anymail: it knows their formats."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_channels as examples
from domains.notifications.contract.channel_errors import MailEventRefused, MailProviderNotFound
from domains.notifications.models import Cause
from domains.notifications.services.sending import suppressions
from domains.notifications.services.sending.suppressions import MailEvent
from kernel import clock
from kernel.rest import Body, Public, operation

# What providers say of a bounce that may be over tomorrow, where anymail calls it one like others.
_SOFT: dict[str, set[Any]] = {
    "Type": {"SoftBounce", "Transient", "DnsError"},
    "event": {"soft_bounce", "softBounce", "deferral"},
    "bounceType": {"Transient", "Undetermined"},
    "severity": {"temporary"},
    "hard_bounce": {False, "0", "false"},
}
# RFC 3463: an enhanced status of class 4, and SMTP's own (RFC 5321).
_SOFT_ANSWER = re.compile(r"^\s*4\d\d\b|\b4\.\d{1,3}\.\d{1,3}\b")
_HARD = frozenset({"bounced", "invalid"})
_MODULES = {"ses": "amazon_ses"}


class MailEventsView(APIView):
    """Called by mail providers' servers."""

    permission_classes = [Public]
    body = Body(max_bytes=1_048_576, content_types=frozenset({"*/*"}), whole=True)
    anonymous_rate = (6000, 60)

    @operation(
        "receiveMailEvents",
        "Where a mail provider tells of bounces and complaints",
        description="Authenticated by EMAIL_WEBHOOK_SECRET (Basic), and by the provider's own "
        "signature where it has one.",
        request={"type": "object"},
        response={"type": "object"},
        request_example=examples.MAIL_EVENT,
        response_example={},
        problems=(MailProviderNotFound, MailEventRefused),
    )
    def post(self, request: Request, provider: str) -> Response:
        events = _read(request._request, provider)
        suppressions.record_mail_events(events=events, now=clock.now())
        return Response({})


def _read(request: HttpRequest, provider: str) -> list[MailEvent]:
    """Return what concerns addresses in what is told; raise unless the provider tells it."""
    used = {each["name"] for each in settings.EMAIL_PROVIDERS}
    if provider not in used or not settings.EMAIL_WEBHOOK_SECRET:
        raise MailProviderNotFound
    # Its libraries are needed by nobody else.
    from anymail.exceptions import AnymailWebhookValidationFailure

    view = _webhook(provider)(webhook_secret=settings.EMAIL_WEBHOOK_SECRET)
    view.setup(request)
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure as error:
        raise MailEventRefused from error
    found = (_event(each, provider) for each in view.parse_events(request))
    return [event for event in found if event is not None]


def _webhook(provider: str) -> Any:
    """Return anymail's view for what the provider tells."""
    from anymail.urls import urlpatterns

    module = _MODULES.get(provider, provider)
    names = {f"{module}_tracking_webhook", f"{module}_webhook"}
    for pattern in urlpatterns:
        if pattern.name in names:
            return pattern.callback.view_class
    raise MailProviderNotFound


def _event(told: Any, provider: str) -> MailEvent | None:
    cause = _cause(told)
    if cause is None or not told.recipient:
        return None
    detail = str(told.description or told.mta_response or told.reject_reason or "")
    return MailEvent(cause=cause, address=told.recipient, provider=provider, detail=detail)


def _cause(told: Any) -> Cause | None:
    if told.event_type == "complained" or told.reject_reason == "spam":
        return Cause.COMPLAINT
    failed = told.event_type in ("bounced", "rejected") and told.reject_reason in _HARD
    return Cause.BOUNCE if failed and not _is_soft(told) else None


def _is_soft(told: Any) -> bool:
    if _SOFT_ANSWER.search(str(told.mta_response or "")):
        return True
    said = told.esp_event if hasattr(told.esp_event, "get") else {}
    inner = [each for each in map(said.get, ("bounce", "event-data", "msys")) if each]
    parts = [said, *(each for each in inner if hasattr(each, "get"))]
    return any(
        isinstance(value := part.get(name), str | bool | int) and value in soft
        for part in parts
        for name, soft in _SOFT.items()
    )
