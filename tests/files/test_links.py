"""Signed links of local uploads: nothing but the announced bytes, in time, once."""

from datetime import timedelta

import httpx
import pytest

from domains.files.contract import UploadIncomplete, UploadLinkInvalid, UploadTooLarge
from domains.files.services import completion, uploads
from kernel.ids import uuid7
from tests.files.conftest import NOW, announce, bring

pytestmark = pytest.mark.django_db(databases="__all__")


def send(opened, chunks, *, length=None, now=NOW, **changes):
    parameters = dict(httpx.URL(opened.upload.url).params)
    arguments = {"file_id": opened.file.id, "length": length, "chunks": iter(chunks), "now": now}
    uploads.receive_upload(**(parameters | arguments | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0" * 64},
        {"signature": ""},
        {"expires": "9999999999"},
        {"expires": "-1"},
        {"expires": "٣"},
        {"expires": "9" * 400},
        {"file_id": uuid7()},
        {"now": NOW + timedelta(hours=1)},
    ],
)
def test_a_link_that_is_not_ours_or_too_old_is_refused(local_storage, owner, changes):
    opened = announce(owner, b"hello")
    with pytest.raises(UploadLinkInvalid):
        send(opened, [b"hello"], **changes)
    assert not list(local_storage.rglob("*.partial"))


def test_more_bytes_than_announced_are_cut_off_and_not_kept(local_storage, owner):
    opened = announce(owner, b"hello")
    with pytest.raises(UploadTooLarge):
        send(opened, [b"hello", b" world"])
    assert not [path for path in local_storage.rglob("*") if path.is_file()]


def test_fewer_bytes_than_announced_are_not_kept(local_storage, owner):
    opened = announce(owner, b"hello")
    with pytest.raises(UploadIncomplete):
        send(opened, [b"hel"])
    assert not [path for path in local_storage.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("length", "problem"), [(6, UploadTooLarge), (4, UploadIncomplete)])
def test_a_wrong_length_is_refused_before_a_byte_is_read(local_storage, owner, length, problem):
    def never():
        raise AssertionError("the body was read")
        yield

    opened = announce(owner, b"hello")
    with pytest.raises(problem):
        send(opened, never(), length=length)


def test_an_upload_that_broke_can_be_repeated(local_storage, owner):
    def broken():
        yield b"hel"
        raise OSError("connection lost")

    opened = announce(owner, b"hello")
    with pytest.raises(OSError, match="connection lost"):
        send(opened, broken())
    bring(opened, b"hello")
    assert completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)


def test_a_completed_upload_takes_no_more_bytes(local_storage, owner):
    opened = announce(owner, b"hello")
    bring(opened, b"hello")
    completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)
    with pytest.raises(UploadLinkInvalid):
        bring(opened, b"HELLO")
