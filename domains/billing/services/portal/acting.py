"""What is done on the page: what the API does, for who holds a pass and sent the page's own form.

Each raises `PortalPassInvalid` and `PortalFormInvalid`, and what the API's own call does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.billing.services.invoicing import reading as invoices
from domains.billing.services.payments import own_methods
from domains.billing.services.portal.passes import check_form
from domains.billing.services.portal.visiting import visit
from domains.billing.services.subscriptions import canceling
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form as it was sent: to which page, by which pass, with the token that it carried."""

    text: str
    portal_id: UUID
    token: str
    sent_at: datetime


def cancel(*, form: Form, reason: str) -> None:
    """Have the plan end when what was paid for ends."""
    with _sent(form) as principal:
        canceling.cancel(principal=principal, at_once=False, reason=reason, now=form.sent_at)


def resume(*, form: Form) -> None:
    """Have the plan go on that was to end."""
    with _sent(form) as principal:
        canceling.keep(principal=principal, now=form.sent_at)


def choose_default(*, form: Form, method_id: UUID) -> None:
    """Pay with the method from now on."""
    with _sent(form) as principal:
        own_methods.choose_default(principal=principal, method_id=method_id, now=form.sent_at)


def detach(*, form: Form, method_id: UUID) -> None:
    """Forget the method."""
    with _sent(form) as principal:
        own_methods.detach(principal=principal, method_id=method_id, now=form.sent_at)


def get_invoice(*, text: str, portal_id: UUID, invoice_id: UUID, now: datetime) -> invoices.File:
    """Return an invoice on paper; raise `PortalPassInvalid` and `InvoiceNotFound`."""
    with visit(text=text, portal_id=portal_id, now=now) as visitor:
        return invoices.get_invoice_pdf(principal=visitor.principal, invoice_id=invoice_id)


@contextmanager
def _sent(form: Form) -> Iterator[Principal]:
    with visit(text=form.text, portal_id=form.portal_id, now=form.sent_at) as visitor:
        check_form(form.text, form.token)
        yield visitor.principal
