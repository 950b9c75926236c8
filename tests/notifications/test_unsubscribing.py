"""Unsubscribing by the link in a mail (RFC 8058): what the headers say, and what the page does."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import parseaddr
from urllib.parse import urlsplit

import pytest
from django.test import Client

from domains.notifications.models import Delivery, Preference, Suppression
from domains.notifications.services.sending import attempts, unsubscribing
from domains.notifications.services.sending.suppressions import suppressed
from kernel.clock import now
from kernel.ids import uuid7
from tests.notifications.conftest import an_open_delivery
from tests.notifications.mail_server import mail_server

pytestmark = pytest.mark.django_db(databases="__all__")

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def _https(settings):
    settings.PUBLIC_URL = "https://api.example.com"


def about_a_team(account, **fields) -> Delivery:
    delivery = an_open_delivery(account, category="team", **fields)
    delivery.message.kind = "users.member_joined"
    delivery.message.context |= {"organization": "Acme", "person": "Grace", "role": "member"}
    delivery.message.save()
    return delivery


def received(delivery):
    with mail_server() as server:
        attempts.send(delivery_id=delivery.id, now=now())
    (mail,) = server.accepted
    return message_from_bytes(mail.as_bytes(), policy=policy.default)


def path_of(delivery) -> str:
    return urlsplit(unsubscribing.link_for(delivery)).path


def test_a_mail_that_may_be_switched_off_says_how(ada):
    mail = received(about_a_team(ada))
    url = mail["List-Unsubscribe"].strip(" <>")
    assert mail["List-Unsubscribe-Post"] == ONE_CLICK
    assert url.startswith("https://api.example.com/notifications/unsubscribe/")
    assert parseaddr(mail["To"])[1].split("@")[0] not in url
    assert str(ada.id) not in url


@pytest.mark.parametrize("category", ["security", ""])
def test_a_mandatory_mail_says_nothing_of_it(ada, category):
    mail = received(an_open_delivery(ada, category=category))
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None


def test_what_must_be_told_of_billing_says_nothing_of_it(ada):
    delivery = an_open_delivery(ada, category="billing")
    delivery.message.kind = "billing.invoice_issued"
    words = "organization number due total period_end expires_on"
    delivery.message.context |= dict.fromkeys(words.split(), "x")
    delivery.message.save()
    assert received(delivery)["List-Unsubscribe"] is None


def test_without_https_there_is_no_one_click(ada, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    mail = received(about_a_team(ada))
    assert mail["List-Unsubscribe"].strip().startswith("<http://")
    assert mail["List-Unsubscribe-Post"] is None


def test_get_asks_and_changes_nothing(ada):
    page = Client().get(path_of(about_a_team(ada)))
    shown = page.content.decode()
    assert page.status_code == 200
    assert "Team" in shown
    assert '<form method="post">' in shown
    assert "<script" not in shown
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not Preference.objects.exists()


def test_the_page_speaks_german_to_who_wants_it(ada):
    page = Client().get(path_of(about_a_team(ada)), headers={"Accept-Language": "de-AT,de"})
    assert "Abbestellen" in page.content.decode()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_calls_the_products_categories_in_its_own_language(ada, language):
    delivery = about_a_team(ada)
    Delivery.objects.filter(id=delivery.id).update(category="files")
    page = Client().get(path_of(delivery), headers={"Accept-Language": language})
    assert {"en": "Files", "de": "Dateien"}[language] in page.content.decode()


@pytest.mark.parametrize("times", [1, 2])
def test_post_switches_the_persons_preference_off(ada, times):
    path = path_of(about_a_team(ada))
    for _ in range(times):
        answer = Client(enforce_csrf_checks=True).post(path, ONE_CLICK, content_type=FORM)
        assert answer.status_code == 200
        assert "<form" not in answer.content.decode()
    (row,) = Preference.objects.filter(account_id=ada.id)
    assert (row.category, row.channel, row.frequency) == ("team", "email", "off")


def test_a_mail_program_may_post_as_multipart(ada):
    answer = Client().post(path_of(about_a_team(ada)), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Preference.objects.filter(account_id=ada.id, frequency="off").exists()


def test_an_address_without_an_account_gets_no_more_of_that_organization_s_category(ada):
    ours, theirs = uuid7(), uuid7()
    delivery = about_a_team(
        ada, account_id=None, recipient="Eve@example.com", address="Eve@example.com"
    )
    delivery.message.organization_id = ours
    delivery.message.save()
    assert Client().post(path_of(delivery), ONE_CLICK, content_type=FORM).status_code == 200
    assert not Preference.objects.exists()

    def held(organization_id, category):
        return suppressed(
            channel="email",
            addresses=["eve@example.com", "adam@example.com"],
            category=category,
            organization_id=organization_id,
        )

    assert held(ours, "team") == {"eve@example.com"}
    assert held(theirs, "team") == held(None, "team") == held(ours, "files") == set()
    Client().post(path_of(delivery), ONE_CLICK, content_type=FORM)
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("change", [lambda t: t[:-1] + "0", lambda t: "A" + t[1:], lambda _: "x"])
def test_a_link_that_was_altered_changes_nothing(ada, change):
    path = path_of(about_a_team(ada))
    folder, _, token = path.rpartition("/")
    altered = change(token)
    if altered == token:
        altered = f"{token[:-1]}1"
    for answer in (Client().get(f"{folder}/{altered}"), Client().post(f"{folder}/{altered}")):
        assert answer.status_code == 404
        assert "not valid" in answer.content.decode()
    assert not Preference.objects.exists()


def test_a_link_of_what_is_erased_changes_nothing(ada):
    delivery = about_a_team(ada)
    path = path_of(delivery)
    delivery.delete()
    assert Client().post(path, ONE_CLICK, content_type=FORM).status_code == 404


def test_a_forged_link_to_a_mandatory_category_is_refused(ada):
    delivery = about_a_team(ada)
    path = path_of(delivery)
    Delivery.objects.filter(id=delivery.id).update(category="security")
    assert Client().post(path, ONE_CLICK, content_type=FORM).status_code == 409
    assert not Preference.objects.exists()
