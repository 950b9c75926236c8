from __future__ import annotations

from domains.billing.contract.permissions import (
    INVOICE_READ,
    PAYMENT_METHODS_READ,
    PAYMENT_METHODS_WRITE,
    PROFILE_READ,
    PROFILE_WRITE,
    SUBSCRIPTION_READ,
    SUBSCRIPTION_WRITE,
    USAGE_READ,
    USAGE_WRITE,
)
from kernel import clock
from kernel.rest import timestamp
from tests.isolation.rows import PEOPLE_ONLY, Row, everybody, held

TODAY = timestamp(clock.now())

ROWS: dict[str, Row] = {
    "listPaymentMethods": held(PAYMENT_METHODS_READ, home=200),
    "setUpPaymentMethod": held(PAYMENT_METHODS_WRITE, home=200),
    "attachPaymentMethod": held(PAYMENT_METHODS_WRITE, 201, keys=PEOPLE_ONLY, home=201).sends(
        body={"payment_method": "pm_card_mastercard"}, headers={"Idempotency-Key": "only-one"}
    ),
    "changePaymentMethod": held(PAYMENT_METHODS_WRITE).sends(
        path={"method_id": "$payment_method"},
        body={"is_default": True},
        headers={"Idempotency-Key": "only-one"},
    ),
    "detachPaymentMethod": held(PAYMENT_METHODS_WRITE, 204, keys=PEOPLE_ONLY).sends(
        path={"method_id": "$payment_method"}
    ),
    "payInvoice": held(PAYMENT_METHODS_WRITE).sends(
        path={"invoice_id": "$open_invoice"}, headers={"Idempotency-Key": "only-one"}
    ),
    "getPaymentConfirmation": held(PAYMENT_METHODS_WRITE).sends(
        path={"payment_id": "$waiting_payment"}
    ),
    "receiveProviderWebhook": everybody(400).sends(
        path={"provider": "test"}, body={"type": "charge.succeeded"}
    ),
    "listPlans": everybody(),
    "getSubscription": held(SUBSCRIPTION_READ, home=200),
    "listCoupons": held(SUBSCRIPTION_READ, home=200),
    "getEntitlements": held(SUBSCRIPTION_READ, home=200),
    "previewSubscription": held(SUBSCRIPTION_WRITE, machines=PEOPLE_ONLY, home=200).sends(
        body={"plan": "business"}
    ),
    # A payment of theirs waits to be confirmed; until then nothing else moves the subscription.
    "cancelSubscription": held(SUBSCRIPTION_WRITE, 409, home=409).sends(
        body={"at": "now"}, headers={"Idempotency-Key": "only-one"}
    ),
    "pauseSubscription": held(SUBSCRIPTION_WRITE, 409, home=409).sends(
        body={}, headers={"Idempotency-Key": "only-one"}
    ),
    "resumeSubscription": held(SUBSCRIPTION_WRITE, 409, home=409).sends(
        body={}, headers={"Idempotency-Key": "only-one"}
    ),
    "changeSubscription": held(SUBSCRIPTION_WRITE, keys=PEOPLE_ONLY, home=200).sends(
        body={"plan": "business", "payment_method": "pm_card_visa"},
        headers={"Idempotency-Key": "only-one"},
    ),
    "checkEntitlement": held(SUBSCRIPTION_READ, home=200).sends(body={"feature": "seats"}),
    # Seats are held, and not used up: that is said to whoever may use something up.
    "consumeEntitlement": held(USAGE_WRITE, ok=422, home=422).sends(
        body={"feature": "seats", "amount": 1, "key": "one"}
    ),
    "getUsage": held(USAGE_READ, home=200),
    "reportUsage": held(USAGE_WRITE, home=200).sends(
        body={"events": [{"id": "one", "meter": "api-calls", "occurred_at": TODAY}]}
    ),
    "getBillingProfile": held(PROFILE_READ, home=200),
    "changeBillingProfile": held(PROFILE_WRITE, home=200).sends(body={"name": "Engines"}),
    "getBalance": held(INVOICE_READ, home=200),
    "listInvoices": held(INVOICE_READ, home=200),
    "getInvoice": held(INVOICE_READ).sends(path={"invoice_id": "$invoice_id"}),
    "getInvoicePdf": held(INVOICE_READ).sends(path={"invoice_id": "$invoice_id"}),
    "listCreditNotes": held(INVOICE_READ, home=200).sends(
        query={"invoice_id": "$invoice_id"}, foreign={"invoice_id": 200}
    ),
    "getCreditNote": held(INVOICE_READ).sends(path={"credit_note_id": "$credit_note_id"}),
    "getCreditNotePdf": held(INVOICE_READ).sends(path={"credit_note_id": "$credit_note_id"}),
    "openPortalSession": held(
        SUBSCRIPTION_WRITE, 201, keys=PEOPLE_ONLY, machines=PEOPLE_ONLY, home=201
    ).sends(body={}),
}
