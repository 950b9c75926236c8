"""What staff do to the catalogue and to coupons, through admin's pages."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from domains.auth import interface as auth
from domains.billing.models import CatalogueRelease, Coupon, Price
from domains.billing.services import catalogue
from domains.billing.services.catalogue.publication import publish
from kernel.crypto import new_secret
from tests.billing.catalogue.documents import plan, price, written
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

PAGE = reverse("admin:domains_billing_cataloguerelease_publish")
REASON = "Agreed with sales"


def pro(amount):
    return written(plan(), plan("pro", price("pro-monthly", amount=amount)))


@pytest.fixture
def user():
    account = auth.ensure_account(email="staff@example.com", password=new_secret(), staff=True)
    return get_user_model().objects.get(id=account.id)


@pytest.fixture
def helper(client, user):
    """The browser of staff who may look alone."""
    user.is_superuser = False
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


@pytest.fixture
def root(client, user):
    """A superuser's browser."""
    client.force_login(user)
    publish(text=pro(100), now=NOW)
    return client


def confirmed(text, after=1, **other):
    return {"step": "publish", "text": text, "after": after, "reason": REASON, **other}


def page_of(model, page, *args):
    return reverse(f"admin:domains_billing_{model}_{page}", args=args)


def test_the_page_begins_with_what_was_published_last(root):
    assert root.get(PAGE).context["form"].initial["text"] == pro(100)


def test_what_changes_is_shown_before_anything_does(root):
    shown = root.post(PAGE, {"step": "show", "text": pro(250).replace("\n", "\r\n")})
    page = shown.content.decode()
    assert "price pro-monthly: changed" in page
    assert "terms.EUR.amount: 100 → 250" in page
    assert shown.context["form"].initial == {"text": pro(250), "after": 1}
    assert CatalogueRelease.objects.count() == 1


def test_a_file_counts_instead_of_the_text(root):
    file = SimpleUploadedFile("catalogue.yaml", pro(250).encode())
    shown = root.post(PAGE, {"step": "show", "text": pro(1), "file": file})
    assert shown.context["form"].initial["text"] == pro(250)


def test_what_was_shown_is_published_for_a_reason(root, user):
    answer = root.post(PAGE, confirmed(pro(250)))
    release = CatalogueRelease.objects.get(number=2)
    assert answer.url == page_of("cataloguerelease", "change", release.pk)
    assert catalogue.get_plan("pro").price.amount == 250
    entry = LogEntry.objects.first()
    assert (entry.user_id, entry.object_id) == (user.pk, str(release.pk))
    assert entry.get_change_message() == f"Published: {REASON}"
    assert pro(250).splitlines()[0] in root.get(answer.url).content.decode()


def test_nothing_is_published_without_a_reason(root):
    answer = root.post(PAGE, confirmed(pro(250), reason=" "))
    assert "reason" in answer.context["form"].errors
    assert "100 → 250" in answer.content.decode()
    assert CatalogueRelease.objects.count() == 1


@pytest.mark.parametrize("step", ["show", "publish"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (pro(-1), "plans.1.prices.0.terms.EUR.flat.amount"),
        (pro(100), "This is what is sold already."),
        ("", "the whole: "),
    ],
    ids=["invalid", "unchanged", "empty"],
)
def test_what_cannot_be_published_is_said_and_asked_for_again(root, step, text, words):
    answer = root.post(PAGE, {**confirmed(text), "step": step})
    assert words in answer.content.decode()
    assert "text" in answer.context["form"].fields
    assert CatalogueRelease.objects.count() == 1


def test_a_file_that_is_no_text_is_refused(root):
    file = SimpleUploadedFile("catalogue.yaml", b"\xff\xfe")
    answer = root.post(PAGE, {"step": "show", "file": file})
    assert "no text in UTF-8" in answer.content.decode()


def test_what_was_published_meanwhile_is_looked_at_first(root):
    publish(text=pro(180), now=NOW)
    answer = root.post(PAGE, confirmed(pro(250)), follow=True)
    page = answer.content.decode()
    assert "Another catalogue was published meanwhile" in page
    assert "180 → 250" in page
    assert catalogue.get_plan("pro").price.amount == 180


def test_staff_without_the_right_neither_see_nor_do_it(helper):
    publish(text=pro(100), now=NOW)
    assert PAGE not in helper.get(page_of("cataloguerelease", "changelist")).content.decode()
    assert helper.get(PAGE).status_code == 403
    assert helper.post(PAGE, confirmed(pro(250))).status_code == 403
    assert CatalogueRelease.objects.count() == 1


def test_a_price_shows_its_terms(root):
    page = root.get(page_of("price", "change", Price.objects.get(name="pro-monthly").pk))
    assert "&quot;model&quot;: &quot;flat&quot;" in page.content.decode()


NEW = {
    "code": " summer-26",
    "title": "Summer",
    "percent": "",
    "amounts": '{"EUR": 500, "USD": 600}',
    "duration": "repeating",
    "periods": "3",
    "products": ["pro"],
    "max_redemptions": "100",
    "expires_at_0": "2026-09-01",
    "expires_at_1": "00:00:00",
    "reason": REASON,
}


def test_a_coupon_is_made_as_it_is_written(root):
    assert root.post(page_of("coupon", "add"), NEW).status_code == 302
    made = Coupon.objects.get()
    assert (made.code, made.amounts) == ("SUMMER-26", {"EUR": 500, "USD": 600})
    assert (made.periods, made.products, made.max_redemptions) == (3, ["pro"], 100)
    assert LogEntry.objects.first().get_change_message() == f"Added: {REASON}"
    listed = root.get(page_of("coupon", "changelist")).content.decode()
    assert "5.00\xa0EUR" in listed
    assert root.get(page_of("coupon", "change", made.pk)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"percent": "10"}, "__all__"),
        ({"amounts": ""}, "__all__"),
        ({"amounts": "", "percent": "101"}, "__all__"),
        ({"amounts": '{"EUR": 0}'}, "amounts"),
        ({"amounts": '{"EUR": 1.5}'}, "amounts"),
        ({"amounts": '{"XYZ": 500}'}, "amounts"),
        ({"amounts": "[500]"}, "amounts"),
        ({"amounts": "{"}, "amounts"),
        ({"periods": ""}, "__all__"),
        ({"periods": "0"}, "__all__"),
        ({"duration": "forever"}, "__all__"),
        ({"products": ["gold"]}, "products"),
        ({"code": ""}, "code"),
        ({"reason": ""}, "reason"),
    ],
    ids=str,
)
def test_a_coupon_that_is_none_is_refused_where_it_is_wrong(root, wrong, where):
    answer = root.post(page_of("coupon", "add"), {**NEW, **wrong})
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [where]
    assert not Coupon.objects.exists()


def test_two_coupons_have_two_codes_however_they_are_written(root):
    root.post(page_of("coupon", "add"), NEW)
    answer = root.post(page_of("coupon", "add"), {**NEW, "code": "Summer-26"})
    assert list(answer.context["adminform"].form.errors) == ["code"]


def test_an_archived_coupon_is_taken_no_longer(root, coupon):
    row = coupon()
    chosen = {"action": "archive", "_selected_action": [row.pk], "reason": REASON}
    assert root.post(page_of("coupon", "changelist"), chosen).status_code == 302
    row.refresh_from_db()
    assert row.archived_at is not None
    assert LogEntry.objects.first().get_change_message() == f"Archived: {REASON}"


def test_other_staff_neither_make_nor_archive_coupons(helper, coupon):
    row = coupon()
    assert helper.get(page_of("coupon", "add")).status_code == 403
    chosen = {"action": "archive", "_selected_action": [row.pk], "reason": REASON}
    helper.post(page_of("coupon", "changelist"), chosen)
    row.refresh_from_db()
    assert row.archived_at is None
