"""A template is published when nothing is wrong with it, and what is wrong is told by its place."""

from __future__ import annotations

import pytest

from domains.notifications.contract.errors import (
    DraftExists,
    NoDraft,
    TemplateFaulty,
    TemplateKeyTaken,
    TemplateNotFound,
    VersionNeverPublished,
)
from domains.notifications.models import Template, TemplateVersion
from domains.notifications.services.templates import authoring, lookup, publishing
from kernel.clock import now
from kernel.errors import Forbidden, PreconditionFailed
from kernel.ids import uuid7
from kernel.permissions import Role
from kernel.preconditions import ANY, Precondition
from tests.notifications.templates import (
    BOTH,
    ORDER,
    a_mail,
    faults,
    published,
    rendered,
    variable,
    written,
)
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases=["notifications"])

LINK = variable("link", "url", "https://example.com/a")
ITEMS = variable("items", "list", [{"name": "Cup", "price": 3}])


@pytest.fixture
def owner():
    return member_of(uuid7())


def in_app(**parts):
    return {"in_app": {"en": {"title": "Title", "body": "Body", **parts}}}


def test_a_published_version_is_what_is_said(owner):
    version = published(owner)
    said = rendered(owner.organization_id, "order", "in_app", {"order": "B-7"}, locale="de-AT")
    assert (said.subject, said.text) == ("Bestellung B-7", "Sie wurde verschickt.")
    assert said.version == "order@1"
    assert lookup.published(organization_id=owner.organization_id, key="order") == version
    mail = rendered(owner.organization_id, "order", "email", {"order": "<b>"}, locale="fr")
    assert mail.subject == "Order <b>"
    assert "<p>Shipped.</p>" in mail.html
    assert "<b>" not in mail.html


FAULTY = {
    "a syntax error": (in_app(body="fine\n{% if %}"), "syntax", "/parts/in_app/en/body", "Line 2"),
    "an unclosed tag": (in_app(body="{% if order %}"), "syntax", "/parts/in_app/en/body", "Line 1"),
    "an undeclared variable": (
        in_app(body="one\ntwo {{ nobody }}"), "undeclared", "/parts/in_app/en/body", "Line 2"),
    "one in a branch that is not taken": (
        in_app(body="{% if false %}\n{{ nobody }}{% endif %}"),
        "undeclared", "/parts/in_app/en/body", "Line 2"),
    "a path that the example lacks": (
        in_app(title="{{ order.number }}"), "undeclared", "/parts/in_app/en/title", "order.number"),
    "an unknown filter": (
        in_app(title="{{ order | explode }}"), "filter", "/parts/in_app/en/title", "explode"),
    "a missing part": (in_app(body=" "), "part_missing", "/parts/in_app/en/body", "needed"),
    "a missing default locale": (
        {"in_app": {"de": {"title": "T", "body": "B"}}},
        "default_locale", "/parts/in_app", "default locale en"),
    "no part at all": ({}, "empty", "/parts/in_app", "nothing"),
    "a title that is too long": (
        in_app(title="x" * 201), "too_long", "/parts/in_app/en/title", "200"),
    "an SMS that is too long": (
        {"sms": {"en": {"text": "x" * 919}}}, "too_long", "/parts/sms/en/text", "918"),
    "too much output": (
        in_app(body="{% for i in (1..1000) %}" + "x" * 300 + "{% endfor %}"),
        "not_rendered", "/parts/in_app/en/body", "limit"),
    "another template": (
        in_app(body="{% include 'x' %}"), "syntax", "/parts/in_app/en/body", "include"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "code", "pointer", "detail"), FAULTY.values(), ids=FAULTY)
def test_what_is_wrong_is_told_with_its_place(parts, code, pointer, detail):
    [found] = faults([ORDER], parts)
    assert found[:2] == (pointer, code)
    assert detail in found[2]


def test_all_that_is_wrong_is_told_at_once():
    parts = {**in_app(body="{{ a }}"), **a_mail("<p>{{ b }}</p>", text="{{ c | d }}")}
    assert len(faults([ORDER], parts)) == 4


def test_what_may_be_left_out_is_tried_without_it():
    least = variable("note", "object", {"text": "Hello"}, required=False)
    assert faults([least], in_app(body="{{ note.text }}"))[0][1] == "not_rendered"
    assert not faults([least], in_app(body="{% if note %}{{ note.text }}{% endif %}"))


def test_an_example_is_of_the_type_that_is_declared():
    [found] = faults([variable("at", "datetime", "tomorrow")], in_app(body="{{ at }}"))
    assert found[:2] == ("/variables", "example")


UNSAFE = {
    "a script": ("<script>alert(1)</script>", "markup"),
    "a handler": ('<p onclick="alert(1)">x</p>', "markup"),
    "a frame": ('<iframe src="https://example.com"></iframe>', "markup"),
    "a form": ('<form action="https://example.com"></form>', "markup"),
    "a script's address": ('<a href="javascript:alert(1)">x</a>', "address"),
    "one in disguise": ('<a href=" java\nscript:alert(1)">x</a>', "address"),
    "an address that is any text": ('<a href="{{ order }}">x</a>', "address"),
    "an address by a filter": ('<a href="{{ order | append: order }}">x</a>', "address"),
    "an attribute without quotes": ("<p title={{ order }}>x</p>", "markup"),
    "the name of an attribute": ("<p {{ order }}>x</p>", "markup"),
    "the name of a tag": ("<p{{ order }}>x</p>", "markup"),
    "a style": ('<p style="color: {{ order }}">x</p>', "markup"),
    "a page of its own": ("<html><body>x</body></html>", "markup"),
}


@pytest.mark.parametrize(("html", "code"), UNSAFE.values(), ids=UNSAFE)
def test_html_that_could_run_or_lead_astray_is_not_published(html, code):
    found = faults([ORDER, LINK], a_mail(html))
    assert found
    assert {(pointer, what) for pointer, what, _ in found} == {("/parts/email/en/html", code)}


def test_html_with_quoted_values_and_addresses_is_published():
    html = (
        '<p title="{{ order }}">{{ order }}</p><a class="button" href="{{ link }}">Open</a>'
        '<a href="https://example.com/?q={{ order | url_encode }}">Find</a><img src="{{ link }}">'
        "{% for item in items %}<p>{{ item.name }}</p>{% endfor %}"
    )
    assert not faults([ORDER, LINK, ITEMS], a_mail(html))


def test_values_do_no_harm_in_a_mail(owner):
    html = '<p title="{{ order }}">{{ order }}</p>'
    published(owner, parts=a_mail(html, subject="{{ order }}"))
    nasty = '"><script>alert(1)</script>\r\nBcc: x@example.com'
    said = rendered(owner.organization_id, "order", "email", {"order": nasty})
    assert "<script" not in said.html
    assert '""' not in said.html
    assert "\n" not in said.subject
    assert "\r" not in said.subject


def test_versions_follow_each_other_and_one_is_in_force(owner):
    first = published(owner)
    template_id = first.template_id
    with pytest.raises(NoDraft):
        publishing.publish(principal=owner, template_id=template_id, now=now())
    draft = authoring.start_draft(principal=owner, template_id=template_id, now=now())
    assert (draft.number, draft.state, draft.parts) == (2, "draft", BOTH)
    with pytest.raises(DraftExists):
        authoring.start_draft(principal=owner, template_id=template_id, now=now())
    changes = {"parts": in_app(title="Second {{ order }}")}
    authoring.edit_draft(
        principal=owner, template_id=template_id, changes=changes, expected=ANY, now=now()
    )
    assert said(owner) == "Order A"
    publishing.publish(principal=owner, template_id=template_id, now=now())
    assert said(owner) == "Second A"
    assert states(template_id) == ["retired", "published"]


def test_rolling_back_puts_a_former_version_in_force(owner):
    test_versions_follow_each_other_and_one_is_in_force(owner)
    template = Template.objects.within(owner.organization_id).get()
    roll = {"principal": owner, "template_id": template.id, "now": now()}
    publishing.roll_back(**roll, number=1)
    assert said(owner) == "Order A"
    assert states(template.id) == ["published", "rolled_back"]
    publishing.roll_back(**roll, number=2)
    assert states(template.id) == ["rolled_back", "published"]
    with pytest.raises(VersionNeverPublished):
        publishing.roll_back(**roll, number=2)


def said(owner) -> str:
    return rendered(owner.organization_id, "order", "in_app", {"order": "A"}).subject


def states(template_id) -> list[str]:
    rows = TemplateVersion.objects.everywhere().filter(template_id=template_id)
    return list(rows.order_by("number").values_list("state", flat=True))


def test_a_draft_that_was_changed_since_it_was_read_is_neither_changed_nor_published(owner):
    template = written(owner)
    stale = Precondition(frozenset({'"stale"'}))
    with pytest.raises(PreconditionFailed):
        publishing.publish(principal=owner, template_id=template.id, expected=stale, now=now())
    with pytest.raises(PreconditionFailed):
        authoring.edit_draft(
            principal=owner, template_id=template.id, changes={}, expected=stale, now=now()
        )


def test_a_faulty_draft_leaves_the_version_in_force(owner):
    version = published(owner)
    authoring.start_draft(principal=owner, template_id=version.template_id, now=now())
    changes = {"parts": in_app(body="{{ nobody }}")}
    authoring.edit_draft(
        principal=owner,
        template_id=version.template_id,
        changes=changes,
        expected=ANY,
        now=now(),
    )
    with pytest.raises(TemplateFaulty):
        publishing.publish(principal=owner, template_id=version.template_id, now=now())
    assert said(owner) == "Order A"


def test_a_key_is_taken_within_its_organization_alone(owner):
    written(owner)
    with pytest.raises(TemplateKeyTaken):
        written(owner)
    written(member_of(uuid7()))


def test_another_organization_s_template_is_one_that_never_was(owner):
    version = published(owner)
    stranger = member_of(uuid7())
    ask = {"principal": stranger, "template_id": version.template_id, "now": now()}
    for attempt in (publishing.publish, authoring.start_draft):
        with pytest.raises(TemplateNotFound):
            attempt(**ask)
    with pytest.raises(TemplateNotFound):
        lookup.published(organization_id=stranger.organization_id, key="order")


def test_who_only_belongs_to_it_writes_nothing(owner):
    version = published(owner)
    member = member_of(owner.organization_id, Role.MEMBER)
    with pytest.raises(Forbidden):
        publishing.roll_back(principal=member, template_id=version.template_id, number=1, now=now())
