"""A copy of the log: asked for, written by a job, fetched by a link that expires."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from domains.users.models import AuditEntry, AuditExport, Organization
from domains.users.services import export_links
from domains.users.services.audit import export_files, exports
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from tests.client import Api
from tests.users.audit.said import draft_of, trail, write
from tests.users.audit.test_log_api import signed_in
from tests.users.people import member_of, organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")

PATH = "users/audit-log/exports"


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def me(ada, organization_id):
    return signed_in(ada, organization_id)


@pytest.fixture
def asked(me, deliver_events):
    """Ask for an export, let the job run, and return what is shown of it."""

    def ask(**body):
        answer = me.post(PATH, body)
        assert answer.status_code == 202, answer.content
        deliver_events()
        return me.get(f"{PATH}/{answer.json()['id']}").json()

    return ask


def fetched(shown):
    url = urlsplit(shown["download_url"])
    answer = Api().get(f"{url.path}?{url.query}")
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_an_export_is_asked_for_and_fetched(organization_id, asked):
    write(organization_id, 3)
    shown = asked(format="jsonl", filters={"action": "users.member_joined"})
    assert (shown["state"], shown["entries"]) == ("ready", 3)
    answer, content = fetched(shown)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-log-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert (len(content), hashlib.sha256(content).hexdigest()) == (shown["size"], shown["sha256"])
    lines = [json.loads(line) for line in content.decode().splitlines()]
    assert [line["sequence"] for line in lines] == [1, 2, 3]
    assert lines[0]["hash"] == bytes(trail(organization_id)[0].hash).hex()


def test_a_table_is_read_by_every_spreadsheet_and_runs_in_none(organization_id, asked):
    write(organization_id, 1, target_id="=cmd|' /C calc'!A0", facts={"a": 'x"y,z\n'})
    _, content = fetched(asked(format="csv", filters={"action": "users.member_joined"}))
    [row] = csv.DictReader(io.StringIO(content.decode()))
    assert row["target_id"] == "'=cmd|' /C calc'!A0"
    assert json.loads(row["facts"]) == {"a": 'x"y,z\n'}
    assert list(row) == list(export_files.COLUMNS)


@given(st.text())
def test_no_cell_begins_like_a_formula(text):
    cell = export_files.harmless(text)
    assert not cell.startswith(export_files.FORMULA)
    assert cell.removeprefix("'") == text.removeprefix("'")


def test_an_export_holds_what_its_filters_say(organization_id, asked):
    eve, past = uuid7(), now() - timedelta(days=2)
    with transaction("users"):
        from domains.users.services.audit import chain

        chain.append(
            [
                draft_of(organization_id, actor_id=eve),
                draft_of(organization_id, actor_id=eve, occurred_at=past),
                draft_of(organization_id),
            ]
        )
    yesterday = (now() - timedelta(days=1)).isoformat()
    shown = asked(format="jsonl", filters={"actor": str(eve), "from": yesterday})
    assert shown["entries"] == 1
    assert shown["filters"]["actor"] == str(eve)


def test_of_another_organization_nothing_is_exported(asked):
    write(uuid7(), 3)
    shown = asked(format="jsonl", filters={"action": "users.member_joined"})
    assert (shown["entries"], shown["size"]) == (0, 0)


def test_asking_and_fetching_are_entries_themselves(ada, organization_id, asked, deliver_events):
    shown = asked(format="csv")
    fetched(shown)
    deliver_events()
    told = AuditEntry.objects.filter(
        organization_id=organization_id, action="users.audit_log_exported"
    ).order_by("sequence")
    assert [(e.facts["downloaded"], e.actor_kind) for e in told] == [
        (False, "account"),
        (True, "unknown"),
    ]
    assert {e.facts["export_id"] for e in told} == {shown["id"]}
    assert told[0].actor_id == ada.account_id


@pytest.mark.parametrize("change", ["expires", "signature", "export"])
def test_a_link_that_was_altered_leads_nowhere(asked, change):
    url = urlsplit(asked(format="csv")["download_url"])
    altered = {
        "expires": f"{url.path}?{url.query.replace('expires=1', 'expires=2')}",
        "signature": f"{url.path}?{url.query[:-1]}{'0' if url.query[-1] != '0' else '1'}",
        "export": f"/api/v1/{PATH}/{uuid7()}/content?{url.query}",
    }[change]
    answer = Api().get(altered)
    assert (answer.status_code, answer.json()["code"]) == (404, "users.export_link_invalid")


def test_a_link_is_good_for_fifteen_minutes(asked):
    shown = asked(format="csv")
    query = dict(pair.split("=") for pair in urlsplit(shown["download_url"]).query.split("&"))
    export = AuditExport.objects.get(id=shown["id"])
    export_links.check_link(exports.path_of(export.id), **query, now=now() + timedelta(minutes=14))
    with pytest.raises(exports.ExportLinkInvalid):
        export_links.check_link(
            exports.path_of(export.id), **query, now=now() + timedelta(minutes=15)
        )


@pytest.mark.parametrize(
    ("networks", "status"), [([], 200), (["127.0.0.0/8"], 200), (["198.51.100.0/24"], 403)]
)
def test_a_link_leads_nowhere_from_where_the_organization_lets_nobody_in(
    organization_id, asked, networks, status
):
    shown = asked(format="csv")
    Organization.objects.filter(id=organization_id).update(allowed_networks=networks)
    answer, content = fetched(shown)
    assert answer.status_code == status
    if status == 403:
        assert json.loads(content)["code"] == "users.network_not_allowed"


def test_the_trail_of_an_organization_that_is_gone_is_fetched_while_its_link_lasts(
    organization_id, asked
):
    shown = asked(format="csv")
    Organization.objects.get(id=organization_id).delete()
    assert fetched(shown)[0].status_code == 200


def test_a_file_is_removed_after_a_week(asked, records):
    shown = asked(format="csv")
    export = AuditExport.objects.get(id=shown["id"])
    assert (records / export.storage_key).exists()
    export_files.expire_exports(now=now() + timedelta(days=6))
    assert (records / export.storage_key).exists()
    export_files.expire_exports(now=now() + timedelta(days=7))
    assert not (records / export.storage_key).exists()
    answer, _ = fetched(shown)
    assert (answer.status_code, answer.json()["code"]) == (409, "users.export_not_ready")


def test_an_export_whose_job_was_lost_is_taken_up_by_the_sweep(me, organization_id):
    made = AuditExport.objects.create(
        organization_id=organization_id, format="csv", created_at=now() - timedelta(minutes=3)
    )
    assert export_files.waiting_exports(now=now()) == [made.id]
    assert export_files.waiting_exports(now=now() - timedelta(minutes=2)) == []
    export_files.write_export(export_id=made.id, now=now())
    export_files.write_export(export_id=made.id, now=now())
    made.refresh_from_db()
    assert made.state == "ready"
    assert export_files.waiting_exports(now=now()) == []


def test_a_slow_storage_is_waited_for(organization_id, monkeypatch):
    made = AuditExport.objects.create(
        organization_id=organization_id, format="csv", created_at=now()
    )
    patience = []

    def save(*_: object) -> str:
        with connections["users"].cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            patience.append(cursor.fetchone()[0])
        return ""

    monkeypatch.setattr(type(export_files.storage()), "save", save)
    export_files.write_export(export_id=made.id, now=now())
    assert patience == ["0"]


def test_an_export_that_is_never_written_is_given_up(organization_id):
    made = AuditExport.objects.create(
        organization_id=organization_id, format="csv", created_at=now() - timedelta(hours=7)
    )
    assert export_files.waiting_exports(now=now()) == []
    made.refresh_from_db()
    assert made.state == "failed"


def test_entries_are_written_some_at_a_time(organization_id, asked, monkeypatch):
    monkeypatch.setattr(export_files, "AT_ONCE", 2)
    write(organization_id, 5)
    assert asked(format="csv", filters={"action": "users.member_joined"})["entries"] == 5


def test_exports_are_listed_newest_first(me, asked):
    first, second = asked(format="csv"), asked(format="jsonl")
    listed = me.get(PATH).json()["data"]
    assert [export["id"] for export in listed] == [second["id"], first["id"]]


def test_exports_are_for_those_who_may_export(organization_id, asked):
    shown = asked(format="csv")
    eve = signed_in(member_of(organization_id, "eve"), organization_id)
    assert eve.post(PATH, {"format": "csv"}).status_code == 403
    assert eve.get(f"{PATH}/{shown['id']}").status_code == 403


def test_another_organizations_export_is_not_found(asked):
    shown = asked(format="csv")
    mallory = person("mallory")
    stranger = signed_in(mallory, organization_of(mallory, "Others"))
    answer = stranger.get(f"{PATH}/{shown['id']}")
    unknown = stranger.get(f"{PATH}/{uuid7()}")
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert answer.json()["code"] == unknown.json()["code"] == "users.audit_export_not_found"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"format": "xlsx"}, "/format"),
        ({"format": "csv", "filters": {"actor": "x"}}, "/filters/actor"),
        ({"format": "csv", "filters": {"facts": "x"}}, "/filters/facts"),
        ({"format": "csv", "filters": {"from": "yesterday"}}, "/filters/from"),
    ],
)
def test_what_can_not_be_exported_is_named(me, body, pointer):
    answer = me.post(PATH, body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
