"""What staff can do with billing's rows, through Django's own admin."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse

from domains.auth import interface as auth
from domains.billing.models import Customer, OfflineCharge, PaymentIntent
from kernel import clock
from kernel.crypto import new_secret
from tests.billing.conftest import intents_of, plan_of, put_on

pytestmark = pytest.mark.django_db(databases="__all__")

MODELS = [Customer, PaymentIntent, OfflineCharge]


@pytest.fixture
def staff(client):
    """A superuser's browser."""
    account = auth.ensure_account(email="staff@example.com", password=new_secret(), staff=True)
    client.force_login(get_user_model().objects.get(id=account.id))
    return client


@pytest.fixture
def rows(owner):
    """One row of each model."""
    put_on(owner, "pro", "pm_card_requires_confirmation", now=clock.now())
    return intents_of(owner)[0]


def list_of(model):
    return reverse(f"admin:domains_billing_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_and_shown(staff, rows, model):
    assert staff.get(list_of(model)).status_code == 200
    row = model.objects.get()
    page = reverse(f"admin:domains_billing_{model._meta.model_name}_change", args=[row.pk])
    assert staff.get(page).status_code == 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("term", ["pro", "%", "'", "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f"])
def test_any_search_is_answered(staff, rows, model, term):
    assert staff.get(list_of(model), {"q": term}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_row_is_found_by_its_id(staff, rows, model):
    row = model.objects.get()
    assert str(row.pk) in staff.get(list_of(model), {"q": str(row.pk)}).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_nobody_writes_by_hand(rf, rows, model):
    request = rf.get("/")
    request.user = get_user_model()(is_staff=True, is_superuser=True)
    shown = admin.site._registry[model]
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)


def test_a_superuser_confirms_a_charge_as_the_customer_would(staff, owner, rows, deliver_events):
    chosen = {"action": "confirm", "_selected_action": [rows.reference], "reason": "A test"}
    assert staff.post(list_of(OfflineCharge), chosen).status_code == 302
    deliver_events()
    assert plan_of(owner) == "pro"


def test_other_staff_are_not_offered_to_confirm(rf, rows):
    request = rf.get("/")
    request.user = get_user_model()(is_staff=True)
    assert admin.site._registry[OfflineCharge].get_actions(request) == {}
