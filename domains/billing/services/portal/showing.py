"""What the page shows: plan, payment methods and invoices of one organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.billing.models import Customer, Invoice, PaymentMethod, ScheduledChange
from domains.billing.services import catalogue
from domains.billing.services.invoicing import reading as invoices
from domains.billing.services.payments import own_methods
from domains.billing.services.portal.passes import form_token
from domains.billing.services.portal.visiting import Visitor, visit
from domains.billing.services.subscriptions import reading as subscriptions
from domains.billing.services.subscriptions.reading import SubscriptionView

# A year of months; a link leads on.
INVOICES_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class PortalView:
    """The page of one organization, in its own language and time zone.

    `next_plan_title` is the plan that it changes to, if that is scheduled; `older_than` is the last
    of the invoices shown, if there are older ones.
    """

    name: str
    locale: str
    time_zone: str
    plan_title: str
    next_plan_title: str
    subscription: SubscriptionView
    methods: tuple[PaymentMethod, ...]
    invoices: tuple[Invoice, ...]
    older_than: UUID | None
    return_url: str
    form_token: str


def show(*, text: str, portal_id: UUID, older_than: UUID | None, now: datetime) -> PortalView:
    """Return the page, its invoices from there on. Raises `PortalPassInvalid`."""
    with visit(text=text, portal_id=portal_id, now=now) as visitor:
        return _view_for(visitor, older_than)


def _view_for(visitor: Visitor, older_than: UUID | None) -> PortalView:
    principal = visitor.principal
    customer = Customer.objects.first() or Customer()
    subscription = subscriptions.get_own_subscription(principal=principal)
    shown = invoices.list_invoices(principal=principal).order_by("-id")
    if older_than is not None:
        shown = shown.filter(id__lt=older_than)
    rows = list(shown[: INVOICES_SHOWN + 1])
    page = tuple(rows[:INVOICES_SHOWN])
    return PortalView(
        name=customer.name,
        locale=customer.locale,
        time_zone=customer.time_zone,
        plan_title=_title_of(subscription.plan),
        next_plan_title=_title_of(_next_plan(subscription)),
        subscription=subscription,
        methods=tuple(own_methods.list_methods(principal=principal)),
        invoices=page,
        older_than=page[-1].id if len(rows) > INVOICES_SHOWN else None,
        return_url=visitor.granted.return_url,
        form_token=form_token(visitor.text),
    )


def _next_plan(subscription: SubscriptionView) -> str:
    changes = subscription.details.scheduled_changes if subscription.details else ()
    to_plans = (each.plan for each in changes if each.kind == ScheduledChange.Kind.PLAN)
    return next(to_plans, "")


def _title_of(plan: str) -> str:
    found = catalogue.find_product(plan) if plan else None
    return found.title if found else plan
