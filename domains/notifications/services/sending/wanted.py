"""Whether a delivery is still wanted by whoever it is for, as of now."""

from __future__ import annotations

from datetime import datetime

from domains.auth import interface as auth
from domains.notifications.models import Channel, Delivery
from domains.notifications.services.catalogue.rules import Rule
from domains.notifications.services.fanout.resolution import NobodyToTell, still_wanted


def require_wanted(*, rule: Rule, delivery: Delivery, now: datetime) -> str:
    """Return the address it goes to where that is an e-mail's; raise `NobodyToTell`."""
    if delivery.channel == Channel.EMAIL:
        return still_wanted(
            rule=rule,
            message=delivery.message,
            account_id=delivery.account_id,
            address=delivery.address,
            now=now,
        ).address
    if delivery.account_id is not None:
        accounts = auth.get_accounts(account_ids=[delivery.account_id])
        if not accounts or not (accounts[0].is_active or rule.to_disabled):
            raise NobodyToTell("the account is gone or disabled")
    return ""
