"""Staff say the product's own texts otherwise, for a reason, and see what others would."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail

from domains.notifications.models import Template, TemplateVersion
from domains.notifications.services.rendering.rendering import render
from kernel.ids import uuid7
from tests.notifications.templates import a_mail, published, written
from tests.notifications.test_admin import WHY, staff, url
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

KIND = "users.organization_reopened"
CONTEXT = {"occurred_at": "today", "organization": "Acme"}


@pytest.fixture
def root():
    return staff(superuser=True)


def overridden(root) -> TemplateVersion:
    answer = root.post(url("template", "add"), {"key": KIND, "description": "Ours", **WHY})
    assert answer.status_code == 302, answer.content
    return TemplateVersion.objects.everywhere().get(template__key=KIND)


def deed(root, version, name: str, **asked):
    pages = f"admin:domains_notifications_templateversion_{name}"
    from django.urls import reverse

    return root.post(reverse(pages, args=[version.id]), {**WHY, **asked})


def title(locale: str = "en") -> str:
    return render(kind=KIND, channel="in_app", context=CONTEXT, locale=locale).subject


def written_otherwise(root, version, **parts) -> int:
    said = {**version.parts, "in_app": {"en": {"title": "Back: {{ organization }}", "body": "B"}}}
    said.update(parts)
    page = url("templateversion", "change", version.id)
    answer = root.post(page, {"default_locale": "en", "parts": json.dumps(said), **WHY})
    return answer.status_code


def test_an_override_begins_with_the_product_s_own_words(root):
    version = overridden(root)
    assert version.organization_id is None
    assert set(version.parts["email"]) == {"de", "en"}
    assert "wieder offen" in version.parts["in_app"]["de"]["title"]
    again = root.post(url("template", "add"), {"key": KIND, **WHY})
    assert b"There is a template of this kind already" in again.content


def test_staff_s_words_are_said_once_they_are_published_and_no_more_once_taken_back(root):
    version = overridden(root)
    assert written_otherwise(root, version) == 302
    assert title() == "Acme is open again"
    assert deed(root, version, "publish").status_code == 302
    assert title() == "Back: Acme"
    assert title("de") == "Back: Acme"
    said = LogEntry.objects.get(object_id=str(version.id), change_message__contains="Published")
    assert "Asked for" in said.change_message


def test_what_is_wrong_with_a_draft_keeps_it_from_being_published(root):
    version = overridden(root)
    wrong = {"in_app": {"en": {"title": "{{ nobody }}", "body": "B"}}}
    assert written_otherwise(root, version, **wrong) == 302
    deed(root, version, "publish")
    assert title() == "Acme is open again"
    assert written_otherwise(root, version, fax={}) == 200


def test_without_a_reason_nothing_is_published(root):
    version = overridden(root)
    deed(root, version, "publish", reason="")
    version.refresh_from_db()
    assert version.state == "draft"


def test_a_preview_is_in_a_sandbox(root):
    who = member_of(uuid7())
    published(who, parts=a_mail("<p>{{ order }}</p>"))
    version = TemplateVersion.objects.within(who.organization_id).get()
    page = root.get(url("templateversion", "change", version.id)).content.decode()
    assert '<iframe class="staff-mail" sandbox=""' in page
    assert "&lt;p&gt;A-1&lt;/p&gt;" in page
    assert 'name="_save"' not in page, "an organization's text is its own business"


def test_a_draft_that_runs_scripts_does_so_nowhere(root):
    who = member_of(uuid7())
    written(who, parts=a_mail("<script>alert(1)</script>"))
    version = TemplateVersion.objects.within(who.organization_id).get()
    page = root.get(url("templateversion", "change", version.id)).content.decode()
    assert "<script>alert(1)" not in page


def test_staff_roll_back_what_an_organization_published(root):
    from domains.notifications.services.templates import authoring, publishing
    from kernel.clock import now

    who = member_of(uuid7())
    first = published(who)
    authoring.start_draft(principal=who, template_id=first.template_id, now=now())
    publishing.publish(principal=who, template_id=first.template_id, now=now())
    assert deed(root, first, "roll_back").status_code == 302
    first.refresh_from_db()
    assert first.state == "published"


def test_a_test_goes_to_the_staff_who_ask(root, deliver_events):
    version = overridden(root)
    deed(root, version, "test", locale="de")
    deliver_events()
    [sent] = [each for each in mail.outbox if each.subject.startswith("[Test]")]
    assert sent.to == ["staff@example.com"]
    assert sent.subject == "[Test] Acme ist wieder offen"


def test_those_who_only_look_change_nothing(root):
    version = overridden(root)
    looker = staff(superuser=False)
    assert looker.get(url("template", "add")).status_code == 403
    assert deed(looker, version, "publish").status_code == 403
    assert Template.objects.everywhere().filter(organization_id=None).count() == 1
