"""What every domain's `api/` is built from, on top of Django REST framework.

A view is a plain `APIView` whose methods parse (`Serializer.parse`), make one domain call and
answer (`single`, `paginate`, `Response`). Errors are raised, never answered: the gateway gives
them their form.
"""

from kernel.preconditions import ANY, Precondition, entity_tag
from kernel.rest.access import GatewayAuthentication, Public, SignedIn, caller
from kernel.rest.declarations import Body, Limit, Operation, Retirement, operation
from kernel.rest.etags import if_match, single
from kernel.rest.fields import MoneyField, TimestampField, timestamp
from kernel.rest.idempotency import IdempotencyKeyRequired, require_idempotency_key
from kernel.rest.pagination import Filter, Listing, paginate, parameter
from kernel.rest.serializers import Serializer

__all__ = [
    "ANY",
    "Body",
    "Filter",
    "GatewayAuthentication",
    "IdempotencyKeyRequired",
    "Limit",
    "Listing",
    "MoneyField",
    "Operation",
    "Precondition",
    "Public",
    "Retirement",
    "Serializer",
    "SignedIn",
    "TimestampField",
    "caller",
    "entity_tag",
    "if_match",
    "operation",
    "paginate",
    "parameter",
    "require_idempotency_key",
    "single",
    "timestamp",
]
