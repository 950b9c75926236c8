"""What billing's tests share: callers, a moment, and looks at what was said and charged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connections

from domains.billing.models import OfflineCharge, PaymentIntent
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import intents
from domains.billing.services.subscriptions import applying, asking, changing, reading
from domains.billing.services.subscriptions.reading import PendingPayment
from domains.billing.services.subscriptions.wishes import Wish
from kernel.db import transaction
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.principal import Principal
from tests.principals import member_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def put_on(principal: Principal, plan: str, payment_method: str | None = None, **options):
    """Change the plan as the API would; what isn't about the request is wished."""
    request = {key: options.pop(key) for key in ("expected", "preview_token") if key in options}
    now = options.pop("now", NOW)
    wish = Wish(plan=plan, **options)
    return changing.change_subscription(
        principal=principal, wish=wish, payment_method=payment_method, now=now, **request
    )


def open_payment(principal: Principal, plan: str) -> PaymentIntent:
    """Write down what is to be paid for the plan, as a request does that ends just then."""
    owner, account = principal.organization_id, principal.account_id
    with transaction("billing"):
        customer = lock_customer(organization_id=owner, now=NOW)
        quote = asking.quote(
            customer=customer,
            subscription=None,
            account_id=account,
            wish=Wish(plan=plan),
            at=NOW,
        )
        applying.expect(quote, now=NOW)
        return intents.open_intent(
            organization_id=owner,
            account_id=account,
            plan=plan,
            quote=quote.to_json(),
            amount=quote.due,
            currency=quote.currency,
            payment_method="pm_card_visa",
            now=NOW,
        )


def carry_out(payment: PaymentIntent | PendingPayment, *, now: datetime) -> PaymentIntent:
    """Do what the job of a payment does."""
    row = PaymentIntent.objects.get(id=payment.id)
    return intents.carry_out(organization_id=row.organization_id, intent_id=row.id, now=now)


def plan_of(principal: Principal) -> str:
    return reading.get_own_subscription(principal=principal).plan


OF_INVOICES = ("billing.invoice_", "billing.credit_note_")


def said_by_billing() -> list[str]:
    """Return what was said of plans; invoices are told of by their own tests."""
    return [name for name in _said() if not name.startswith(OF_INVOICES)]


def said_of_invoices() -> list[str]:
    """Return what was said of invoices and credit notes."""
    return [name for name in _said() if name.startswith(OF_INVOICES)]


def _said() -> list[str]:
    rows = Outbox.objects.using("billing").order_by("id")
    return list(rows.values_list("name", flat=True))


def charges(status: str = "succeeded") -> int:
    return OfflineCharge.objects.filter(status=status).count()


def intents_of(principal: Principal) -> list[PaymentIntent]:
    rows = PaymentIntent.objects.filter(organization_id=principal.organization_id)
    return list(rows.order_by("id"))


def at_once(count, work):
    """Run `work(number)` in threads that start together, each on connections of its own."""
    barrier = Barrier(count)
    default = connections["default"]

    def run(number):
        # Comparing with an empty text, Django asks the default connection what it makes of one.
        connections["default"] = default
        barrier.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001  what it raised is the result
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def owner() -> Principal:
    return member_of(uuid7())
