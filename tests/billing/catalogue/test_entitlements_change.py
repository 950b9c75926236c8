"""What a published catalogue allows is obeyed at once by those who have it already."""

from __future__ import annotations

import pytest

from domains.billing.services.catalogue.publication import publish
from domains.billing.services.entitlements import plans
from kernel import facts
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.billing.catalogue.documents import ALLOWED, plan, price, written
from tests.billing.conftest import NOW, put_on
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")


def catalogue(*, free: int = 10, pro: int = 100, more: int = 5) -> str:
    """The catalogue with so many requests a minute for each plan, and for an add-on."""
    add_on = {
        "name": "more",
        "title": "More",
        "entitlements": {"requests_per_minute": more},
        "prices": [price("more-monthly")],
    }
    return written(
        plan(entitlements={**ALLOWED, "requests_per_minute": free}),
        plan("pro", price("pro-monthly"), entitlements={**ALLOWED, "requests_per_minute": pro}),
        add_ons=[add_on],
    )


def rate_of(organization_id) -> str | None:
    return facts.get(f"plan-rate:{organization_id}")


def told_of(first: int) -> list[str]:
    rows = Outbox.objects.using("billing").filter(name="billing.entitlements_changed.v1")
    return sorted(row.payload["organization_id"] for row in rows.order_by("id")[first:])


@pytest.fixture
def on_pro(deliver_events):
    publish(text=catalogue(), now=NOW)
    principals = [member_of(uuid7()) for _ in range(3)]
    for each in principals:
        put_on(each, "pro", "pm_card_visa")
    deliver_events()
    return [each.organization_id for each in principals]


@pytest.mark.parametrize("batch", [1, 3, 500])
def test_everybody_on_the_plan_has_its_new_rate(on_pro, deliver_events, monkeypatch, batch):
    monkeypatch.setattr(plans, "AT_ONCE", batch)
    assert [rate_of(each) for each in on_pro] == ["100"] * 3
    before = len(told_of(0))
    publish(text=catalogue(pro=70), now=NOW)
    deliver_events()
    assert [rate_of(each) for each in on_pro] == ["70"] * 3
    assert told_of(before) == sorted(str(each) for each in on_pro)


def test_who_has_the_add_on_has_its_new_rate(on_pro, deliver_events):
    buyer = member_of(uuid7())
    put_on(buyer, "pro", "pm_card_visa", add_ons={"more": 2})
    deliver_events()
    assert rate_of(buyer.organization_id) == "110"
    publish(text=catalogue(more=7), now=NOW)
    deliver_events()
    assert rate_of(buyer.organization_id) == "114"
    assert rate_of(on_pro[0]) == "100"


def test_about_those_who_never_bought_anything_is_asked_anew(on_pro, deliver_events):
    stranger = uuid7()
    facts.put(f"plan-rate:{stranger}", "10", ttl=60)
    publish(text=catalogue(pro=70), now=NOW)
    deliver_events()
    assert rate_of(stranger) == "10"
    publish(text=catalogue(pro=70, free=20), now=NOW)
    deliver_events()
    assert rate_of(stranger) is None


def test_nobody_is_told_of_what_allows_the_same(on_pro, deliver_events):
    before = len(told_of(0))
    publish(text=catalogue().replace("title: Pro", "title: Professional"), now=NOW)
    deliver_events()
    assert told_of(before) == []
