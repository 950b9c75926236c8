"""Two write, publish and roll back at once: one number order, one version in force."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domains.notifications.contract.errors import DraftExists, NoDraft, TemplateKeyTaken
from domains.notifications.models import Template, TemplateVersion, VersionState
from domains.notifications.services.templates import authoring, publishing
from kernel.clock import now
from kernel.errors import DomainError
from kernel.ids import uuid7
from tests.notifications.templates import published, written
from tests.notifications.test_at_once import CALLERS, all_at_once
from tests.principals import member_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def outcomes(work: Callable[[], object]) -> list[type[DomainError] | None]:
    """Return how the work went for each of those who did it at once."""
    found: list[type[DomainError] | None] = []

    def attempt() -> None:
        try:
            work()
            found.append(None)
        except DomainError as error:
            found.append(type(error))

    all_at_once(attempt)
    return found


@pytest.fixture
def owner():
    return member_of(uuid7())


def only_one(found: list, refusal: type[DomainError]) -> bool:
    return found.count(None) == 1 and found.count(refusal) == CALLERS - 1


def test_a_draft_is_published_once(owner):
    template = written(owner)
    found = outcomes(
        lambda: publishing.publish(principal=owner, template_id=template.id, now=now())
    )
    assert only_one(found, NoDraft)


def test_one_draft_begins(owner):
    version = published(owner)
    found = outcomes(
        lambda: authoring.start_draft(principal=owner, template_id=version.template_id, now=now())
    )
    assert only_one(found, DraftExists)
    numbers = TemplateVersion.objects.everywhere().filter(template_id=version.template_id)
    assert sorted(numbers.values_list("number", flat=True)) == [1, 2]


def test_a_key_is_taken_once(owner):
    assert only_one(outcomes(lambda: written(owner)), TemplateKeyTaken)
    assert Template.objects.within(owner.organization_id).count() == 1


def test_one_version_is_in_force_however_many_publish_and_roll_back(owner):
    first = published(owner)
    authoring.start_draft(principal=owner, template_id=first.template_id, now=now())
    ask = {"principal": owner, "template_id": first.template_id, "now": now()}

    def either() -> None:
        try:
            publishing.publish(**ask)
        except NoDraft:
            publishing.roll_back(**ask, number=1)

    outcomes(either)
    rows = TemplateVersion.objects.everywhere().filter(template_id=first.template_id)
    in_force = rows.filter(state=VersionState.PUBLISHED)
    assert in_force.count() == 1
    assert not rows.filter(state=VersionState.DRAFT).exists()
