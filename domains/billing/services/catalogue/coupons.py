"""Coupons: taken by a code, counted under the lock of their row, used up invoice by invoice.

What was redeemed stays: neither the coupon's end nor its archiving takes it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Value, When

from domains.billing.contract.catalogue import (
    CouponExpired,
    CouponNotForYou,
    CouponUnknown,
    CouponUsedUp,
)
from domains.billing.models import Coupon, CouponRedemption
from domains.billing.services import arithmetic
from domains.billing.services.arithmetic import AmountOff, PercentOff, minor_unit
from kernel.db import transaction
from kernel.ids import uuid7

_POINTER = "/coupon"


@dataclass(frozen=True, kw_only=True)
class CouponDiscount:
    """What a redeemed coupon takes off, of the products named (none: of all)."""

    redemption_id: UUID
    code: str
    title: str
    percent: Decimal | None  # 15 is 15 %
    amounts: dict[str, int]  # minor units by currency
    products: frozenset[str]

    def coupon(self, currency: str) -> arithmetic.Coupon | None:
        """Return what it takes off an invoice in the currency; None if nothing."""
        if self.percent is not None:
            return PercentOff(rate=self.percent / 100)
        amount = self.amounts.get(currency)
        return None if amount is None else AmountOff(amount=amount)


def normalized(code: str) -> str:
    """Return the code as it is kept: its case and the space around it don't count."""
    return code.strip().upper()


def checked_amounts(amounts: Any) -> dict[str, int]:
    """Return the amounts by currency; raise `ValueError` if one can't be taken off."""
    if not isinstance(amounts, dict):
        raise ValueError('Amounts are by currency, in minor units: {"EUR": 500}.')  # noqa: TRY004
    for currency, amount in amounts.items():
        minor_unit(currency)
        AmountOff(amount=amount)
    return amounts


def archive(*, coupon_id: UUID, now: datetime) -> None:
    """Take the coupon no longer; what was redeemed stays. Repeatable."""
    Coupon.objects.filter(id=coupon_id, archived_at=None).update(archived_at=now)


def look_up(
    *, code: str, organization_id: UUID, currency: str, products: Collection[str], now: datetime
) -> CouponDiscount:
    """Return what redeeming the code would take off, and redeem nothing.

    Its `redemption_id` can be given to `redeem`. Raises what that does.
    """
    row = Coupon.objects.filter(code=normalized(code)).first()
    found = _check(row, organization_id=organization_id, now=now)
    return _fitting(found, uuid7(), currency=currency, products=products)


def redeem(
    *,
    code: str,
    organization_id: UUID,
    currency: str,
    products: Collection[str],
    now: datetime,
    redemption_id: UUID | None = None,
) -> CouponDiscount:
    """Take the coupon for the organization, which buys the products in the currency.

    Raises `CouponUnknown`, `CouponExpired`, `CouponUsedUp`, and `CouponNotForYou` where it takes
    nothing off any of the products in that currency, or was redeemed by the organization before.
    """
    with transaction("billing"):
        row = Coupon.objects.select_for_update().filter(code=normalized(code)).first()
        coupon = _check(row, organization_id=organization_id, now=now)
        redemption = CouponRedemption(
            id=redemption_id or uuid7(),
            organization_id=organization_id,
            coupon=coupon,
            redeemed_at=now,
            periods_left=_periods_of(coupon),
        )
        discount = _fitting(coupon, redemption.id, currency=currency, products=products)
        redemption.save(force_insert=True)
        Coupon.objects.filter(id=coupon.id).update(redeemed=F("redeemed") + 1)
    return discount


def give_back(*, organization_id: UUID, redemption_id: UUID) -> None:
    """Undo a redemption for which nothing came: the payment failed. Repeatable."""
    with transaction("billing"):
        mine = CouponRedemption.objects.within(organization_id).filter(id=redemption_id)
        redemption = mine.select_related("coupon").select_for_update().first()
        if redemption is not None:
            mine.delete()
            coupon = Coupon.objects.filter(id=redemption.coupon_id)
            coupon.update(redeemed=F("redeemed") - 1)


def active_discounts(
    *, organization_ids: Collection[UUID], now: datetime
) -> dict[UUID, list[CouponDiscount]]:
    """Return by organization what its redeemed coupons take off, the first redeemed first."""
    redeemed = CouponRedemption.objects.within(*organization_ids).select_related("coupon")
    found = defaultdict(list)
    for row in redeemed.filter(ended_at=None, redeemed_at__lte=now).order_by("redeemed_at", "id"):
        found[row.organization_id].append(_to_discount(row.coupon, row.id))
    return dict(found)


def count_used(*, redemption_ids: Iterable[UUID], now: datetime) -> None:
    """Count that an invoice used each of them; what that was the last time for ends."""
    lasting = CouponRedemption.objects.everywhere().filter(
        id__in=list(redemption_ids), periods_left__gt=0
    )
    lasting.update(
        periods_left=F("periods_left") - 1,
        ended_at=Case(When(periods_left=1, then=Value(now)), default=F("ended_at")),
    )


def _check(coupon: Coupon | None, *, organization_id: UUID, now: datetime) -> Coupon:
    if coupon is None:
        raise CouponUnknown(pointer=_POINTER)
    if coupon.archived_at is not None or (coupon.expires_at and coupon.expires_at <= now):
        raise CouponExpired(pointer=_POINTER)
    if CouponRedemption.objects.within(organization_id).filter(coupon=coupon).exists():
        raise CouponNotForYou("It was redeemed before.", pointer=_POINTER)
    if coupon.max_redemptions is not None and coupon.redeemed >= coupon.max_redemptions:
        raise CouponUsedUp(pointer=_POINTER)
    return coupon


def _fitting(
    coupon: Coupon, redemption_id: UUID, *, currency: str, products: Collection[str]
) -> CouponDiscount:
    discount = _to_discount(coupon, redemption_id)
    if discount.products and not discount.products & set(products):
        raise CouponNotForYou("It is for other products.", pointer=_POINTER)
    if discount.coupon(currency) is None:
        raise CouponNotForYou(f"It takes nothing off in {currency}.", pointer=_POINTER)
    return discount


def _periods_of(coupon: Coupon) -> int | None:
    return 1 if coupon.duration == Coupon.Duration.ONCE else coupon.periods


def _to_discount(coupon: Coupon, redemption_id: UUID) -> CouponDiscount:
    return CouponDiscount(
        redemption_id=redemption_id,
        code=coupon.code,
        title=coupon.title,
        percent=coupon.percent,
        amounts=coupon.amounts,
        products=frozenset(coupon.products),
    )
