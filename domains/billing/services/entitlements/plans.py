"""What other domains ask of an organization's plan, with its add-ons and grants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q

from domains.billing.contract.data import Entitlements
from domains.billing.contract.events import EntitlementsChanged
from domains.billing.models import Customer, SubscriptionItem
from domains.billing.services import catalogue
from domains.billing.services.entitlements import standings
from kernel import clock, facts
from kernel.db import run_after_commit, transaction
from kernel.events import publish

RATE_FACT = "plan-rate:"
RATE_FACT_SECONDS = 60
AT_ONCE = 500
_ASKED_FOR = ("seats", "storage_bytes", "requests_per_minute", "audit_retention_days")
_ANY_NUMBER = 2**53 - 1  # RFC 8259, 6: safe in every JSON reader


def get_entitlements(*, organization_ids: list[UUID]) -> list[Entitlements]:
    """Return what each organization is allowed, in the order asked, by one query."""
    found = _read(organization_ids)
    if any(len(each) <= len(_ASKED_FOR) for each in found.values()):
        catalogue.ensure_published()
        found = _read(organization_ids)
    return [Entitlements(organization_id=id_, **found[id_]) for id_ in organization_ids]


def announce(*, organization_id: UUID) -> None:
    """Tell, in the open transaction, that the organization is allowed something else from now on.

    The gateway obeys it from the next request after the commit on.
    """
    _announce([organization_id])


def announce_products(*, products: Sequence[str], after: UUID | None) -> UUID | None:
    """Tell of the organizations on these plans and add-ons, which allow something else by now.

    A batch of them by their ids, from the one after `after` on (None: from the first); return the
    last one, None if no more are left. The first batch also has the gateway ask anew about those on
    `free`, many of whom nothing is known of here.
    """
    if after is None and catalogue.FREE in products:
        facts.forget_all(RATE_FACT)
    items = SubscriptionItem.objects.everywhere().filter(ended_at=None, product__in=products)
    mine = Q(plan__in=products) | Q(organization_id__in=items.values("organization_id"))
    rows = Customer.objects.everywhere().filter(mine, ended_at=None)
    rows = rows.filter(organization_id__gt=after) if after else rows
    ids = rows.order_by("organization_id").values_list("organization_id", flat=True)
    batch = list(ids[:AT_ONCE])
    with transaction("billing"):
        _announce(batch)
    return batch[-1] if len(batch) == AT_ONCE else None


def _announce(organization_ids: Sequence[UUID]) -> None:
    allowed = get_entitlements(organization_ids=list(organization_ids))
    publish(*(EntitlementsChanged(**asdict(each)) for each in allowed))
    run_after_commit("billing", partial(_tell_gateway, organization_ids))


def _tell_gateway(organization_ids: Sequence[UUID]) -> None:
    for allowed in get_entitlements(organization_ids=list(organization_ids)):
        rate = str(allowed.requests_per_minute)
        facts.put(f"{RATE_FACT}{allowed.organization_id}", rate, ttl=RATE_FACT_SECONDS)


def _read(organization_ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = standings.read_allowances(
        organization_ids=organization_ids, features=_ASKED_FOR, at=clock.now()
    )
    found: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for organization_id, plan, feature, allowance in rows:
        found[organization_id]["plan"] = plan
        if feature is not None:
            found[organization_id][feature] = _ANY_NUMBER if allowance is None else allowance
    return found
