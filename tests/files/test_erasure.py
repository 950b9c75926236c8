"""Files of an organization go with it, bytes and all; files of a person stay without the person."""

from __future__ import annotations

import pytest

from domains.files.contract import FileNotFound
from domains.files.models import File, StorageUsage
from domains.files.services import catalogue, completion
from domains.files.services.storage import Missing, storage
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.erasures import account_erased, organization_erased
from tests.files.conftest import NOW, announce, bring, uploaded, usage
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")


def bytes_of(storage_key: str) -> bytes:
    with storage().open(storage_key=storage_key) as stream:
        return stream.read()


def test_the_files_of_an_erased_organization_go_with_bytes_names_and_quota(
    storage_kind, owner, deliver_events
):
    ready = uploaded(owner, b"it weaves", name="Ada's notes.txt")
    pending = announce(owner, b"algebra", name="Ada's draft.txt")
    bring(pending, b"algebra")
    keys = dict(File.objects.values_list("id", "storage_key"))
    assert bytes_of(keys[ready.id]) == b"it weaves"
    organization_erased(owner.organization_id)
    deliver_events()
    for key in keys.values():
        with pytest.raises(Missing):
            bytes_of(key)
    assert catalogue.get_files(file_ids=list(keys)) == []
    assert usage(owner) == (0, 0)
    assert not StorageUsage.objects.exists()
    left = list(File.objects.values_list("state", "name", "sha256", "account_id"))
    assert left == [("deleted", "", "", None)] * 2
    assert all(File.objects.values_list("purged_at", flat=True))
    told = Outbox.objects.using("files").filter(name="files.file_deleted.v1")
    assert {row.payload["file_id"] for row in told} == {str(each) for each in keys}
    assert told.count() == len(keys)


def test_an_upload_can_not_be_completed_once_its_organization_is_gone(
    local_storage, owner, deliver_events
):
    opened = announce(owner, b"hello")
    bring(opened, b"hello")
    organization_erased(owner.organization_id)
    deliver_events()
    with pytest.raises(FileNotFound):
        completion.complete_upload(principal=owner, file_id=opened.file.id, now=NOW)
    assert usage(owner) == (0, 0)


def test_what_a_lost_job_left_behind_is_removed_by_the_sweep(
    local_storage, owner, deliver_events, monkeypatch
):
    file = uploaded(owner, b"it weaves")
    key = File.objects.get(id=file.id).storage_key
    monkeypatch.setattr("domains.files.services.erasure.AT_ONCE", 0)
    organization_erased(owner.organization_id)
    deliver_events()
    assert bytes_of(key) == b"it weaves"
    deliver_events(sweeps=True)
    with pytest.raises(Missing):
        bytes_of(key)


def test_other_organizations_keep_their_files(local_storage, owner, deliver_events):
    other = member_of(uuid7())
    file = uploaded(other, b"it stays")
    organization_erased(owner.organization_id)
    deliver_events()
    assert bytes_of(File.objects.get(id=file.id).storage_key) == b"it stays"
    assert usage(other) == (0, 8)


def test_a_file_forgets_the_erased_account_that_brought_it(local_storage, owner, deliver_events):
    file = uploaded(owner, b"it weaves")
    account_erased(owner.account_id)
    deliver_events()
    row = File.objects.get(id=file.id)
    assert (row.state, row.account_id, row.name) == ("ready", None, "note.txt")
    assert bytes_of(row.storage_key) == b"it weaves"
    assert usage(owner) == (0, 9)
