"""What the tests of files share: both kinds of storage, a caller, and a whole upload."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import httpx
import pytest
from django.core.files.storage import storages

from config.storage import files_storage
from domains.files.models import StorageUsage
from domains.files.services import completion, uploads
from domains.files.services import storage as chosen
from kernel.ids import uuid7
from tests.buckets import bucket_at
from tests.principals import member_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


@pytest.fixture(params=["local", "s3"])
def storage_kind(request, settings, tmp_path):
    """Run the test on a local folder and on an S3 bucket."""
    if request.param == "local":
        settings.AWS_STORAGE_BUCKET_NAME = ""
        local = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
        settings.STORAGES = {**settings.STORAGES, "files": local}
    else:
        endpoint = request.getfixturevalue("s3")
        settings.AWS_STORAGE_BUCKET_NAME = "tenon"
        settings.STORAGES = {**settings.STORAGES, "files": files_storage(bucket_at(endpoint), None)}
    _forget_storages()
    yield request.param
    _forget_storages()


@pytest.fixture
def local_storage(settings, tmp_path):
    """A local folder of the test's own."""
    local = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path},
    }
    settings.STORAGES = {**settings.STORAGES, "files": local}
    _forget_storages()
    yield tmp_path
    _forget_storages()


def _forget_storages():
    storages._storages.clear()
    storages.__dict__.pop("backends", None)
    chosen._of.cache_clear()


@pytest.fixture
def owner():
    return member_of(uuid7())


def announce(principal, data, *, now=NOW, **changes):
    """Open an upload for the bytes."""
    facts = {
        "name": "note.txt",
        "size": len(data),
        "content_type": "text/plain",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return uploads.open_upload(principal=principal, now=now, **(facts | changes))


def bring(opened, data, *, now=NOW):
    """Send the bytes as a client would: to the signed link, or to the bucket."""
    url = httpx.URL(opened.upload.url)
    if url.host != "testserver":
        response = httpx.put(url, content=data, headers=opened.upload.headers)
        response.raise_for_status()
        return
    uploads.receive_upload(
        file_id=opened.file.id,
        expires=url.params["expires"],
        signature=url.params["signature"],
        length=len(data),
        chunks=iter([data]),
        now=now,
    )


def uploaded(principal, data, **changes):
    """Return a file that is ready."""
    opened = announce(principal, data, **changes)
    bring(opened, data)
    return completion.complete_upload(principal=principal, file_id=opened.file.id, now=NOW)


def usage(principal):
    """Return (reserved, used) bytes of the caller's organization."""
    row = StorageUsage.objects.filter(organization_id=principal.organization_id).first()
    return (row.reserved_bytes, row.used_bytes) if row else (0, 0)
