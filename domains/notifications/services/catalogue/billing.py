"""What owners, and admins, are told about paying for their organizations."""

from __future__ import annotations

from functools import partial

from domains.notifications.services.catalogue import categories, readings
from domains.notifications.services.catalogue.rules import SHARED, Audience, Rule

_owners = partial(Rule, to=Audience.OWNERS, channels=SHARED, category=categories.BILLING)
# What the law, a contract or a card's rules want told: nobody can switch it off.
_notice = partial(_owners, mandatory=True)

BILLING: tuple[Rule, ...] = (
    _owners(
        event="billing.subscription_activated.v1",
        reads=readings.PlanFact,
        kind="billing.subscription_activated",
    ),
    _notice(
        event="billing.payment_failed.v1",
        reads=readings.PaymentFailureFact,
        kind="billing.payment_failed",
    ),
    _notice(
        event="billing.trial_will_end.v1",
        reads=readings.PlanFact,
        kind="billing.trial_will_end",
    ),
    _notice(
        event="billing.subscription_canceled.v1",
        reads=readings.PlanFact,
        kind="billing.subscription_canceled",
    ),
    _notice(
        event="billing.invoice_payment_failed.v1",
        reads=readings.InvoiceFailureFact,
        kind="billing.invoice_payment_failed",
    ),
    _notice(
        event="billing.payment_action_required.v1",
        reads=readings.InvoiceFact,
        kind="billing.payment_action_required",
    ),
    _notice(
        event="billing.payment_reminded.v1",
        reads=readings.InvoiceFact,
        kind="billing.payment_reminded",
    ),
    _notice(
        event="billing.dunning_ended.v1",
        reads=readings.DunningEndFact,
        kind="billing.dunning_ended",
    ),
    _notice(
        event="billing.payment_refunded.v1",
        reads=readings.OrganizationOnly,
        kind="billing.payment_refunded",
    ),
    _owners(
        event="billing.payment_method_expiring.v1",
        reads=readings.CardFact,
        kind="billing.payment_method_expiring",
    ),
    _notice(
        event="billing.invoice_issued.v1",
        reads=readings.IssuedInvoiceFact,
        kind="billing.invoice_issued",
        applies=lambda invoice: invoice.total > 0,
    ),
    # Those who may do something about it: admins hold billing's permissions as owners do.
    Rule(
        event="billing.usage_threshold_reached.v1",
        reads=readings.ThresholdFact,
        kind="billing.usage_threshold_reached",
        to=Audience.MANAGERS,
        channels=SHARED,
        category=categories.BILLING,
    ),
)
