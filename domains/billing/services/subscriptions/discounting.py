"""The coupons that count for an invoice of a subscription.

An amount off is for a period, so it stands on the invoice that begins one: a change within the
period would take it off once more. A percentage holds for whatever is charged. Only what begins a
period uses a coupon up, besides the invoice with which it was redeemed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.billing.models import Invoice
from domains.billing.services.arithmetic import PercentOff
from domains.billing.services.catalogue import coupons
from domains.billing.services.catalogue.coupons import CouponDiscount
from domains.billing.services.invoicing.drafting import DiscountInput
from domains.billing.services.subscriptions.quotes import Quote


@dataclass(frozen=True, kw_only=True)
class Discounts:
    """What is taken off a change; `redeemed` is what was asked for with it, if anything was."""

    inputs: tuple[DiscountInput, ...]
    redeemed: CouponDiscount | None


def of_change(
    *,
    organization_id: UUID,
    currency: str,
    products: Collection[str],
    code: str | None,
    begins: bool,
    at: datetime,
) -> Discounts:
    """Return what the organization's coupons, and the one of the code, take off its change.

    Nothing is redeemed here. Raises what `coupons.look_up` does.
    """
    active = coupons.active_discounts(organization_ids=[organization_id], now=at)
    mine = active.get(organization_id, [])
    counted = [each for each in mine if begins or _is_percentage(each, currency)]
    wanted = code and coupons.look_up(
        code=code,
        organization_id=organization_id,
        currency=currency,
        products=products,
        now=at,
    )
    redeemed = wanted or None
    counted += [redeemed] if redeemed else []
    return Discounts(inputs=in_currency(counted, currency), redeemed=redeemed)


def of_renewals(
    *, organization_ids: Collection[UUID], at: datetime
) -> dict[UUID, list[CouponDiscount]]:
    """Return by organization what its coupons take off the period that begins."""
    return coupons.active_discounts(organization_ids=organization_ids, now=at)


def in_currency(found: Iterable[CouponDiscount], currency: str) -> tuple[DiscountInput, ...]:
    """Return what the coupons take off an invoice in the currency."""
    return tuple(
        DiscountInput(
            redemption_id=each.redemption_id,
            title=each.title,
            coupon=coupon,
            products=each.products,
        )
        for each in found
        if (coupon := each.coupon(currency)) is not None
    )


def take(quote: Quote, *, now: datetime) -> None:
    """Redeem the coupon of the quote, before anything is paid: its last use may be taken by others.

    Raises what `coupons.redeem` does.
    """
    if quote.redemption_id is not None:
        coupons.redeem(
            code=quote.coupon,
            organization_id=quote.organization_id,
            currency=quote.currency,
            products={item.product for item in quote.items},
            now=now,
            redemption_id=quote.redemption_id,
        )


def give_up(quote: Quote) -> None:
    """Give the coupon of a quote back that was never paid."""
    if quote.redemption_id is not None:
        coupons.give_back(organization_id=quote.organization_id, redemption_id=quote.redemption_id)


def count(quote: Quote, *, now: datetime) -> None:
    """Count the coupons that the quote's invoice uses up."""
    used = set(quote.draft.redemption_ids)
    if quote.cause == Invoice.Cause.CHANGE:
        used &= {quote.redemption_id}
    coupons.count_used(redemption_ids=used, now=now)


def _is_percentage(found: CouponDiscount, currency: str) -> bool:
    return isinstance(found.coupon(currency), PercentOff)
