"""What an organization sees of the coupons that it redeemed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domains.billing.contract.permissions import SUBSCRIPTION_READ
from domains.billing.models import CouponRedemption
from domains.billing.services.arithmetic import Money
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class RedeemedCoupon:
    """What a coupon takes off: a percentage (15 is 15 %) or an amount, of all products if none.

    `invoices_left` is how many more it counts for; None is for good.
    """

    code: str
    title: str
    percent: Decimal | None
    amounts: tuple[Money, ...]
    products: tuple[str, ...]
    invoices_left: int | None
    redeemed_at: datetime
    ended_at: datetime | None


def list_coupons(*, principal: Principal) -> list[RedeemedCoupon]:
    """Return the current organization's, the first redeemed first; may raise `Forbidden`."""
    principal.require(SUBSCRIPTION_READ)
    mine = CouponRedemption.objects.within(principal.organization_id).select_related("coupon")
    return [_to_view(row) for row in mine.order_by("redeemed_at", "id")]


def _to_view(row: CouponRedemption) -> RedeemedCoupon:
    coupon = row.coupon
    return RedeemedCoupon(
        code=coupon.code,
        title=coupon.title,
        percent=coupon.percent,
        amounts=tuple(
            Money(amount=amount, currency=currency)
            for currency, amount in sorted(coupon.amounts.items())
        ),
        products=tuple(coupon.products),
        invoices_left=row.periods_left,
        redeemed_at=row.redeemed_at,
        ended_at=row.ended_at,
    )
