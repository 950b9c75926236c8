"""The audit log as a client reads it, through the whole gateway."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.users.services.audit import chain
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from kernel.rest import timestamp
from tests.client import Api
from tests.users.audit.said import draft_of, trail, write
from tests.users.people import PASSWORD, member_of, organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


def signed_in(someone, organization_id) -> Api:
    answer = Api(User_Agent="Firefox/1").post(
        "auth/login", {"email": someone.email, "password": PASSWORD}
    )
    return Api().as_(token=answer.json()["access_token"], organization_id=organization_id)


@pytest.fixture
def log(ada, organization_id):
    client = signed_in(ada, organization_id)

    def read(**parameters):
        query = "&".join(f"{name.rstrip('_')}={value}" for name, value in parameters.items())
        answer = client.get(f"users/audit-log?{query}")
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    return read


def test_entries_come_newest_first_and_page_by_page(ada, organization_id):
    write(organization_id, 5)
    me = signed_in(ada, organization_id)
    first = me.get("users/audit-log?limit=2").json()
    assert [entry["sequence"] for entry in first["data"]] == [5, 4]
    second = me.get(f"users/audit-log?limit=2&cursor={first['next_cursor']}").json()
    assert [entry["sequence"] for entry in second["data"]] == [3, 2]


def test_an_entry_says_who_what_where_and_when(organization_id, log):
    write(organization_id, 1)
    [entry] = log()
    row = trail(organization_id)[0]
    assert entry == {
        "id": str(row.id),
        "sequence": 1,
        "occurred_at": entry["occurred_at"],
        "action": "users.member_joined",
        "actor": {"kind": "account", "id": str(row.actor_id)},
        "on_behalf_of": None,
        "target": {"kind": "organization", "id": str(organization_id)},
        "facts": {"role": "admin"},
        "personal": {"address": "203.0.113.7"},
        "trace_id": "",
        "hash": bytes(row.hash).hex(),
    }


def test_entries_are_found_by_actor_action_target_and_time(organization_id, log):
    eve = uuid7()
    with transaction("users"):
        chain.append(
            [
                draft_of(organization_id, action="users.member_removed", actor_id=eve),
                draft_of(organization_id, action="users.member_joined", target_id="t"),
                draft_of(organization_id, action="users_like.x", on_behalf_of=eve),
                draft_of(organization_id, action="auth.x", occurred_at=now() - timedelta(days=3)),
            ]
        )

    def found(**parameters):
        return [entry["sequence"] for entry in log(**parameters)]

    assert found(actor=eve) == [1]
    assert found(on_behalf_of=eve) == [3]
    assert found(action="users.member_joined") == [2]
    assert found(action="users.*") == [2, 1]
    assert found(action="users.member") == []
    assert found(target="t") == [2]
    yesterday = timestamp(now() - timedelta(days=1))
    assert found(until=yesterday) == [4]
    assert found(from_=yesterday) == [3, 2, 1]
    assert found(action="users.*", actor=eve, target="t") == []


def test_reading_the_log_is_an_entry_of_it(ada, organization_id, log, deliver_events):
    deliver_events()
    log(action="users.*")
    deliver_events()
    entry = log(action="users.audit_log_read")[0]
    assert entry["actor"] == {"kind": "account", "id": str(ada.account_id)}
    assert entry["facts"]["filters"] == {"action": "users.*"}
    assert entry["personal"]["address"]


def test_signing_in_is_an_entry_of_ones_own_log(ada, organization_id, deliver_events):
    signed_in(ada, organization_id)
    deliver_events()
    personal = signed_in(ada, None).get("users/audit-log?action=auth.session_started").json()
    entry = personal["data"][0]
    assert entry["actor"] == {"kind": "account", "id": str(ada.account_id)}
    assert entry["personal"]["address"]


def test_another_organizations_log_is_not_shown(organization_id, log):
    write(uuid7(), 3)
    assert log() == []


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("member", 403), ("viewer", 403)])
def test_the_log_is_for_those_who_may_read_it(organization_id, role, status):
    eve = member_of(organization_id, "eve", role)
    answer = signed_in(eve, organization_id).get("users/audit-log")
    assert answer.status_code == status


@pytest.mark.parametrize("query", ["actor=x", "action=%25", "from=yesterday", "name=x"])
def test_a_filter_that_can_not_be_read_is_named(ada, organization_id, query):
    answer = signed_in(ada, organization_id).get(f"users/audit-log?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "kernel.parameter_invalid"
