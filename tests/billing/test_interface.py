import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from domains.billing import interface as billing
from domains.billing.services import catalogue
from domains.billing.services.entitlements import grants
from kernel import clock
from kernel.ids import uuid7
from tests.billing.conftest import put_on
from tests.principals import member_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("boundary")]


def test_an_organization_never_heard_of_is_allowed_what_free_allows():
    organization_id = uuid7()
    assert billing.get_entitlements(organization_ids=[organization_id]) == [
        billing.Entitlements(
            organization_id=organization_id,
            plan="free",
            seats=3,
            storage_bytes=104857600,
            requests_per_minute=1000,
        )
    ]


def test_each_is_answered_by_its_own_plan_in_the_order_asked():
    pro, free, business = uuid7(), uuid7(), uuid7()
    put_on(member_of(pro), "pro", "pm_card_visa")
    put_on(member_of(business), "business", "pm_card_visa")
    asked = [business, free, pro, business]
    found = billing.get_entitlements(organization_ids=asked)
    assert [e.organization_id for e in found] == asked
    assert [e.plan for e in found] == ["business", "free", "pro", "business"]


def test_nobody_asked_about_is_nobody_answered():
    assert billing.get_entitlements(organization_ids=[]) == []


def test_any_number_costs_one_query():
    catalogue.ensure_published()
    with CaptureQueriesContext(connections["billing"]) as queries:
        found = billing.get_entitlements(organization_ids=[uuid7() for _ in range(1000)])
    assert len(found) == 1000
    assert len(queries) == 1


def use(name, **options):
    return lambda asked: getattr(billing, name)(**asked, **options)


@pytest.mark.parametrize(
    "calls",
    [
        [use("check_entitlement", amount=1)],
        [use("consume_entitlement", amount=1, key="one")],
        [use("reserve_entitlement", amount=1, key="one", expires_at=None)],
        [
            use("reserve_entitlement", amount=1, key="one", expires_at=None),
            use("settle_reservation", key="one"),
        ],
        [
            use("reserve_entitlement", amount=1, key="one", expires_at=None),
            use("release_reservation", key="one"),
        ],
    ],
    ids=["check", "consume", "reserve", "settle", "release"],
)
def test_an_entitlement_is_answered_in_one_round_trip(calls):
    asked = {"organization_id": uuid7(), "feature": "exports"}
    grants.give(**asked, amount=100, reason="a gift", now=clock.now())
    *before, last = calls
    for call in before:
        call(asked)
    with CaptureQueriesContext(connections["billing"]) as queries:
        last(asked)
    assert len(queries) == 1
