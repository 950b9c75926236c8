"""Staff see the rows of every organization, and only their pages may."""

from __future__ import annotations

import pytest
from django.urls import reverse

from domains.billing.models import Customer
from kernel import scope
from kernel.clock import now
from kernel.ids import uuid7

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("nothing_in_context"),
]


@pytest.fixture
def customers() -> list[Customer]:
    return [
        Customer.objects.create(organization_id=uuid7(), plan="free", created_at=now())
        for _ in range(2)
    ]


def test_staff_see_the_rows_of_every_organization(superuser, customers):
    page = superuser.get(reverse("admin:domains_billing_customer_changelist"))
    assert all(str(row.organization_id) in page.text for row in customers)
    for row in customers:
        change = reverse("admin:domains_billing_customer_change", args=[row.pk])
        assert str(row.organization_id) in superuser.get(change).text
    assert scope.current() is None


def test_a_page_is_made_while_everything_is_in_context(superuser, customers, monkeypatch):
    seen = []
    described = Customer.__str__

    def look(row):
        seen.append(scope.current())
        return described(row)

    monkeypatch.setattr(Customer, "__str__", look)
    args = [customers[0].pk]
    superuser.get(reverse("admin:domains_billing_customer_change", args=args))
    assert set(seen) == {scope.EVERYWHERE}
