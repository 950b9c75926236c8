"""The product's own texts in all its languages: the same files, the same facts, real words."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from domains.notifications.models import Channel
from domains.notifications.services.catalogue.table import BY_KIND
from domains.notifications.services.rendering import facts, vocabulary
from domains.notifications.services.rendering.locales import TEMPLATES, of_the_product
from domains.notifications.services.rendering.rendering import render
from domains.notifications.services.rendering.sandbox import parse
from domains.notifications.services.templates.samples import of_kind

pytestmark = pytest.mark.django_db(databases=["notifications"])

ENGLISH, GERMAN = TEMPLATES / "en", TEMPLATES / "de"
FILES = sorted(str(file.relative_to(ENGLISH)) for file in ENGLISH.rglob("*.liquid"))
KINDS = sorted(BY_KIND)
# The layout's are few, and what organizations say is theirs.
NO_WORDS = ("layout/", "notifications.custom/")


def test_both_languages_have_the_same_files():
    assert of_the_product() == ("de", "en")
    assert sorted(str(file.relative_to(GERMAN)) for file in GERMAN.rglob("*.liquid")) == FILES


@pytest.mark.parametrize("name", FILES)
def test_both_say_the_same_facts(name):
    english, german = (parse((root / name).read_text()).analyze() for root in (ENGLISH, GERMAN))
    assert set(german.globals) == set(english.globals)
    assert set(german.tags) == set(english.tags)


@pytest.mark.parametrize("name", [each for each in FILES if not each.startswith(NO_WORDS)])
def test_no_text_was_left_in_the_other_language(name):
    english, german = ((root / name).read_text() for root in (ENGLISH, GERMAN))
    assert german != english
    words = set(re.findall(r"[a-z]+", re.sub(r"\{[{%].*?[%}]\}|<[^>]*>", "", german.lower())))
    assert not words & {"the", "your", "you", "and", "with", "of", "is"}


@pytest.mark.parametrize("name", [each for each in FILES if each.endswith("email.html.liquid")])
@pytest.mark.parametrize("root", [ENGLISH, GERMAN], ids=["en", "de"])
def test_a_mail_says_the_same_as_text_and_as_html(root, name):
    if name.startswith("layout/"):
        return
    html = parse((root / name).read_text()).analyze()
    text = parse((root / name.replace(".html.", ".text.")).read_text()).analyze()
    assert set(html.globals) == set(text.globals)


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_said_in_every_channel(kind, locale):
    channels = [*BY_KIND[kind].channels, Channel.WEB_PUSH, Channel.SMS, Channel.CHAT]
    for channel in channels:
        said = render(kind=kind, channel=channel, context=of_kind(kind), locale=locale)
        words = said.subject + said.text
        assert words.strip()
        assert "{{" not in words
        assert "$fact" not in words + said.html


def test_facts_are_said_in_the_words_of_the_language():
    context = {**of_kind("users.member_role_changed"), "role": facts.word("role.viewer")}
    said = render(
        kind="users.member_role_changed", channel="email", context=context, locale="de-AT"
    )
    assert said.subject == "Ihre Rolle in Acme ist jetzt Betrachter/in"
    assert "Seit dem 22. November 2026, 17:12 UTC" in said.text
    assert '<html lang="de" dir="ltr">' in said.html


def test_a_time_is_told_in_the_zone_of_its_reader():
    at = facts.moment(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    context = {"occurred_at": at, "organization": "Acme"}
    said = render(
        kind="users.organization_reopened",
        channel="email",
        context=context,
        locale="de",
        time_zone="Europe/Vienna",
    )
    assert "2. Juli 2026, 00:30 CEST" in said.text


@pytest.mark.parametrize("key", vocabulary.ENGLISH)
def test_every_english_word_has_a_german_one(key):
    assert vocabulary.GERMAN[key]


def test_a_word_that_no_vocabulary_has_is_its_key():
    assert vocabulary.word("reason.some_new_code", locale="de") == "some new code"
