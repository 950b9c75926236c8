from __future__ import annotations

from domains.billing.contract import SUBSCRIPTION_READ, SUBSCRIPTION_WRITE
from tests.isolation.rows import PEOPLE_ONLY, Row, everybody, held

ROWS: dict[str, Row] = {
    "listPlans": everybody(),
    "getSubscription": held(SUBSCRIPTION_READ, home=200),
    "getEntitlements": held(SUBSCRIPTION_READ, home=200),
    "changeSubscription": held(SUBSCRIPTION_WRITE, keys=PEOPLE_ONLY, home=200).sends(
        body={"plan": "business", "payment_method": "pm_card_visa"},
        headers={"Idempotency-Key": "only-one"},
    ),
}
