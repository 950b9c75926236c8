"""An upload from its announcement to a ready file, on both kinds of storage."""

import httpx
import pytest

from domains.billing.services.subscriptions.quoting import Policy
from domains.files.contract import (
    BytesUnavailable,
    ChecksumMismatch,
    ContentTypeMismatch,
    FileNotFound,
    FileState,
    NotReady,
    NotUploaded,
    QuotaExceeded,
    SizeMismatch,
    UploadClosed,
)
from domains.files.models import File
from domains.files.services import catalogue, completion, delivery, removal
from domains.files.services.storage import Missing, storage
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.permissions import Role
from tests.billing.conftest import put_on
from tests.files.conftest import NOW, PNG, announce, bring, uploaded, usage
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")
FREE_QUOTA = 104_857_600


def events():
    return list(Outbox.objects.using("files").order_by("id").values_list("name", flat=True))


def stored(file):
    key = File.objects.get(id=file.id).storage_key
    with storage().open(storage_key=key) as stream:
        return stream.read()


def test_announced_bytes_become_a_ready_file(storage_kind, owner):
    opened = announce(owner, b"hello")
    assert opened.file.state == FileState.PENDING
    assert usage(owner) == (5, 0)
    bring(opened, b"hello")
    ready = completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)
    assert ready.state == FileState.READY
    assert usage(owner) == (0, 5)
    assert stored(ready) == b"hello"
    assert events() == ["files.file_uploaded.v1"]


def test_an_empty_file_is_a_file(storage_kind, owner):
    assert uploaded(owner, b"").state == FileState.READY


def test_completing_twice_is_the_same_as_once(storage_kind, owner):
    ready = uploaded(owner, b"hello")
    again = completion.complete_upload(principal=owner, file_id=ready.id, now=NOW)
    assert again == ready
    assert usage(owner) == (0, 5)
    assert events() == ["files.file_uploaded.v1"]


def test_nothing_is_completed_before_its_bytes_arrived(storage_kind, owner):
    opened = announce(owner, b"hello")
    with pytest.raises(NotUploaded):
        completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)
    assert usage(owner) == (5, 0)
    bring(opened, b"hello")
    assert completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sha256": "0" * 64}, ChecksumMismatch),
        ({"content_type": "image/png"}, ContentTypeMismatch),
        ({"content_type": "application/pdf"}, ContentTypeMismatch),
    ],
)
def test_other_bytes_than_announced_are_rejected(storage_kind, owner, changes, problem):
    opened = announce(owner, b"hello", **changes)
    bring(opened, b"hello")
    with pytest.raises(problem):
        completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)
    row = File.objects.get(id=opened.file.id)
    assert row.state == FileState.REJECTED
    assert usage(owner) == (0, 0)
    assert events() == []
    removal.purge(organization_id=row.organization_id, file_id=row.id, now=NOW)
    with pytest.raises(Missing):
        storage().open(storage_key=row.storage_key)
    with pytest.raises(UploadClosed):
        completion.complete_upload(principal=owner, file_id=row.id, now=NOW)


@pytest.mark.parametrize("storage_kind", ["s3"], indirect=True)
def test_a_bucket_that_took_other_sizes_is_found_out(storage_kind, owner):
    opened = announce(owner, b"hello", size=6)
    httpx.put(opened.upload.url, content=b"hello", headers={"Content-Type": "text/plain"})
    with pytest.raises(SizeMismatch):
        completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)


def test_bytes_sent_after_completion_change_nothing(storage_kind, owner):
    opened = announce(owner, b"hello")
    bring(opened, b"hello")
    ready = completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)
    if storage_kind == "s3":
        bring(opened, b"HELLO")
    assert stored(ready) == b"hello"


def test_the_type_is_read_from_the_bytes(storage_kind, owner):
    ready = uploaded(owner, PNG, name="photo.bin", content_type="application/octet-stream")
    assert ready.content_type == "image/png"


def test_an_image_is_shown_inline_and_everything_else_is_not(storage_kind, owner):
    image = uploaded(owner, PNG, name="a.png", content_type="image/png")
    page = uploaded(owner, b"<script>alert(1)</script>", name="a.html", content_type="text/html")
    shown = delivery.deliver(principal=owner, file_id=image.id)
    assert shown.disposition.startswith("inline")
    attached = delivery.deliver(principal=owner, file_id=page.id)
    assert attached.disposition.startswith("attachment")
    assert attached.file.content_type == "text/plain"


def test_what_is_delivered_is_what_was_sent(storage_kind, owner):
    ready = uploaded(owner, b"hello", name="grüße 😀.txt")
    delivered = delivery.deliver(principal=owner, file_id=ready.id)
    if storage_kind == "s3":
        response = httpx.get(delivered.url)
        assert response.content == b"hello"
        assert response.headers["Content-Disposition"] == delivered.disposition
    else:
        with delivered.stream as stream:
            assert stream.read() == b"hello"


def test_a_pending_file_is_not_delivered(storage_kind, owner):
    opened = announce(owner, b"hello")
    with pytest.raises(NotReady):
        delivery.deliver(principal=owner, file_id=opened.file.id)


def test_lost_bytes_are_an_outage_and_not_a_crash(local_storage, owner):
    ready = uploaded(owner, b"hello")
    storage().delete(storage_key=File.objects.get(id=ready.id).storage_key)
    with pytest.raises(BytesUnavailable):
        delivery.deliver(principal=owner, file_id=ready.id)


def test_a_file_over_the_quota_is_refused_and_reserves_nothing(local_storage, owner):
    with pytest.raises(QuotaExceeded) as refused:
        announce(owner, b"", size=FREE_QUOTA + 1)
    assert refused.value.details["quota"] == FREE_QUOTA
    assert usage(owner) == (0, 0)
    assert not File.objects.exists()


def test_another_plan_is_obeyed_by_the_next_upload(local_storage, owner):
    put_on(owner, "pro", "pm_card_visa")
    announce(owner, b"", size=FREE_QUOTA + 1)
    put_on(owner, "free", policy=Policy.NOW)
    with pytest.raises(QuotaExceeded) as refused:
        announce(owner, b"", size=1)
    assert refused.value.details["quota"] == FREE_QUOTA


def test_a_deleted_file_is_gone_and_gives_its_bytes_back(storage_kind, owner):
    ready = uploaded(owner, b"hello")
    key = File.objects.get(id=ready.id).storage_key
    removal.delete_file(principal=owner, file_id=ready.id, now=NOW)
    assert usage(owner) == (0, 0)
    assert removal.to_purge() == [(ready.organization_id, ready.id)]
    removal.purge(organization_id=ready.organization_id, file_id=ready.id, now=NOW)
    assert removal.to_purge() == []
    with pytest.raises(Missing):
        storage().open(storage_key=key)
    with pytest.raises(FileNotFound):
        catalogue.get_file(principal=owner, file_id=ready.id)
    with pytest.raises(FileNotFound):
        removal.delete_file(principal=owner, file_id=ready.id, now=NOW)
    assert events()[-1] == "files.file_deleted.v1"


def test_an_upload_that_never_ends_expires_and_releases_its_quota(local_storage, owner):
    opened = announce(owner, b"hello")
    later = opened.upload.expires_at
    assert removal.overdue_uploads(now=NOW) == []
    named = {"organization_id": owner.organization_id, "file_id": opened.file.id}
    assert removal.overdue_uploads(now=later) == [tuple(named.values())]
    removal.expire_upload(**named, now=later)
    removal.expire_upload(**named, now=later)
    assert usage(owner) == (0, 0)


def test_foreign_and_unknown_files_answer_alike(local_storage, owner):
    ready = uploaded(owner, b"hello")
    stranger = member_of(uuid7())
    for file_id in (ready.id, uuid7()):
        for act in (catalogue.get_file, delivery.deliver):
            with pytest.raises(FileNotFound):
                act(principal=stranger, file_id=file_id)
        for act in (completion.complete_upload, removal.delete_file):
            with pytest.raises(FileNotFound):
                act(principal=stranger, file_id=file_id, now=NOW)
    assert stored(ready) == b"hello"


def test_a_viewer_reads_and_writes_nothing(local_storage, owner):
    ready = uploaded(owner, b"hello")
    viewer = member_of(owner.organization_id, Role.VIEWER)
    assert catalogue.get_file(principal=viewer, file_id=ready.id) == ready
    with pytest.raises(Forbidden):
        announce(viewer, b"hello")
    with pytest.raises(Forbidden):
        removal.delete_file(principal=viewer, file_id=ready.id, now=NOW)
