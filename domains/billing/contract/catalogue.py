"""What can be wrong with what is sold, and with who wants it."""

from __future__ import annotations

from kernel.errors import Invalid


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
