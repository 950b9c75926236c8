"""What is for sale: products, their prices in immutable versions, and coupons.

- `source` reads the file strictly, `document` says what may stand in it;
- `publication` puts a document in force: `items` lists what it holds, `differences` compares;
- `terms` is what a product and a price say, `reading` finds them.

The file that is shipped is published when a catalogue is needed and there is none; after that only
`manage.py billing publish` and staff change what is sold. ADR 0105 says why.
"""

from domains.billing.services.catalogue.reading import (
    FREE,
    ensure_published,
    find_product,
    get_catalogue,
    get_plan,
    get_plans,
    get_prices,
    get_product,
)
from domains.billing.services.catalogue.terms import PriceTerms, ProductTerms

__all__ = [
    "FREE",
    "PriceTerms",
    "ProductTerms",
    "ensure_published",
    "find_product",
    "get_catalogue",
    "get_plan",
    "get_plans",
    "get_prices",
    "get_product",
]
