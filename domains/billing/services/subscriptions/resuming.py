"""Having a plan go on that was paused, or that was to change or end."""

from __future__ import annotations

from datetime import datetime

from domains.billing.contract.permissions import SUBSCRIPTION_WRITE
from domains.billing.models import SubscriptionState
from domains.billing.services.subscriptions import canceling, loading
from domains.billing.services.subscriptions.changing import change_subscription
from domains.billing.services.subscriptions.ending import find_live
from domains.billing.services.subscriptions.reading import SubscriptionView
from domains.billing.services.subscriptions.wishes import Wish
from kernel.preconditions import ANY, Precondition
from kernel.principal import Principal


def resume(
    *,
    principal: Principal,
    payment_method: str | None,
    expected: Precondition = ANY,
    now: datetime,
) -> SubscriptionView:
    """Have the current organization's plan go on; return what is then.

    Paused, a period of it begins and is paid as any change is: see `change_subscription` for what
    is raised. Otherwise nothing that was scheduled happens: see `canceling.keep`.
    """
    principal.require(SUBSCRIPTION_WRITE)
    live = find_live(organization_id=principal.organization_id)
    if live is None or live.state != SubscriptionState.PAUSED:
        return canceling.keep(principal=principal, expected=expected, now=now)
    plan = loading.load([live])[live.id].plan.price.product
    return change_subscription(
        principal=principal,
        wish=Wish(plan=plan),
        payment_method=payment_method,
        expected=expected,
        now=now,
    )
