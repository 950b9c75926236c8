"""A person gets all that is kept about them: once, whole, and nobody else does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings as django_settings

from domains.users import models
from domains.users.models import PersonExport
from domains.users.services import export_links, person_export_job, person_exports
from kernel import privacy
from kernel.clock import now
from kernel.errors import Unavailable
from kernel.models import Outbox
from tests.erasures import account_erased
from tests.principals import machine_of
from tests.users.people import person
from tests.users.privacy.conftest import (
    body_of,
    kept_in,
    newest,
    path_of,
    problem,
    signed_in,
    unpacked,
)
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
MINUTES = timedelta(minutes=1)
CONTENT = "users/me/exports/{}/content?expires={}&signature={}"


def ready(me, deliver_events) -> dict:
    """Return what is shown of an export that was asked for and made."""
    assert me.post("users/me/export").status_code == 202
    deliver_events()
    return me.get("users/me/export").json()


class TestTheWay:
    def test_an_archive_is_asked_for_made_told_of_and_fetched(self, ada, me, deliver_events):
        asked = me.post("users/me/export")
        assert (asked.status_code, asked.json()["state"]) == (202, "pending")
        assert asked.json()["download_url"] is None
        deliver_events()
        shown = me.get("users/me/export").json()
        assert (shown["state"], shown["id"]) == ("ready", asked.json()["id"])
        answer = me.get(path_of(shown["download_url"]))
        content = body_of(answer)
        assert (len(content), answer.status_code) == (shown["size"], 200)
        files = unpacked(content)
        assert ada.email in files["auth/account.json"]
        feed = me.get("notifications").json()["data"]
        assert "The archive of your data is ready" in [item["title"] for item in feed]

    def test_the_archive_is_handed_out_for_download_alone(self, me, deliver_events):
        answer = me.get(path_of(ready(me, deliver_events)["download_url"]))
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "no-referrer"  # the link itself is the proof
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Content-Disposition"] == 'attachment; filename="your-data.zip"'
        assert answer["Content-Type"] == "application/zip"

    def test_the_archive_has_every_section_of_every_domain(self, me, deliver_events):
        files = unpacked(body_of(me.get(path_of(ready(me, deliver_events)["download_url"]))))
        index = json.loads(files["index.json"])
        assert {s["domain"] for s in index["sections"]} == set(django_settings.ALL_DOMAINS)
        for section in index["sections"]:
            assert len(json.loads(files[section["file"]])) == section["count"]
            assert section["file"] in files["index.html"]

    def test_nobody_is_told_of_one_that_another_asked_for(self, me, deliver_events):
        ready(me, deliver_events)
        problem(
            signed_in(person("eve")).get("users/me/export"), 404, "users.person_export_not_found"
        )

    def test_a_key_gets_none(self, ada):
        key = machine_of(ada.account_id)
        from domains.auth import interface as auth

        with pytest.raises(auth.SessionRequired):
            person_exports.request_export(principal=key, now=now())
        with pytest.raises(auth.SessionRequired):
            person_exports.get_latest_export(principal=key, now=now())

    def test_staff_who_act_as_the_person_get_no_link(self, ada, me, deliver_events):
        from domains.auth import interface as auth

        ready(me, deliver_events)
        acting = ada.principal()
        object.__setattr__(acting, "impersonator_id", acting.session_id)
        with pytest.raises(auth.ImpersonationForbids):
            person_exports.get_latest_export(principal=acting, now=now())


class TestTheLimit:
    def test_a_second_one_waits_for_the_first(self, me):
        assert me.post("users/me/export").status_code == 202
        problem(me.post("users/me/export"), 409, "users.export_in_progress")

    def test_a_fourth_one_waits_for_tomorrow(self, ada, me, deliver_events):
        for _ in range(3):
            ready(me, deliver_events)
        answer = me.post("users/me/export")
        problem(answer, 429, "users.export_limit_reached")
        assert 86_000 < int(answer["Retry-After"]) <= 86_401
        tomorrow = now() + timedelta(days=1, minutes=1)
        person_exports.request_export(principal=ada.principal(), now=tomorrow)

    @pytest.mark.django_db(transaction=True, databases="__all__")
    def test_of_two_at_once_one_is_made(self, ada):
        who = ada.principal()

        def ask():
            return person_exports.request_export(principal=who, now=now())

        outcomes = at_once(ask, ask)
        assert sorted(type(each).__name__ for each in outcomes) == [
            "ExportInProgress",
            "ShownExport",
        ]
        assert PersonExport.objects.count() == 1


class TestTheLink:
    @pytest.fixture
    def export(self, me, deliver_events) -> PersonExport:
        ready(me, deliver_events)
        return newest()

    def link(self, export_id, *, lives=15 * MINUTES) -> str:
        return path_of(
            export_links.link_to(person_exports.path_of(export_id), expires_at=now() + lives)
        )

    def test_a_fresh_one_works_without_credentials(self, api, export):
        assert body_of(api.get(self.link(export.id)))[:2] == b"PK"

    @pytest.mark.parametrize(
        "tamper",
        [
            lambda link: link[:-1] + ("0" if link[-1] != "0" else "1"),
            lambda link: link.replace("expires=1", "expires=2"),
            lambda link: link.replace("expires=", "expires=0"),
            lambda link: link.replace("expires=", "expires=x"),
            lambda link: link.partition("?")[0],
            lambda link: link.partition("&")[0],
            lambda link: link.partition("&")[0] + "&signature=é",
        ],
    )
    def test_one_that_was_tampered_with_leads_nowhere(self, api, export, tamper):
        problem(api.get(tamper(self.link(export.id))), 404, "users.export_link_invalid")

    def test_one_that_is_too_old_leads_nowhere(self, api, export):
        link = self.link(export.id, lives=timedelta(seconds=-1))
        problem(api.get(link), 404, "users.export_link_invalid")

    def test_one_of_another_archive_leads_nowhere(self, api, export, deliver_events):
        eve = signed_in(person("eve"))
        ready(eve, deliver_events)
        mine, hers = self.link(export.id), newest().id
        assert hers != export.id
        problem(api.get(mine.replace(str(export.id), str(hers))), 404, "users.export_link_invalid")

    def test_one_to_an_archive_that_never_was_answers_the_same(self, api, export):
        from kernel.ids import uuid7

        problem(api.get(self.link(uuid7())), 404, "users.export_link_invalid")

    def test_one_to_an_archive_that_is_not_ready_leads_nowhere(self, api, export):
        PersonExport.objects.update(state="pending", expires_at=None)
        problem(api.get(self.link(export.id)), 404, "users.export_link_invalid")

    def test_each_look_makes_a_new_one_that_ends_with_the_archive(self, ada, export):
        at = export.expires_at - MINUTES
        shown = person_exports.get_latest_export(principal=ada.principal(), now=at)
        assert shown.link_expires_at == export.expires_at
        later = person_exports.get_latest_export(
            principal=ada.principal(), now=export.expires_at + MINUTES
        )
        assert later.download_url is None


class TestTheEnd:
    def test_after_a_week_the_bytes_are_gone(self, me, records, deliver_events):
        ready(me, deliver_events)
        assert len(kept_in(records)) == 1
        deliver_events(now=now() + timedelta(days=6), sweeps=True)
        assert len(kept_in(records)) == 1
        deliver_events(now=now() + timedelta(days=7, minutes=1), sweeps=True)
        assert kept_in(records) == []
        shown = me.get("users/me/export").json()
        assert (shown["state"], shown["download_url"]) == ("expired", None)

    def test_an_erased_persons_archive_goes_at_once(self, ada, api, me, records, deliver_events):
        link = path_of(ready(me, deliver_events)["download_url"])
        account_erased(ada.account_id, ada.email)
        deliver_events()
        assert kept_in(records) == []
        assert not PersonExport.objects.exists()
        problem(api.get(link), 404, "users.export_link_invalid")

    def test_one_that_is_being_made_while_the_person_is_erased_is_thrown_away(
        self, ada, me, records, deliver_events, monkeypatch
    ):
        real = person_export_job.collect

        def erased_meanwhile(*, account_id):
            yield from real(account_id=account_id)
            account_erased(ada.account_id, ada.email)
            from domains.users.services.erasure import erase_person

            erase_person(account_id=ada.account_id, address_marks=())

        monkeypatch.setattr(person_export_job, "collect", erased_meanwhile)
        me.post("users/me/export")
        export_id = newest().id
        person_export_job.write_export(export_id=export_id, now=now())
        assert kept_in(records) == []
        assert not PersonExport.objects.filter(account_id=ada.account_id).exists()
        assert (
            not Outbox.objects.using("users").filter(name="users.person_export_ready.v1").exists()
        )
        person_export_job.remove_archive(export_id=export_id, now=now() + 5 * MINUTES)
        assert not PersonExport.objects.exists()


class Killed(BaseException):
    """The worker is gone; nothing of this process goes on."""


class TestTrouble:
    @pytest.fixture
    def asked(self, ada) -> PersonExport:
        return person_exports.request_export(principal=ada.principal(), now=now()).export

    def write(self, export, at=None):
        person_export_job.write_export(export_id=export.id, now=at or now())
        export.refresh_from_db()
        return export.state

    def test_a_domain_that_is_away_makes_it_later_and_never_in_part(
        self, asked, records, monkeypatch
    ):
        from domains.notifications import interface

        def away(**_):
            raise Unavailable("nobody answers")

        with monkeypatch.context() as patched:
            patched.setattr(interface, "export_person", away)
            assert self.write(asked) == "pending"
        assert (asked.reason, kept_in(records)) == ("Unavailable", [])
        assert asked.due_at > now()
        assert self.write(asked) == "pending", "it is not due yet"
        assert self.write(asked, at=now() + 2 * MINUTES) == "ready"
        assert len(kept_in(records)) == 1

    def test_a_storage_that_is_away_makes_it_later(self, asked, records, monkeypatch):
        from django.core.files.storage import FileSystemStorage

        def full(*_args, **_more):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(FileSystemStorage, "_save", full)
            assert self.write(asked) == "pending"
        assert self.write(asked, at=now() + 2 * MINUTES) == "ready"

    def test_it_is_given_up_after_a_dozen_attempts(self, ada, asked, monkeypatch):
        def away(**_):
            raise Unavailable

        monkeypatch.setattr(person_export_job, "collect", away)
        at = now()
        for _ in range(person_export_job.MOST_ATTEMPTS):
            assert asked.state == "pending"
            self.write(asked, at=at)
            at += timedelta(hours=1, minutes=1)
        assert (asked.state, asked.reason) == ("failed", "Unavailable")
        person_exports.request_export(principal=ada.principal(), now=now())

    @pytest.mark.parametrize("place", ["_store", "_finish"])
    def test_a_worker_that_is_killed_is_followed_by_another(
        self, asked, records, monkeypatch, place
    ):
        real = getattr(person_export_job, place)

        def killed(*args, **more):
            if place == "_store":
                real(*args, **more)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(person_export_job, place, killed)
            with pytest.raises(Killed):
                self.write(asked)
        left = kept_in(records)
        assert len(left) == 1
        asked.refresh_from_db()
        assert self.write(asked) == "pending", "the lease is still running"
        assert asked.id in person_export_job.due_exports(now=now() + 3 * MINUTES)
        assert self.write(asked, at=now() + 3 * MINUTES) == "ready"
        assert kept_in(records) == [asked.storage_key] != left

    def test_one_that_kills_every_worker_is_given_up(self, asked, monkeypatch):
        def killed(*_):
            raise Killed

        monkeypatch.setattr(person_export_job, "_store", killed)
        at = now()
        for _ in range(person_export_job.MOST_ATTEMPTS):
            with pytest.raises(Killed):
                self.write(asked, at=at)
            at += 3 * MINUTES
        assert self.write(asked, at=at) == "failed"

    def test_a_worker_that_is_late_keeps_nothing(self, asked, records, monkeypatch):
        real = person_export_job._store

        def slow(claim, at):
            stored = real(claim, at)
            if claim.attempt == 1:
                self.write(asked, at=now() + 3 * MINUTES)
            return stored

        monkeypatch.setattr(person_export_job, "_store", slow)
        assert self.write(asked) == "ready"
        assert kept_in(records) == [asked.storage_key]

    @pytest.mark.django_db(transaction=True, databases="__all__")
    def test_two_workers_at_once_make_one(self, asked, records):
        def work():
            person_export_job.write_export(export_id=asked.id, now=now())

        assert at_once(work, work) == [None, None]
        asked.refresh_from_db()
        assert (asked.state, asked.attempts) == ("ready", 1)
        assert kept_in(records) == [asked.storage_key]

    def test_the_sweep_makes_what_no_job_came_for(self, asked, deliver_events):
        from django_rq import get_queue

        deliver_events()
        get_queue("users").empty()
        PersonExport.objects.update(state="pending", due_at=now() - MINUTES, storage_key="")
        deliver_events(sweeps=True)
        asked.refresh_from_db()
        assert asked.state == "ready"


def test_a_remote_domain_is_asked_over_http(ada, me, boundary, deliver_events):
    """The whole archive is the same, wherever the domains are served."""
    parts = list(privacy.collect(account_id=ada.account_id))
    assert {part.domain for part in parts} == set(django_settings.ALL_DOMAINS)
    [account] = [p.section for p in parts if (p.domain, p.section.name) == ("auth", "account")]
    assert ada.email in account.records[0]
    assert models.PersonExport.objects.count() == 0
