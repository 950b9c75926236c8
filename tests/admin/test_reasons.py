"""Staff change nothing, on any page of any model, without a reason that is kept and told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import reverse

from domains.auth.models import Account
from domains.billing.models import Invoice, OfflineCharge, PaymentIntent
from domains.files.models import File
from domains.notifications.models import Delivery, Message
from domains.users.models import Organization
from kernel import context
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.staff import ReasonedAdmin, StaffDeed, record
from kernel.staff.trail import ReasonMissing
from tests.admin.conftest import MODELS, label_of, row_of, staff_account

pytestmark = pytest.mark.django_db(databases="__all__")

REASON = "Asked for in ticket 7"
ACTED = "auth.staff_acted.v1"
# What is no model's page of ours to write: its own buttons are held to a reason in test_queues.
OTHERS = {"django_rq.Dashboard"}


@dataclass
class Form:
    """What a page is sent (or what makes it), and the fields that it changes."""

    sent: dict[str, Any]
    changes: list[str] = field(default_factory=list)


CHANGES = {
    "auth.Group": Form({"name": "Helpers"}, ["name"]),
    "domains_auth.Account": Form({"is_staff": "on"}, ["is_staff"]),
    "domains_billing.Customer": Form({"tax_exempt_reason": "A charity"}, ["tax_exempt_reason"]),
    "domains_users.Profile": Form(
        {"display_name": "Ada L.", "locale": "en", "time_zone": "UTC"}, ["display_name"]
    ),
    "domains_users.Organization": Form({"name": "Acme Ltd"}, ["name", "slug"]),
    "domains_users.Membership": Form({"role_key": "admin"}, ["role_key"]),
}
ADDITIONS = {
    "auth.Group": Form({"name": "Billing"}),
    "domains_auth.Account": Form({"email": "new@example.com"}),
    "domains_billing.Coupon": Form(
        {"code": "ten", "title": "Ten", "percent": "10", "amounts": "{}", "duration": "once"}
    ),
    "domains_billing.Transfer": Form(
        {
            "invoice": lambda: str(Invoice.objects.get(state="open").pk),
            "amount": "29.00",
            "created_at_0": "2026-03-02",
            "created_at_1": "12:00:00",
        }
    ),
    "domains_notifications.Template": Form({"key": "auth.welcome", "description": "Ours"}),
}
DELETIONS = {"auth.Group"}
ACTIONS = {
    ("domains_auth.Session", "revoke"),
    ("domains_auth.ApiKey", "revoke"),
    ("domains_auth.SigningKey", "rotate"),
    ("domains_billing.Coupon", "archive"),
    ("domains_billing.Finding", "resolve"),
    ("domains_billing.OfflineCharge", "confirm"),
    ("domains_billing.ProviderEvent", "replay"),
    ("domains_billing.Refund", "mark_sent"),
    ("domains_notifications.ChatEndpoint", "disable"),
    ("domains_notifications.Delivery", "send_again"),
    ("domains_notifications.Message", "expand_again"),
    ("domains_notifications.Provider", "close"),
    ("domains_notifications.Suppression", "lift"),
    ("domains_notifications.VapidKey", "rotate"),
    ("domains_notifications.WebhookDelivery", "replay"),
    ("domains_users.Organization", "lift_policy"),
    ("kernel.FailedEvent", "replay"),
}


def url(model, page, *args):
    opts = model._meta
    return reverse(
        f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[quote(arg) for arg in args]
    )


@pytest.fixture
def root() -> Account:
    return staff_account(superuser=True)


@pytest.fixture
def staff(root) -> Client:
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def ready(rows):
    """Rows on which everything can be done that staff may do."""
    from domains.auth.models import SigningKey

    OfflineCharge.objects.update(status="requires_action")
    PaymentIntent.objects.filter(refunds__isnull=False).update(provider="manual")
    Message.objects.update(state="dead")
    SigningKey.objects.update(created_at="2020-01-01T00:00:00Z")
    ada = Account.objects.with_email("ada@example.com").get()
    acme = Organization.objects.get(name="Acme")
    from domains.users.models import Membership, Profile

    bob = Profile.objects.create(account_id=uuid7())
    Membership.objects.create(organization=acme, account=bob, role="owner")
    return ada


def superuser_request(root):
    request = RequestFactory().get("/")
    request.user = root
    return request


def of(label):
    return next(model for model in MODELS if label_of(model) == label)


def told():
    return list(Outbox.objects.using("auth").filter(name=ACTED).order_by("sequence"))


def account_forms():
    from tests.auth.test_admin import INLINES

    inlines = (*INLINES, "memberships")
    return {f"{name}-{n}_FORMS": "0" for name in inlines for n in ("TOTAL", "INITIAL")}


def sent_to(form: Form) -> dict[str, Any]:
    return {name: value() if callable(value) else value for name, value in form.sent.items()}


def targets(model):
    """Return the row that the tests write; one that its form lets them."""
    if label_of(model) == "domains_auth.Account":
        return Account.objects.with_email("ada@example.com").get()
    if label_of(model) == "domains_users.Organization":
        return Organization.objects.get(name="Acme")
    if label_of(model) == "domains_users.Membership":
        acme = Organization.objects.get(name="Acme")
        ada = Account.objects.with_email("ada@example.com").get()
        return acme.memberships.get(account_id=ada.id)
    return row_of(model)


def require_kept(root, row, action, changes=()):
    """Fail unless one log entry and one event, both of them with the reason, tell of it."""
    entry, event = LogEntry.objects.first(), told()[-1]
    assert entry.user_id == root.id
    assert entry.get_change_message().endswith(f": {REASON}")
    assert (event.actor_id, event.aggregate_id) == (root.id, str(row.pk))
    facts = event.payload
    assert facts["reason"] == REASON
    assert facts["model"] == row._meta.label_lower
    assert facts["action"] == action
    assert facts["changes"] == list(changes)


def test_every_page_asks_for_reasons():
    for model in MODELS:
        assert isinstance(admin.site.get_model_admin(model), ReasonedAdmin), label_of(model)


def test_the_tables_of_this_test_are_whole(root, ready):
    request = superuser_request(root)
    for model in MODELS:
        shown, label, row = admin.site.get_model_admin(model), label_of(model), targets(model)
        assert shown.has_add_permission(request) == (label in ADDITIONS), label
        assert shown.has_change_permission(request, row) == (label in CHANGES), label
        assert shown.has_delete_permission(request, row) == (label in DELETIONS), label
        offered = {(label, name) for name in shown.get_actions(request)}
        assert offered == {pair for pair in ACTIONS if pair[0] == label}, label


NO_REASONS = ["", "   ", "a\0b", "x" * 501]


@pytest.mark.parametrize("label", sorted(CHANGES))
@pytest.mark.parametrize("reason", [None, *NO_REASONS])
def test_nothing_is_changed_without_a_reason(staff, ready, label, reason):
    row = targets(of(label))
    before = type(row).objects.filter(pk=row.pk).values().get()
    sent = account_forms() | CHANGES[label].sent
    sent |= {} if reason is None else {"reason": reason}
    answer = staff.post(url(type(row), "change", row.pk), sent)
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {"reason"}
    assert type(row).objects.filter(pk=row.pk).values().get() == before
    assert told() == []


@pytest.mark.parametrize("label", sorted(CHANGES))
def test_a_change_is_kept_and_told_with_its_reason(staff, root, ready, label):
    row, form = targets(of(label)), CHANGES[label]
    sent = account_forms() | form.sent | {"reason": f" {REASON} "}
    answer = staff.post(url(type(row), "change", row.pk), sent)
    assert answer.status_code == 302, answer.context["errors"]
    require_kept(root, row, "changed", form.changes)


@pytest.mark.parametrize("label", sorted(ADDITIONS))
def test_nothing_is_added_without_a_reason(staff, ready, label):
    model, form = of(label), ADDITIONS[label]
    before = model.objects.count()
    answer = staff.post(url(model, "add"), sent_to(form))
    assert set(answer.context["adminform"].form.errors) == {"reason"}
    assert model.objects.count() == before
    assert told() == []


@pytest.mark.parametrize("label", sorted(ADDITIONS))
def test_an_addition_is_kept_and_told_with_its_reason(staff, root, ready, label):
    model, form = of(label), ADDITIONS[label]
    known = set(model.objects.values_list("pk", flat=True))
    answer = staff.post(url(model, "add"), sent_to(form) | {"reason": REASON})
    assert answer.status_code == 302, answer.context["errors"]
    (row,) = model.objects.exclude(pk__in=known)
    require_kept(root, row, "added")


def test_nothing_is_deleted_without_a_reason(staff, root, ready):
    row = Group.objects.get()
    page = url(Group, "delete", row.pk)
    assert 'name="reason"' in staff.get(page).content.decode()
    answer = staff.post(page, {"post": "yes"})
    assert (answer.status_code, answer.url) == (302, page)
    assert Group.objects.filter(pk=row.pk).exists()
    assert told() == []
    staff.post(page, {"post": "yes", "reason": REASON})
    assert not Group.objects.filter(pk=row.pk).exists()
    require_kept(root, row, "deleted")


def run(staff, label, action, **sent):
    model = of(label)
    row = targets(model)
    domain = f"?domain={row._state.db}" if model._meta.app_label == "kernel" else ""
    form = {"action": action, "_selected_action": [str(row.pk)], **sent}
    return row, staff.post(f"{url(model, 'changelist')}{domain}", form, follow=True)


@pytest.mark.parametrize(("label", "action"), sorted(ACTIONS))
@pytest.mark.parametrize("reason", NO_REASONS)
def test_no_action_is_carried_out_without_a_reason(staff, ready, label, action, reason):
    row, answer = run(staff, label, action, reason=reason)
    assert "Nothing was done" in answer.content.decode()
    facts = type(row).objects.using(row._state.db).filter(pk=row.pk).values()
    assert facts.get() == {name: getattr(row, name) for name in facts.get()}
    assert told() == []


@pytest.mark.parametrize(("label", "action"), sorted(ACTIONS))
def test_an_action_is_kept_and_told_with_its_reason(staff, root, ready, label, action):
    _, answer = run(staff, label, action, reason=REASON)
    assert answer.status_code == 200
    event = told()[-1]
    assert (event.actor_id, event.payload["reason"]) == (root.id, REASON)
    assert event.payload["model"] == label.lower()
    assert LogEntry.objects.first().get_change_message().endswith(f": {REASON}")


@pytest.mark.parametrize(
    ("model", "make"),
    [
        (File, File.objects.get),
        (OfflineCharge, OfflineCharge.objects.get),
        (Delivery, Delivery.objects.get),
        (Organization, lambda: Organization.objects.get(name="Acme")),
    ],
    ids=["a file", "a charge", "a delivery", "the organization itself"],
)
def test_a_deed_is_told_of_the_organization_whose_row_it_is(ready, model, make):
    acme = Organization.objects.get(name="Acme").id
    PaymentIntent.objects.update(reference=str(OfflineCharge.objects.get().id))
    Message.objects.update(organization_id=acme)
    assert admin.site.get_model_admin(model).organization_of(make()) == acme


def test_log_and_event_are_written_together_or_not_at_all(root, rows, monkeypatch):
    from kernel.staff import acted

    def fail(**_):
        raise RuntimeError

    acted.connect(fail, weak=False)
    try:
        with pytest.raises(RuntimeError):
            a_deed(root)
    finally:
        acted.disconnect(fail)
    assert not LogEntry.objects.filter(user=root).exists()
    assert told() == []


def test_a_page_that_forgot_to_ask_writes_nothing(root, rows):
    with pytest.raises(ReasonMissing):
        a_deed(root, reason="")
    assert told() == []


def test_the_actor_is_the_staff_whoever_the_context_names(root, rows):
    with context.use(context.RequestContext(actor_id=uuid7())):
        a_deed(root)
    assert told()[-1].actor_id == root.id


def a_deed(root, reason=REASON) -> StaffDeed | None:
    return record(
        Group.objects.get(),
        staff_id=root.id,
        reason=reason,
        words="Looked after",
        flag=2,
        organization_id=None,
    )
