"""Rows of an organization are read within it: without one in context nothing is read at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domains.billing import tasks
from domains.billing.models import Customer, PaymentIntent
from domains.billing.services import catalogue
from kernel import jobs, periodic, scope
from kernel.context import RequestContext
from kernel.events import consumer
from kernel.ids import uuid7
from kernel.managers import NoOrganizationInContext
from kernel.queries import CompiledQuery, CompiledUpdate, Given

pytestmark = [
    pytest.mark.django_db(databases=["billing"]),
    pytest.mark.usefixtures("nothing_in_context"),
]
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def subscribed(organization_id=None) -> Customer:
    return Customer.objects.create(
        organization_id=organization_id or uuid7(), plan=catalogue.FREE, created_at=NOW
    )


@pytest.fixture
def ours() -> Customer:
    return subscribed()


@pytest.fixture
def theirs() -> Customer:
    return subscribed()


READINGS = {
    "all": lambda rows: list(rows.all()),
    "filter": lambda rows: rows.filter(plan="pro"),
    "get": lambda rows: rows.get(id=uuid7()),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "values": lambda rows: rows.values("id"),
    "update": lambda rows: rows.update(plan="pro"),
    "delete": lambda rows: rows.all().delete(),
    "another alias": lambda rows: rows.using("billing"),
    "get_or_create": lambda rows: rows.get_or_create(id=uuid7()),
    "in_bulk": lambda rows: rows.in_bulk(),
}


@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
def test_without_an_organization_in_context_nothing_is_read(read):
    with pytest.raises(NoOrganizationInContext, match="within"):
        read(Customer.objects)


def test_the_rows_are_those_of_the_organizations_in_context(ours, theirs):
    third = subscribed()
    with scope.use(scope.of(ours.organization_id)):
        assert list(Customer.objects.all()) == [ours]
        assert not Customer.objects.filter(id=theirs.id).exists()
    with scope.use(scope.of(ours.organization_id, third.organization_id)):
        assert set(Customer.objects.all()) == {ours, third}


def test_of_an_empty_set_of_organizations_there_are_no_rows(ours):
    with scope.use(frozenset()):
        assert list(Customer.objects.all()) == []
    assert list(Customer.objects.within()) == []


def test_rows_of_others_are_neither_changed_nor_deleted(ours, theirs):
    with scope.use(scope.of(ours.organization_id)):
        assert Customer.objects.filter(id=theirs.id).update(plan="pro") == 0
        assert Customer.objects.filter(id=theirs.id).delete()[0] == 0
    theirs.refresh_from_db()
    assert theirs.plan == catalogue.FREE


def test_within_and_everywhere_are_said_and_need_no_context(ours, theirs):
    with scope.use(scope.of(ours.organization_id)):
        assert list(Customer.objects.within(theirs.organization_id)) == [theirs]
    both = Customer.objects.within(ours.organization_id, theirs.organization_id)
    assert set(both) == set(Customer.objects.everywhere()) == {ours, theirs}


def test_a_row_at_hand_is_saved_read_again_and_deleted_without_a_context(ours):
    ours.plan = "pro"
    ours.save()
    ours.refresh_from_db()
    assert ours.plan == "pro"
    ours.delete()
    assert not Customer.objects.everywhere().exists()


def test_a_scope_ends_with_its_block_also_by_an_error():
    with pytest.raises(ZeroDivisionError), scope.use(scope.EVERYWHERE):
        1 / 0  # noqa: B018
    assert scope.current() is None


def test_a_compiled_query_bakes_no_organization_in(ours):
    baked = CompiledQuery(lambda: Customer.objects.filter(plan=Given("plan")))
    updated = CompiledUpdate(Customer.objects.all, plan=Given("plan"))
    with scope.use(scope.EVERYWHERE):
        for query in (baked, updated):
            with pytest.raises(NoOrganizationInContext):
                query(plan=catalogue.FREE)


def test_a_compiled_query_is_given_its_organization_with_each_call(ours, theirs):
    of_one = CompiledQuery(lambda: Customer.objects.within(Given("organization_id")))
    assert of_one(organization_id=ours.organization_id) == [ours]
    assert of_one(organization_id=theirs.organization_id) == [theirs]


def test_a_job_sees_the_organization_of_whoever_rang_it(ours, theirs, monkeypatch):
    seen = []

    def look() -> None:
        seen.append(list(Customer.objects.all()))

    look.__module__ = "domains.billing.tasks"
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    jobs.job(look)
    with scope.use(scope.EVERYWHERE):
        jobs.perform("billing.look", [], {"organization_id": str(ours.organization_id)})
        assert seen == [[ours]]
        with pytest.raises(NoOrganizationInContext):
            jobs.perform("billing.look", [], {})


def test_periodic_work_begins_without_organizations_however_it_is_called(monkeypatch):
    def sweep(*, now: datetime) -> None:
        Customer.objects.count()

    sweep.__module__ = "domains.billing.tasks"
    monkeypatch.setattr(periodic, "_tasks", dict(periodic._tasks))
    declared = periodic.periodic(every=periodic.LOST_AFTER)(sweep)
    with scope.use(scope.EVERYWHERE), pytest.raises(NoOrganizationInContext):
        declared(now=NOW)


def test_the_sweep_of_payments_says_that_it_looks_everywhere(monkeypatch):
    intent = PaymentIntent.objects.create(
        organization_id=uuid7(),
        account_id=uuid7(),
        plan="pro",
        amount=2900,
        currency="EUR",
        payment_method="pm_card_visa",
        created_at=NOW,
        due_at=NOW,
    )
    rung = []
    monkeypatch.setattr(tasks, "ring", lambda _, *args, **__: rung.append(args))
    tasks.resume_open_payments(now=NOW)
    assert rung == [([[str(intent.organization_id), str(intent.id)]],)]


class Event:
    """As much of an envelope as the way to a handler looks at."""

    def __init__(self, organization_id=None):
        self.organization_id = organization_id
        self.context = RequestContext(organization_id=organization_id)


class Handler:
    """A subscription that looks at what it may see."""

    def __init__(self, *, batch):
        self.batch = batch
        self.seen = []

    def handle(self, _):
        self.seen.append(set(Customer.objects.all()))


def test_a_handler_sees_the_organization_of_its_event(ours, theirs):
    handler = Handler(batch=False)
    events = [Event(each.organization_id) for each in (ours, theirs)]
    with scope.use(scope.EVERYWHERE):
        consumer._run(handler, events)
        with pytest.raises(NoOrganizationInContext):
            consumer._run(handler, [Event()])
    assert handler.seen == [{ours}, {theirs}]


def test_a_handler_of_batches_sees_the_organizations_of_its_events(ours, theirs):
    subscribed()
    handler = Handler(batch=True)
    batch = [Event(ours.organization_id), Event(), Event(theirs.organization_id)]
    with scope.use(scope.EVERYWHERE):
        consumer._run(handler, batch)
        with pytest.raises(NoOrganizationInContext):
            consumer._run(handler, [Event()])
    assert handler.seen == [{ours, theirs}]
