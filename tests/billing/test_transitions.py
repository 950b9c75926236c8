"""The tables of states and the database's own agree, on every pair that there is."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from domains.billing.models import (
    ENDED_STATES,
    Invoice,
    InvoiceState,
    Subscription,
    SubscriptionState,
)
from domains.billing.services.invoicing import states as of_invoices
from domains.billing.services.subscriptions import states as of_subscriptions
from kernel.ids import uuid7
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases=["billing"])

REFUSED_BY = {"state_follows_its_table", "invoice_stays_as_issued"}


def ended_at(state: str) -> datetime | None:
    return NOW if state in ENDED_STATES else None


def numbered(state: str) -> dict:
    final = state != InvoiceState.DRAFT
    return {"number": f"INV-{uuid7()}" if final else None, "issued_at": NOW if final else None}


def subscription(state: str) -> Subscription:
    return Subscription.objects.create(
        organization_id=uuid7(),
        state=state,
        currency="EUR",
        account_id=uuid7(),
        time_zone="UTC",
        anchor_at=NOW,
        interval_unit="month",
        interval_count=1,
        period_start=NOW,
        period_end=NOW + timedelta(days=31),
        created_at=NOW,
        ended_at=ended_at(state),
    )


def invoice(state: str) -> Invoice:
    return Invoice.objects.create(
        organization_id=uuid7(),
        state=state,
        cause="manual",
        currency="EUR",
        period_start=NOW,
        period_end=NOW,
        subtotal=0,
        total=0,
        created_at=NOW,
        **numbered(state),
    )


def goes(row, **values) -> bool:
    """Return whether the database lets the row go there."""
    rows = type(row).objects.within(row.organization_id)
    try:
        with transaction.atomic(using="billing"):
            return rows.update(**values) == 1
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name not in REFUSED_BY:
            raise
        return False


@pytest.mark.parametrize(("state", "to"), list(product(SubscriptionState, repeat=2)))
def test_a_subscription_goes_where_its_table_says_and_nowhere_else(state, to):
    wanted = to == state or to in of_subscriptions.TRANSITIONS[state]
    assert goes(subscription(state), state=to, ended_at=ended_at(to)) is wanted


@pytest.mark.parametrize(("state", "to"), list(product(InvoiceState, repeat=2)))
def test_an_invoice_goes_where_its_table_says_and_nowhere_else(state, to):
    wanted = to == state or to in of_invoices.TRANSITIONS[state]
    also = numbered(to) if state == InvoiceState.DRAFT else {}
    assert goes(invoice(state), state=to, **also) is wanted
