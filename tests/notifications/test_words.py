"""What other people call themselves, on its way into headers, texts and HTML."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.core.mail import EmailMessage
from hypothesis import given
from hypothesis import strategies as st
from liquid.exceptions import LiquidError

from domains.notifications.services.rendering.rendering import render
from domains.notifications.services.rendering.words import LONGEST_NAME, Reader, moment, one_line

pytestmark = pytest.mark.django_db(databases=["notifications"])
MARKUP = '<script>alert("1")</script>&<b>'


@given(st.text(max_size=300))
def test_any_text_becomes_one_bounded_line(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert len(line) <= LONGEST_NAME
    line.encode()


@given(st.text(max_size=300))
def test_any_name_can_stand_in_a_header(name):
    subject = f"{one_line(name)} invites you"
    message = EmailMessage(subject=subject, to=["a@example.com"]).message()
    assert set(message.keys()) <= {
        "Subject", "From", "To", "Date", "Message-ID",
        "Content-Type", "MIME-Version", "Content-Transfer-Encoding",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["Ada\r\nBcc: everybody@example.com", "Ada\nX: y", "Ada\u2028Bcc: x", "Ada\x85Bcc: x", "A\0d"],
)
def test_a_name_with_a_line_break_adds_no_header(name):
    line = one_line(name)
    assert "\n" not in line
    assert "\r" not in line
    message = EmailMessage(subject=line, to=["a@example.com"]).message()
    assert message["Bcc"] is None
    assert message["X"] is None


def test_a_name_can_not_turn_the_text_after_it_around():
    assert one_line("Acme\u202egnp.exe") == "Acmegnp.exe"


def test_a_long_name_is_cut_visibly():
    assert one_line("x" * 500) == "x" * (LONGEST_NAME - 1) + "…"


def test_a_moment_is_told_in_utc():
    at = datetime(2026, 11, 22, 18, 12, tzinfo=timezone(timedelta(hours=1)))
    reader = Reader(locale="en")
    assert moment(at, reader=reader) == "22 November 2026, 17:12 UTC"
    assert moment(at.astimezone(UTC), reader=reader) == "22 November 2026, 17:12 UTC"


def words(**changed: str) -> dict[str, str]:
    names = "occurred_at organization person role plan reason email expires_at token link"
    return {**dict.fromkeys(names.split(), "word"), **changed}


@pytest.mark.parametrize("name", ["organization", "person", "role", "email", "token", "link"])
def test_markup_in_an_invitation_is_shown_and_not_obeyed(name):
    sent = render(channel="email", kind="users.invitation", context=words(**{name: MARKUP}))
    assert "<script" not in sent.html
    assert '"1"' not in sent.html
    assert "&lt;script&gt;" in sent.html


@pytest.mark.parametrize("name", ["plan", "reason", "organization"])
def test_filters_keep_markup_escaped(name):
    sent = render(channel="email", kind="billing.payment_failed", context=words(**{name: MARKUP}))
    assert "<script" not in sent.html.lower()
    assert "<b>" not in sent.html.lower()


def test_liquid_in_a_name_is_not_run():
    sent = render(
        channel="email",
        kind="users.member_joined",
        context=words(person="{{ organization }}{% if %}"),
    )
    assert "{{ organization }}{% if %}" in sent.text


def test_text_is_not_escaped():
    sent = render(channel="email", kind="users.member_joined", context=words(person="Smith & Sons"))
    assert sent.subject.startswith("Smith & Sons joined")
    assert "Smith & Sons joined" in sent.text
    assert "Smith &amp; Sons joined" in sent.html
    item = render(
        channel="in_app", kind="users.member_joined", context=words(person="Smith & Sons")
    )
    assert item.subject.startswith("Smith & Sons joined")


def test_a_word_that_is_missing_is_an_error_and_not_a_gap():
    with pytest.raises(LiquidError):
        render(channel="email", kind="users.invitation", context={})


def test_every_mail_is_a_page_that_a_screen_reader_can_read():
    sent = render(channel="email", kind="users.invitation", context=words())
    assert sent.html.startswith("<!DOCTYPE html>")
    assert '<html lang="en"' in sent.html
    assert sent.html.count("<h1>") == 1
    assert sent.html.count("<table") == sent.html.count('role="presentation"')
    assert "viewport" in sent.html
    assert "http" not in sent.html.replace("http-equiv", ""), "nothing is loaded from elsewhere"
