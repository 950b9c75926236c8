"""What can be wrong with what is sold, and with who wants it."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid


class ProductUnknown(Invalid):
    code = "billing.product_unknown"
    title = "There is no such product"


class CurrencyNotOffered(Invalid):
    code = "billing.currency_not_offered"
    title = "This price isn't offered in this currency"


class IntervalNotOffered(Invalid):
    code = "billing.interval_not_offered"
    title = "This product isn't sold for such an interval"


class CatalogueInvalid(Invalid):
    """The detail says what is wrong where, a line for each."""

    code = "billing.catalogue_invalid"
    title = "Nothing can be sold from this catalogue"


class CatalogueOutdated(Conflict):
    """The changes that were shown may not be those that would be made."""

    code = "billing.catalogue_outdated"
    title = "Another catalogue was published meanwhile"


class CouponUnknown(Invalid):
    code = "billing.coupon_unknown"
    title = "There is no such coupon"


class CouponExpired(Invalid):
    code = "billing.coupon_expired"
    title = "This coupon is no longer taken"


class CouponUsedUp(Invalid):
    code = "billing.coupon_used_up"
    title = "This coupon was taken as often as it may be"


class CouponNotForYou(Invalid):
    """It is for other products or currencies, or was redeemed already."""

    code = "billing.coupon_not_for_you"
    title = "This coupon is not for this"
