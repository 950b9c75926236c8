"""Every list and every row of every model, for those who may see it and for those who may not."""

from __future__ import annotations

import re
from itertools import islice
from urllib import parse

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import (
    EVERY_MODEL,
    MODELS,
    ODD,
    client_of,
    label_of,
    row_of,
    staff_account,
)

pytestmark = pytest.mark.django_db(databases="__all__")

# Handled events show on the event; the rest is bookkeeping of seconds and has no story to tell.
# Attempts show on their webhook.
UNLISTED = {
    "kernel.Inbox",
    "kernel.AggregatePosition",
    "kernel.RateCounter",
    "domains_notifications.Passed",
    "domains_notifications.WebhookAttempt",
}
ADDED_BY_STAFF = {
    "domains_auth.Account",
    "auth.Group",
    "domains_billing.Coupon",
    "domains_billing.Transfer",
    "domains_notifications.Template",
}
CHANGED_BY_STAFF = {
    "domains_auth.Account",
    "auth.Group",
    "domains_users.Profile",
    "domains_users.Organization",
    "domains_users.Membership",
    "domains_billing.Customer",
}


def url(model, page, *args):
    opts = model._meta
    return reverse(
        f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[quote(arg) for arg in args]
    )


@pytest.mark.parametrize("model", EVERY_MODEL, ids=label_of)
def test_every_model_of_every_domain_is_listed(model):
    assert admin.site.is_registered(model) != (label_of(model) in UNLISTED)


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_every_list_has_columns_a_search_and_an_order(model):
    shown = admin.site.get_model_admin(model)
    assert shown.search_fields
    assert label_of(model) == "auth.Group" or len(shown.list_display) >= 3
    assert shown.ordering or model._meta.ordering


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_a_superuser_sees_each_list_each_row_and_its_history(superuser, rows, model):
    row = row_of(model)
    domain = f"?domain={row._state.db}" if model._meta.app_label == "kernel" else ""
    listed = superuser.get(f"{url(model, 'changelist')}{domain}")
    assert listed.status_code == 200
    assert url(model, "change", row.pk) in listed.content.decode()
    for page in ("change", "history"):
        assert superuser.get(url(model, page, row.pk)).status_code == 200, page


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_no_page_shows_a_secret_not_even_hashed(superuser, rows, model):
    pages = [url(model, "changelist")]
    if label_of(model).startswith("domains_auth."):
        pages.append(url(model, "change", row_of(model).pk))
    for page in pages:
        assert "hidden" not in _visible(superuser.get(page).content.decode()), page


def _visible(page: str) -> str:
    """Return the text between the tags of a page's rows and fields, without their classes."""
    return re.sub(r"<[^>]*>", " ", page)


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_only_what_staff_introduce_can_be_added(superuser, model):
    expected = 200 if label_of(model) in ADDED_BY_STAFF else 403
    assert superuser.get(url(model, "add")).status_code == expected


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_only_what_staff_may_correct_can_be_changed(superuser, rows, model):
    answer = superuser.post(url(model, "change", row_of(model).pk), {})
    assert (answer.status_code != 403) == (label_of(model) in CHANGED_BY_STAFF)


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_nothing_but_a_group_can_be_deleted(superuser, rows, model):
    answer = superuser.post(url(model, "delete", row_of(model).pk), {"post": "yes"})
    assert answer.status_code == (302 if label_of(model) == "auth.Group" else 403)


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_every_filter_column_and_page_of_a_list_is_answered(superuser, rows, model):
    page = url(model, "changelist")
    changelist = superuser.get(page).context["cl"]
    queries = [
        choice["query_string"]
        for each in changelist.filter_specs
        for choice in islice(each.choices(changelist), 3)
        if "query_string" in choice
    ]
    queries += [f"?o={sign}{n}" for n in (0, 1, 2, 99) for sign in ("", "-")]
    queries += ["?p=2", "?p=-1", "?p=99999999999999999999", "?p=x", "?all=", "?_facets=True"]
    for query in queries:
        assert superuser.get(f"{page}{query}", follow=True).status_code == 200, query


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_no_search_fails(superuser, rows, model):
    for name, term in ODD.items():
        answer = superuser.get(url(model, "changelist"), {"q": term}, follow=True)
        assert answer.status_code == 200, name


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_no_made_up_filter_fails(superuser, rows, model):
    page, key = url(model, "changelist"), model._meta.pk.name
    for name in ("a NUL", "a huge number", "half a surrogate"):
        for field in (key, "created_at__year", "state"):
            answer = superuser.get(page, {field: ODD[name]}, follow=True)
            assert answer.status_code in {200, 400}, (name, field)


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_no_made_up_row_fails(superuser, model):
    for name in ("a NUL", "a UUID", "a huge number"):
        row = parse.quote(ODD[name], safe="")
        for page in ("change", "history"):
            answer = superuser.get(f"{url(model, 'changelist')}{row}/{page}/", follow=True)
            assert answer.status_code in {200, 400, 403, 404}, (name, page)


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_who_has_no_permission_sees_nothing(plain, rows, model):
    row = row_of(model)
    for page in ("change", "delete", "history"):
        assert plain.get(url(model, page, row.pk)).status_code == 403, page
        assert plain.post(url(model, page, row.pk), {"post": "yes"}).status_code in {
            403,
            405,
        }
    for page in ("changelist", "add"):
        assert plain.get(url(model, page)).status_code == 403, page
    picked = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    assert plain.post(url(model, "changelist"), picked).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_who_may_look_can_only_look(rows, model):
    account = staff_account(superuser=False)
    opts = model._meta
    account.user_permissions.set(
        Permission.objects.filter(
            codename=f"view_{opts.model_name}", content_type__app_label=opts.app_label
        )
    )
    client, row = client_of(account), row_of(model)
    assert client.get(url(model, "changelist")).status_code == 200
    assert client.get(url(model, "change", row.pk)).status_code == 200
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", row.pk), {}).status_code == 403
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=label_of)
def test_strangers_are_asked_to_log_in(rows, model):
    for page in (url(model, "changelist"), url(model, "change", row_of(model).pk)):
        answer = Client().get(page)
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("admin:login"))
