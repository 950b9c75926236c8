"""Conditional requests: nobody downloads twice, nobody overwrites what he never saw."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from kernel.errors import PreconditionFailed
from kernel.models import FailedEvent
from kernel.preconditions import ANY, Precondition, entity_tag
from tests.client import Api
from tests.gateway.views import make_row

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def path():
    return f"t/rows/{make_row().id}"


def test_a_resource_has_a_strong_tag(api, path):
    tag = api.get(path)["ETag"]
    assert tag.startswith('"')
    assert api.get(path)["ETag"] == tag


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a" ,\t{} , "b"', "*", " {} "])
def test_what_the_client_has_is_not_sent_again(api, path, form):
    tag = api.get(path)["ETag"]
    response = api.get(path, If_None_Match=form.format(tag))
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)


def test_what_has_changed_is_sent(api, path):
    tag = api.get(path)["ETag"]
    changed = api.patch(path)
    assert changed["ETag"] != tag
    assert api.get(path, If_None_Match=tag).status_code == 200
    assert api.get(path, If_None_Match=changed["ETag"]).status_code == 304


@pytest.mark.parametrize("form", ["{}", '"x", {}', "*"])
def test_a_change_of_the_version_that_was_seen_is_made(api, path, form):
    tag = api.get(path)["ETag"]
    assert api.patch(path, If_Match=form.format(tag)).json()["attempts"] == 1


@pytest.mark.parametrize("form", ['"x"', "W/{}", '"x", "y"', '""'])
def test_a_change_of_another_version_is_refused(api, path, form):
    tag = api.get(path)["ETag"]
    response = api.patch(path, If_Match=form.format(tag))
    assert (response.status_code, response.json()["code"]) == (412, "kernel.precondition_failed")
    assert api.get(path).json()["attempts"] == 0


def test_without_a_precondition_any_version_will_do(api, path):
    assert api.patch(path).status_code == 200


@pytest.mark.parametrize("wrong", ["x", '"', '"a', "W/", 'w/"a"', '"a" "b"', "*, *", ",", '"a",,'])
def test_tags_that_cannot_be_read_are_refused(api, path, wrong):
    for response in (api.patch(path, If_Match=wrong), api.get(path, If_None_Match=wrong)):
        assert response.status_code == 400
        assert response.json()["code"] == "kernel.entity_tags_malformed"


def test_a_tag_tells_versions_apart():
    assert entity_tag("a", "bc") != entity_tag("ab", "c")
    assert entity_tag(1) == entity_tag(1)
    ANY.check(entity_tag(1))
    with pytest.raises(PreconditionFailed):
        Precondition(frozenset()).check(entity_tag(1))


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_many_who_saw_the_same_version_one_may_change_it():
    path = f"t/rows/{make_row().id}"
    tag = Api().get(path)["ETag"]
    statuses, barrier = [], threading.Barrier(8)

    def change():
        barrier.wait()
        try:
            statuses.append(Api().patch(path, If_Match=tag).status_code)
        finally:
            connections.close_all()

    callers = [threading.Thread(target=change) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(statuses) == [200] + [412] * 7
    assert FailedEvent.objects.using("billing").get().attempts == 1
