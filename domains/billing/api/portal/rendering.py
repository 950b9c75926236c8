"""The customers' page as HTML, in the customer's language."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from domains.billing.api.portal.words import ENGLISH, Words, words_of
from domains.billing.models import Invoice, PaymentMethod, SubscriptionState
from domains.billing.services.invoicing.pdf.language import Language
from domains.billing.services.invoicing.reading import File
from domains.billing.services.portal.showing import PortalView
from domains.billing.services.subscriptions.reading import Details

# No script at all, and nobody else's anything; forms go nowhere but here.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_DOCUMENT_POLICY = "default-src 'none'; sandbox"
_ENDS_WITH_PERIOD = (
    SubscriptionState.TRIALING,
    SubscriptionState.ACTIVE,
    SubscriptionState.PAST_DUE,
)
_ENDS_AT_ONCE = (SubscriptionState.PAUSED, SubscriptionState.UNPAID)


def page(view: PortalView, *, address: str, said: str) -> HttpResponse:
    """Return the page; `said` is what became of a form: what was done, or an error's code."""
    words = words_of(view.locale)
    language = Language.of(locale=view.locale, time_zone=view.time_zone)
    shown = {
        "words": words,
        "view": view,
        "address": address,
        "done": words.said.get(said, ""),
        "problem": _problem(words, said),
        "plan": _plan(view, words, language),
        "methods": [_method(row, words) for row in view.methods],
        "invoices": [_invoice(row, words, language) for row in view.invoices],
    }
    return _html("billing/portal.html", shown, status=200)


def refusal(*, locale: str, status: int) -> HttpResponse:
    """Return the page for who has no right, or no right any more, to the one that was asked for."""
    return _html("billing/portal_refusal.html", {"words": words_of(locale)}, status=status)


def pdf(file: File) -> HttpResponse:
    """Return the document as a download."""
    disposition = f'attachment; filename="{file.name}"'
    return HttpResponse(
        file.content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": disposition,
            "Content-Security-Policy": _DOCUMENT_POLICY,
            "Cache-Control": "no-store",
        },
    )


def _html(template: str, shown: dict[str, Any], *, status: int) -> HttpResponse:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return HttpResponse(render_to_string(template, shown), status=status, headers=headers)


def _problem(words: Words, said: str) -> str:
    if not said or said in words.said:
        return ""
    return words.went_wrong.format(why=words.why.get(said, words.why_else))


def _plan(view: PortalView, words: Words, language: Language) -> dict[str, Any]:
    details, pending = view.subscription.details, view.subscription.pending_payment
    facts = _facts(view, details, words, language) if details else [words.since_free]
    if pending:
        amount = language.money(pending.price.amount, pending.price.currency)
        facts.append(words.waiting.format(amount=amount))
    return {
        "title": view.plan_title,
        "state": words.states.get(details.state, "") if details else "",
        "is_well": details is None or details.state in ("active", "trialing"),
        "facts": facts,
        "cancel": _cancel(details, words, language) if details else "",
        # Staff read the reasons in one language.
        "reasons": list(zip(ENGLISH.cancel_reasons, words.cancel_reasons, strict=True)),
        "may_resume": bool(details and details.cancel_at),
    }


def _facts(view: PortalView, details: Details, words: Words, language: Language) -> list[str]:
    if details.state == SubscriptionState.PAUSED:
        return [words.paused]
    if details.cancel_at:
        return [words.ends.format(date=language.date(details.cancel_at))]
    end = language.date(details.current_period.end)
    if view.next_plan_title:
        return [words.changes.format(date=end, plan=view.next_plan_title)]
    if details.comped:
        return [words.given]
    if details.state == SubscriptionState.TRIALING:
        return [words.trial_ends.format(date=end)]
    return [words.renews.format(date=end)] if details.state in _ENDS_WITH_PERIOD else []


def _cancel(details: Details, words: Words, language: Language) -> str:
    """Return what a cancellation would do; nothing where there is nothing to cancel."""
    if details.comped or details.cancel_at:
        return ""
    if details.state in _ENDS_AT_ONCE:
        return words.cancel_at_once
    if details.state in _ENDS_WITH_PERIOD:
        return words.cancel_what.format(date=language.date(details.current_period.end))
    return ""


def _method(row: PaymentMethod, words: Words) -> dict[str, Any]:
    name = words.card.format(brand=row.brand.title(), last4=row.last4)
    until = f"{row.expires_on:%m/%Y}" if row.expires_on else ""
    return {
        "id": row.id,
        "name": name,
        "until": words.valid_until.format(date=until) if until else "",
        "is_default": row.is_default,
    }


def _invoice(row: Invoice, words: Words, language: Language) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "date": language.date(row.issued_at) if row.issued_at else "",
        "total": language.money(row.total, row.currency),
        "state": words.invoice_states.get(row.state, row.state),
        "is_well": row.state == "paid",
    }
