"""The right to one organization's page for a while: signed, and kept nowhere."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domains.billing.contract.portal import PortalFormInvalid, PortalPassInvalid
from kernel import crypto

PURPOSE = "billing.portal"
FORMS = "billing.portal-form"


class Pass(BaseModel):
    """Whose page, in whose name, and until when; it holds for as long as the session does."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    organization_id: UUID
    account_id: UUID
    session_id: UUID
    impersonator_id: UUID | None
    return_url: str
    expires_at: datetime


def seal(granted: Pass) -> str:
    """Return the pass as text for a link or a cookie, which only this product can make."""
    body = urlsafe_b64encode(granted.model_dump_json().encode()).decode().rstrip("=")
    return f"{body}.{crypto.sign(PURPOSE, body.encode())}"


def unseal(text: str, *, now: datetime) -> Pass:
    """Return the pass; raise `PortalPassInvalid` unless it was sealed here and still holds."""
    body, _, signature = text.rpartition(".")
    if not text.isascii() or not crypto.verify(PURPOSE, body.encode(), signature):
        raise PortalPassInvalid
    granted = Pass.model_validate_json(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if granted.expires_at <= now:
        raise PortalPassInvalid("It has expired.")
    return granted


def form_token(text: str) -> str:
    """Return what every form of the page carries: nobody else who can post there knows it."""
    return crypto.sign(FORMS, text.encode())


def check_form(text: str, token: str) -> None:
    """Raise `PortalFormInvalid` unless the form is the page's own."""
    if not token.isascii() or not crypto.verify(FORMS, text.encode(), token):
        raise PortalFormInvalid
