"""What other domains ask of an organization's plan, with its add-ons and grants."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from domains.billing.contract.data import Entitlements
from domains.billing.contract.events import EntitlementsChanged
from domains.billing.services import catalogue
from domains.billing.services.entitlements import standings
from kernel import clock, facts
from kernel.db import run_after_commit
from kernel.events import publish

RATE_FACT_SECONDS = 60
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
    [allowed] = get_entitlements(organization_ids=[organization_id])
    publish(EntitlementsChanged(**asdict(allowed)))
    run_after_commit("billing", partial(_tell_gateway, organization_id))


def _tell_gateway(organization_id: UUID) -> None:
    [allowed] = get_entitlements(organization_ids=[organization_id])
    rate = str(allowed.requests_per_minute)
    facts.put(f"plan-rate:{organization_id}", rate, ttl=RATE_FACT_SECONDS)


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
