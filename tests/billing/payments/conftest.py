"""What tests of payments share: invoices that are owed."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from domains.billing.models import Invoice
from domains.billing.services.payments import methods
from kernel.db import transaction
from kernel.ids import uuid7
from tests.billing.conftest import NOW

_numbers = count(1)


def owed_by(organization_id, *, total=2900, due_at=None, subscription=None) -> Invoice:
    """Return an open invoice of the organization's."""
    return Invoice.objects.create(
        subscription=subscription,
        organization_id=organization_id,
        number=f"T-{next(_numbers)}-{uuid7()}",
        state="open",
        cause="manual",
        currency="EUR",
        period_start=NOW,
        period_end=NOW + timedelta(days=30),
        subtotal=total,
        total=total,
        created_at=NOW,
        issued_at=NOW,
        due_at=due_at,
    )


def attach(organization_id, token="pm_card_visa", now=NOW):
    """Give the organization a card."""
    return methods.attach(
        organization_id=organization_id, account_id=None, reference=token, now=now
    )


@pytest.fixture
def organization_id():
    return uuid7()


@pytest.fixture
def invoice(organization_id):
    return owed_by(organization_id)


def collect(*invoices, now=NOW):
    """Have the invoices paid, as the billing run does."""
    from domains.billing.services.payments import collecting

    with transaction("billing"):
        collecting.collect(invoices=invoices, now=now, off_session=True)


def carry_out_due(now=NOW):
    """Do what the sweep of payments and its jobs do."""
    from domains.billing.services.payments import intents

    intents.carry_out_all(payments=intents.claim_due(now=now), now=now)


def said(name: str) -> list[dict]:
    """Return what was said under the name, oldest first."""
    from kernel.models import Outbox

    rows = Outbox.objects.using("billing").filter(name=name).order_by("sequence")
    return [row.payload for row in rows]


def balance(account: str) -> int:
    """Return what the account of the ledger stands at."""
    from django.db.models import Sum

    from domains.billing.models import Posting

    rows = Posting.objects.everywhere().filter(account=account)
    return rows.aggregate(sum=Sum("amount"))["sum"] or 0
