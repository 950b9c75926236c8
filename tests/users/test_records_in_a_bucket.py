"""Exports, archives and anchors are the same where records are kept in a bucket of an S3."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import storages

from config.storage import records_storage
from domains.users import interface as users
from domains.users.models import AuditAnchor, AuditExport, PersonExport
from domains.users.services import person_export_job
from domains.users.services.audit import anchors, export_files
from kernel.clock import now
from kernel.ids import uuid7
from tests.buckets import bucket_at
from tests.client import Api
from tests.users.audit.said import write
from tests.users.audit.test_log_api import signed_in
from tests.users.people import organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def bucket(settings, s3):
    """Keep records in a bucket; return its storage."""
    kept = records_storage(bucket_at(s3), None)
    settings.STORAGES = {**settings.STORAGES, "records": kept}
    _forget_storages()
    yield storages["records"]
    _forget_storages()


def _forget_storages():
    storages._storages = {}
    storages.__dict__.pop("backends", None)


@pytest.fixture
def ada():
    return person()


def fetched(url):
    """Return the status and the bytes that the link leads to, for whoever has it."""
    parts = urlsplit(url)
    answer = Api().get(f"{parts.path}?{parts.query}")
    return answer.status_code, b"".join(answer) if answer.streaming else answer.content


def test_a_copy_of_the_log_is_written_fetched_and_removed(bucket, ada, deliver_events):
    organization_id = organization_of(ada)
    me = signed_in(ada, organization_id)
    write(organization_id, 3)
    asked = me.post("users/audit-log/exports", {"format": "jsonl"}).json()
    deliver_events()
    shown = me.get(f"users/audit-log/exports/{asked['id']}").json()
    status, content = fetched(shown["download_url"])
    assert (status, shown["entries"]) == (200, len(content.splitlines()))
    assert (len(content), hashlib.sha256(content).hexdigest()) == (shown["size"], shown["sha256"])
    key = AuditExport.objects.get(id=asked["id"]).storage_key
    assert bucket.exists(key)
    export_files.expire_exports(now=now() + timedelta(days=8))
    assert not bucket.exists(key)


def test_a_copy_that_the_bucket_has_lost_is_not_ready(bucket, ada, deliver_events):
    me = signed_in(ada, organization_of(ada))
    asked = me.post("users/audit-log/exports", {"format": "csv"}).json()
    deliver_events()
    shown = me.get(f"users/audit-log/exports/{asked['id']}").json()
    bucket.delete(AuditExport.objects.get(id=asked["id"]).storage_key)
    assert fetched(shown["download_url"])[0] == 409


def test_a_persons_archive_is_made_fetched_and_removed(bucket, ada, deliver_events):
    me = signed_in(ada, None)
    assert me.post("users/me/export").status_code == 202
    deliver_events()
    shown = me.get("users/me/export").json()
    status, content = fetched(shown["download_url"])
    assert (status, len(content), content[:2]) == (200, shown["size"], b"PK")
    assert hashlib.sha256(content).hexdigest() == shown["sha256"]
    made = PersonExport.objects.get(id=shown["id"])
    for export_id in person_export_job.expire_exports(now=now() + timedelta(days=8)):
        person_export_job.remove_archive(export_id=export_id, now=now() + timedelta(days=8))
    assert not bucket.exists(made.storage_key)


def test_an_anchor_is_written_and_proven_and_missed_once_it_is_gone(bucket):
    write(uuid7(), 2)
    made = anchors.anchor(now=now())
    assert list(users.verify_audit(organization_id=None).broken) == []
    bucket.delete(AuditAnchor.objects.get(id=made.id).storage_key)
    [broken] = users.verify_audit(organization_id=None).broken
    assert broken.what == "the storage has lost it"
