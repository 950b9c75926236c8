"""Showing what a change would cost, before anybody decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from domains.billing.contract.permissions import SUBSCRIPTION_WRITE
from domains.billing.contract.subscriptions import NothingToPreview
from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Money, Period
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing.drafting import DraftLine
from domains.billing.services.subscriptions import asking, renewal
from domains.billing.services.subscriptions.ending import find_begun
from domains.billing.services.subscriptions.quotes import VALID_FOR, Quote
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.subscriptions.wishes import Wish
from kernel.db import transaction
from kernel.errors import Forbidden
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class PreviewLine:
    """A line as it will stand in the invoice."""

    kind: str
    description: str
    product: str
    quantity: Decimal
    amount: Money
    discount: Money
    net: Money
    tax_rate: Decimal
    tax: Money
    tax_inclusive: bool
    period: Period


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A change with its price, and the token that pins both until `expires_at`."""

    plan: str
    policy: Policy
    lines: tuple[PreviewLine, ...]
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    from_balance: Money
    to_balance: Money
    due: Money
    period: Period
    trial_end: datetime | None
    scheduled_for: datetime | None
    preview_token: str
    expires_at: datetime


def preview_change(*, principal: Principal, wish: Wish, now: datetime) -> Preview:
    """Return what the wish would make of the current organization's subscription, and cost.

    Nothing is changed, and no coupon redeemed. Raises what `asking.quote` does, `NothingToPreview`
    and `Forbidden`.
    """
    principal.require(SUBSCRIPTION_WRITE)
    if principal.account_id is None:
        raise Forbidden("A plan is changed by somebody's account.")
    if catalogue.get_plan(wish.plan).is_free:
        raise NothingToPreview(pointer="/plan")
    organization_id = principal.organization_id
    renewal.catch_up(organization_id=organization_id, now=now)
    with transaction("billing"):
        customer = lock_customer(organization_id=organization_id, now=now)
        quote = asking.quote(
            customer=customer,
            subscription=find_begun(organization_id=organization_id),
            account_id=principal.account_id,
            wish=wish,
            at=now,
        )
    return _to_preview(quote)


def _to_preview(quote: Quote) -> Preview:
    draft = quote.draft
    money = partial(_money, quote)
    return Preview(
        plan=quote.plan,
        policy=quote.policy,
        lines=tuple(_to_line(quote, line) for line in draft.lines),
        subtotal=money(draft.subtotal),
        discount=money(draft.discount),
        tax=money(draft.tax),
        total=money(draft.total),
        from_balance=money(quote.balance),
        to_balance=money(draft.to_balance),
        due=money(quote.due),
        period=quote.period,
        trial_end=quote.trial_end,
        scheduled_for=quote.scheduled_for,
        preview_token=quote.to_token(),
        expires_at=quote.at + VALID_FOR,
    )


def _to_line(quote: Quote, line: DraftLine) -> PreviewLine:
    return PreviewLine(
        kind=line.kind,
        description=line.description,
        product=line.product,
        quantity=line.quantity,
        amount=_money(quote, line.amount),
        discount=_money(quote, line.discount),
        net=_money(quote, line.net),
        tax_rate=line.tax_rate,
        tax=_money(quote, line.tax),
        tax_inclusive=line.tax_inclusive,
        period=Period(start=line.period_start, end=line.period_end),
    )


def _money(quote: Quote, amount: int) -> Money:
    return Money(amount=amount, currency=quote.currency)
