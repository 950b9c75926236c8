"""Changing what an organization is subscribed to, and paying for it first if that costs something.

The way of a `PUT billing/subscription`, top to bottom: a quote is computed under the customer's
lock; what is due for it is written down with it and charged outside of any transaction; the quote
is carried out when the money is there (`paying`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings

from domains.billing.contract.errors import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
)
from domains.billing.contract.permissions import SUBSCRIPTION_WRITE
from domains.billing.contract.subscriptions import PreviewInvalid
from domains.billing.models import Customer, PaymentIntent, PaymentState
from domains.billing.services import catalogue, profile
from domains.billing.services.catalogue.coupons import normalized
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import intents, methods, providers
from domains.billing.services.payments.collecting import collect
from domains.billing.services.payments.port import UNKNOWN_METHOD
from domains.billing.services.subscriptions import asking, canceling, renewal, scheduling
from domains.billing.services.subscriptions.applying import apply, expect, find
from domains.billing.services.subscriptions.discounting import take
from domains.billing.services.subscriptions.ending import find_live
from domains.billing.services.subscriptions.quotes import Quote
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.subscriptions.reading import SubscriptionView, get_subscription
from domains.billing.services.subscriptions.wishes import Wish
from kernel.db import transaction
from kernel.errors import DomainError, Forbidden
from kernel.preconditions import ANY, Precondition
from kernel.principal import Principal

METHOD = "/payment_method"
BANK_TRANSFER = "manual"
LOOK_AGAIN = "Look at the subscription again in a moment."


@dataclass(frozen=True, kw_only=True)
class _Change:
    organization_id: UUID
    account_id: UUID
    wish: Wish
    payment_method: str
    pinned: Quote | None
    expected: Precondition


def change_subscription(
    *,
    principal: Principal,
    wish: Wish,
    payment_method: str | None = None,
    preview_token: str | None = None,
    expected: Precondition = ANY,
    now: datetime,
) -> SubscriptionView:
    """Make of the current organization's subscription what is wished; return what is then.

    With a preview's token exactly what was previewed is charged. What is in force already is left
    alone, and what was scheduled instead of it is withdrawn. A payment that needs the customer's
    confirmation is returned as pending; asked anything else meanwhile, it is given up. Raises what
    `asking.quote` does, `PaymentMethodRequired`, `PaymentMethodUnknown`, `PaymentDeclined`,
    `PaymentInProgress`, `PaymentsNotConfigured`, `PaymentProviderUnavailable`, `PreviewInvalid`,
    `PreviewExpired`, `PreviewOutdated`, `PreconditionFailed` and `Forbidden`.
    """
    principal.require(SUBSCRIPTION_WRITE)
    change = _Change(
        organization_id=principal.organization_id,
        account_id=_account_of(principal),
        wish=wish,
        payment_method=payment_method or "",
        pinned=_pinned(principal, wish, preview_token, now),
        expected=expected,
    )
    change = _give_up_unconfirmed(change, now)
    renewal.catch_up(organization_id=change.organization_id, now=now)
    if catalogue.get_plan(wish.plan).is_free:
        _leave(change, now)
    else:
        profile.suggest_name(principal=principal, now=now)
        _buy(change, now)
    return get_subscription(organization_id=change.organization_id)


def _account_of(principal: Principal) -> UUID:
    if principal.account_id is None:
        raise Forbidden("A plan is changed by somebody's account.")
    return principal.account_id


def _pinned(principal: Principal, wish: Wish, token: str | None, now: datetime) -> Quote | None:
    if token is None:
        return None
    quote = Quote.from_token(token, now=now)
    if quote.organization_id != principal.organization_id or _differs(wish, quote):
        raise PreviewInvalid(pointer="/preview_token")
    return replace(quote, account_id=_account_of(principal))


def _differs(wish: Wish, quote: Quote) -> bool:
    """Return whether the wish says anything else than what was previewed; None says nothing.

    The policy doesn't count: the preview said which one applies.
    """
    previewed = {
        "plan": quote.plan,
        "interval": quote.schedule.interval,
        "quantity": next(item.quantity for item in quote.items if item.is_plan),
        "currency": quote.currency,
    }
    said = {name: getattr(wish, name) for name in previewed}
    others = any(value not in (None, previewed[name]) for name, value in said.items())
    return others or _add_ons_differ(wish, quote) or _coupons_differ(wish, quote)


def _add_ons_differ(wish: Wish, quote: Quote) -> bool:
    if wish.add_ons is None:
        return False
    wanted = {name: count for name, count in wish.add_ons.items() if count}
    return wanted != {i.product: i.quantity for i in quote.items if i.product != quote.plan}


def _coupons_differ(wish: Wish, quote: Quote) -> bool:
    return bool(wish.coupon) and normalized(wish.coupon or "") != normalized(quote.coupon)


def _give_up_unconfirmed(change: _Change, now: datetime) -> _Change:
    """Withdraw a payment that waits for its confirmation, unless it is for the same."""
    current = get_subscription(organization_id=change.organization_id)
    pending = current.pending_payment
    if pending is None or pending.next_action is None or _is_paid_by(change, now):
        return change
    change.expected.check(current.tag)
    intents.withdraw(organization_id=change.organization_id, intent_id=pending.id, now=now)
    if change.expected == ANY:
        return change
    known = Precondition(frozenset({current.without_pending_payment().tag}))
    return replace(change, expected=known)


def _is_paid_by(change: _Change, now: datetime) -> bool:
    """Return whether the open payment is for this very change, by the same method."""
    intent = intents.find_open(organization_id=change.organization_id)
    if intent is None or intent.quote is None or catalogue.get_plan(change.wish.plan).is_free:
        return False
    if change.payment_method not in ("", intent.payment_method):
        return False
    wanted = asking.wanted(organization_id=change.organization_id, wish=change.wish, at=now)
    return wanted == Quote.from_json(intent.quote).wanted


def _leave(change: _Change, now: datetime) -> None:
    """Have the plan end: by default when what is paid is used up."""
    with transaction("billing"):
        customer = lock_customer(organization_id=change.organization_id, now=now)
        subscription = find_live(organization_id=change.organization_id)
        if _is_open_to(change) and subscription is not None:
            at_once = change.wish.policy not in (None, Policy.PERIOD_END)
            canceling.cancel_live(
                customer,
                subscription,
                at_once=at_once,
                reason="",
                account_id=change.account_id,
                now=now,
            )


def _buy(change: _Change, now: datetime) -> None:
    if not _is_open_to(change):
        return
    costs = _preview(change, now).due > 0
    change = _with_method(change, now, needed=costs)
    intent = _begin(change, now, costs=costs)
    if intent is None:
        return
    intent = intents.carry_out(organization_id=change.organization_id, intent_id=intent.id, now=now)
    if intent.state == PaymentState.FAILED:
        raise _failure_of(intent)


def _preview(change: _Change, now: datetime) -> Quote:
    with transaction("billing", final=False):
        customer = lock_customer(organization_id=change.organization_id, now=now)
        return _quote(change, customer, now)


def _quote(change: _Change, customer: Customer, now: datetime) -> Quote:
    if change.pinned is not None:
        return asking.current(change.pinned, customer=customer)
    return asking.quote(
        customer=customer,
        subscription=find_live(organization_id=change.organization_id),
        account_id=change.account_id,
        wish=change.wish,
        at=now,
    )


def _with_method(change: _Change, now: datetime, *, needed: bool) -> _Change:
    """Say by which method it is paid: the one given, which is kept for later, or the default."""
    if settings.PAYMENT_PROVIDER == BANK_TRANSFER or not (needed or change.payment_method):
        return change
    providers.current()  # nothing is written where nobody could ever carry it out
    if change.payment_method:
        _attach(change, now)
        return change
    default = methods.defaults_of(organization_ids=[change.organization_id])
    if change.organization_id not in default:
        raise PaymentMethodRequired(pointer=METHOD)
    return replace(change, payment_method=default[change.organization_id].reference)


def _attach(change: _Change, now: datetime) -> None:
    try:
        methods.attach(
            organization_id=change.organization_id,
            account_id=change.account_id,
            reference=change.payment_method,
            now=now,
        )
    except PaymentMethodUnknown as unknown:
        raise PaymentMethodUnknown(pointer=METHOD) from unknown


def _begin(change: _Change, now: datetime, *, costs: bool) -> PaymentIntent | None:
    """Write down what is to be paid, or carry out what costs nothing at once."""
    with transaction("billing", final=not costs):
        customer = lock_customer(organization_id=change.organization_id, now=now)
        if not _is_open_to(change):
            return None
        quote = _quote(change, customer, now)
        if (quote.due > 0) is not costs:
            raise PaymentInProgress(LOOK_AGAIN)  # another change was faster
        take(quote, now=now)
        if not quote.changes:
            scheduling.keep(find(quote), plan=quote.plan, account_id=change.account_id, now=now)
            return None
        if costs and providers.takes_money():
            return _open_intent(change, quote, now)
        invoice = apply(customer, quote, now=now)
        if invoice is not None:
            collect(invoices=[invoice], now=now, off_session=False)
        return None


def _is_open_to(change: _Change) -> bool:
    """Return whether there is anything to do; raise `PaymentInProgress` if it has to wait."""
    change.expected.check(get_subscription(organization_id=change.organization_id).tag)
    intent = intents.find_open(organization_id=change.organization_id)
    if intent is None:
        return True
    if intent.state == PaymentState.REQUIRES_ACTION:
        return False
    raise PaymentInProgress(LOOK_AGAIN)


def _open_intent(change: _Change, quote: Quote, now: datetime) -> PaymentIntent:
    if quote.begins:
        expect(quote, now=now)
    return intents.open_intent(
        organization_id=change.organization_id,
        account_id=change.account_id,
        plan=quote.plan,
        quote=quote.to_json(),
        amount=quote.due,
        currency=quote.currency,
        payment_method=change.payment_method,
        now=now,
    )


def _failure_of(intent: PaymentIntent) -> DomainError:
    if intent.reason == UNKNOWN_METHOD:
        return PaymentMethodUnknown(pointer=METHOD)
    words = intent.reason.replace("_", " ")
    return PaymentDeclined(f"The provider says: {words}.", pointer=METHOD, reason=intent.reason)
