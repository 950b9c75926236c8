"""Files are found within the organizations in context, even by whoever is asked for more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.files import tasks
from domains.files.contract import FileNotFound
from domains.files.models import File
from domains.files.services import catalogue, removal
from kernel import scope
from kernel.ids import uuid7
from kernel.managers import NoOrganizationInContext
from tests.files.conftest import NOW, announce, uploaded

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("local_storage", "nothing_in_context"),
]


@pytest.fixture
def file(owner):
    with scope.use(owner.organization_ids):
        return uploaded(owner, b"hello")


def test_a_call_with_another_organization_in_context_finds_nothing(owner, file):
    with scope.use(scope.of(uuid7())):
        assert list(catalogue.files_of(principal=owner)) == []
        with pytest.raises(FileNotFound):
            catalogue.get_file(principal=owner, file_id=file.id)
        with pytest.raises(FileNotFound):
            removal.delete_file(principal=owner, file_id=file.id, now=NOW)
    with scope.use(owner.organization_ids):
        assert catalogue.get_file(principal=owner, file_id=file.id).id == file.id


def test_a_call_that_passed_no_entry_is_refused(owner, file):
    with pytest.raises(NoOrganizationInContext):
        catalogue.get_file(principal=owner, file_id=file.id)


def test_the_bytes_of_a_file_are_not_purged_for_another_organization(owner, file):
    with scope.use(owner.organization_ids):
        removal.delete_file(principal=owner, file_id=file.id, now=NOW)
    tasks.purge_file(str(uuid7()), str(file.id))
    assert removal.to_purge() == [(owner.organization_id, file.id)]
    tasks.purge_file(str(owner.organization_id), str(file.id))
    assert removal.to_purge() == []


def test_the_sweeps_work_for_everybody(owner, file):
    with scope.use(owner.organization_ids):
        opened = announce(owner, b"never brought")
        removal.delete_file(principal=owner, file_id=file.id, now=NOW)
    tasks.expire_uploads(opened.upload.expires_at + timedelta(seconds=1))
    tasks.purge_files(NOW)
    states = dict(File.objects.everywhere().values_list("id", "state"))
    assert states == {file.id: "deleted", opened.file.id: "expired"}
    assert removal.to_purge() == []
