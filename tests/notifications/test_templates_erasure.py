"""Templates go with their organization, and forget who wrote them with the person."""

from __future__ import annotations

import pytest

from domains.notifications.models import Template, TemplateVersion
from domains.notifications.services import erasure, privacy
from kernel.ids import uuid7
from tests.notifications.templates import published
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")


def test_templates_go_with_their_organization_and_no_other_s():
    ours, theirs = member_of(uuid7()), member_of(uuid7())
    published(ours)
    published(theirs)
    erasure.erase_organization(organization_id=ours.organization_id)
    assert not Template.objects.within(ours.organization_id).exists()
    assert not TemplateVersion.objects.within(ours.organization_id).exists()
    assert TemplateVersion.objects.within(theirs.organization_id).count() == 1


def test_a_template_stays_when_who_wrote_it_is_erased():
    who = member_of(uuid7())
    published(who)
    privacy.erase_person(account_id=who.account_id, address_marks=())
    version = TemplateVersion.objects.within(who.organization_id).get()
    assert (version.created_by, version.published_by) == (None, None)
    assert version.template.created_by is None
    assert version.state == "published"
