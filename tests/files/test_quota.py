"""The quota is exact, however many ask at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from domains.files.contract import FileState, QuotaExceeded
from domains.files.models import File
from domains.files.services import completion, quota, removal
from kernel.db import transaction
from tests.files.conftest import NOW, announce, bring, usage

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
FREE_QUOTA = 104_857_600


def at_once(count, act):
    def run(index):
        try:
            return act(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_uploads_opened_at_once_never_promise_more_than_the_quota(local_storage, owner):
    def open_one(_):
        try:
            announce(owner, b"", size=FREE_QUOTA // 10)
        except QuotaExceeded:
            return False
        return True

    assert sum(at_once(16, open_one)) == 10
    assert usage(owner) == (FREE_QUOTA // 10 * 10, 0)


def test_one_file_completed_many_times_at_once_counts_once(local_storage, owner):
    opened = announce(owner, b"hello")
    bring(opened, b"hello")

    def complete(_):
        return completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW).state

    assert set(at_once(8, complete)) == {FileState.READY}
    assert usage(owner) == (0, 5)


def test_an_upload_that_is_deleted_and_expired_at_once_is_released_once(local_storage, owner):
    opened = announce(owner, b"hello")

    def end(index):
        if index % 2:
            removal.expire_upload(
                organization_id=owner.organization_id,
                file_id=opened.file.id,
                now=opened.upload.expires_at,
            )
        else:
            try:
                removal.delete_file(principal=owner, file_id=opened.file.id, now=NOW)
            except removal.FileNotFound:
                return

    at_once(6, end)
    assert usage(owner) == (0, 0)
    assert File.objects.get().state in (FileState.DELETED, FileState.EXPIRED)


def test_the_database_refuses_negative_usage(owner):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError), transaction("files"):
        quota.release_used(organization_id=owner.organization_id, size=1)
