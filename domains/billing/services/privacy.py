"""What billing keeps of a person, what an export shows of it, and what an erasure does with it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.billing.contract.events import PersonErased
from domains.billing.models import (
    Allocation,
    PaymentIntent,
    PaymentMethod,
    PaymentState,
    ScheduledChange,
    Subscription,
)
from domains.billing.services.entitlements.seats import SEATS
from kernel.db import transaction
from kernel.events import publish
from kernel.privacy import Fate, Holding, Person, PersonalPage, erase, export_page

BOOKS = "The law wants books of payments kept for years; the id in them names nobody any more."
THEIRS = "The organization pays with it, whoever attached it; it goes with the organization."
SEAT = "The seat is freed with the membership; what was freed is forgotten after 35 days."
UNDER_WAY = "The payment is just being taken, and can't be without it."
SHOWN = (
    "id",
    "organization_id",
    "account_id",
    "plan",
    "amount",
    "currency",
    "payment_method",
    "state",
    "reason",
    "reference",
    "created_at",
    "settled_at",
)

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        name="payments",
        description="Payments for plans that you asked for",
        model=PaymentIntent,
        of=lambda person: _payments(person).exclude(state=PaymentState.PENDING),
        shows=SHOWN,
        fate=Fate.KEPT,
        why=BOOKS,
        clears={"payment_method": ""},
        keeps={"account_id": BOOKS},
    ),
    Holding(
        name="payments_under_way",
        description="Payments for plans that are just being taken",
        model=PaymentIntent,
        of=lambda person: _payments(person).filter(state=PaymentState.PENDING),
        shows=SHOWN,
        fate=Fate.KEPT,
        why=UNDER_WAY,
        keeps={"account_id": BOOKS, "payment_method": UNDER_WAY},
    ),
    Holding(
        name="payment_methods",
        description="Cards and accounts that you attached for an organization",
        model=PaymentMethod,
        of=lambda person: PaymentMethod.objects.filter(account_id=person.account_id),
        shows=(
            "id",
            "organization_id",
            "account_id",
            "kind",
            "brand",
            "last4",
            "created_at",
            "detached_at",
        ),
        withholds={"reference": "The provider's own word for it, which says nothing of you."},
        fate=Fate.KEPT,
        why=THEIRS,
        keeps={"account_id": THEIRS, "reference": THEIRS, "last4": THEIRS},
    ),
    Holding(
        name="subscriptions",
        description="Plans that you subscribed an organization to",
        model=Subscription,
        of=lambda person: Subscription.objects.filter(account_id=person.account_id),
        shows=("id", "organization_id", "account_id", "state", "created_at", "ended_at"),
        fate=Fate.KEPT,
        why=BOOKS,
        keeps={"account_id": BOOKS},
    ),
    Holding(
        name="scheduled_changes",
        description="Changes of plans that you asked for",
        model=ScheduledChange,
        of=lambda person: ScheduledChange.objects.filter(account_id=person.account_id),
        shows=("id", "organization_id", "account_id", "kind", "state", "due_at", "created_at"),
        fate=Fate.KEPT,
        why=BOOKS,
        keeps={"account_id": BOOKS},
    ),
    Holding(
        name="seats",
        description="Seats that you take, or took, in organizations",
        model=Allocation,
        of=lambda person: Allocation.objects.filter(feature=SEATS, key=str(person.account_id)),
        shows=("id", "organization_id", "state", "created_at"),
        withholds={"key": "It is your account's id."},
        fate=Fate.KEPT,
        why=SEAT,
        keeps={"key": SEAT},
    ),
)


def _payments(person: Person) -> QuerySet[PaymentIntent]:
    return PaymentIntent.objects.filter(account_id=person.account_id)


def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what billing keeps of the person, from the cursor on."""
    return export_page(HOLDINGS, Person(account_id=account_id), cursor=cursor)


def erase_person(*, account_id: UUID) -> None:
    """Forget with what the person paid, keep the books, and say so; repeatable."""
    with transaction("billing"):
        erased = erase(HOLDINGS, Person(account_id=account_id))
        publish(PersonErased(account_id=account_id, items=erased))
