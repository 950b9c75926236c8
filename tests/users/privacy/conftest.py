"""What the tests of people's own data share: a place for archives, and clients in sessions."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.storage import storages

from domains.users.models import PersonExport
from gateway import credentials
from tests.client import Api
from tests.users.people import PASSWORD, Person, person


@pytest.fixture(autouse=True)
def _new_verifier():
    """The keys are made anew in every test, so nothing of the last one's may be remembered."""
    credentials.verifier.cache_clear()


@pytest.fixture
def records(settings, tmp_path):
    """Keep records in a folder of this test; return it."""
    folder = tmp_path / "records"
    folder.mkdir()
    kept = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder},
    }
    settings.STORAGES = {**settings.STORAGES, "records": kept}
    forget_storages()
    yield folder
    forget_storages()


def forget_storages() -> None:
    """Have the settings read anew."""
    storages._storages = {}
    storages.__dict__.pop("backends", None)


def kept_in(folder) -> list[str]:
    """Return the archives that lie there, beside whatever else is kept."""
    archives = (folder / "people").rglob("*")
    return sorted(str(path.relative_to(folder)) for path in archives if path.is_file())


@pytest.fixture
def ada(records) -> Person:
    return person("ada")


def signed_in(someone: Person) -> Api:
    answer = Api().post("auth/login", {"email": someone.email, "password": PASSWORD})
    return Api().as_(token=answer.json()["access_token"])


@pytest.fixture
def me(ada) -> Api:
    return signed_in(ada)


def newest() -> PersonExport:
    return PersonExport.objects.order_by("-id")[0]


def path_of(url: str) -> str:
    """Return the path and query of a link to this API."""
    return "/" + url.split("/", 3)[3]


def unpacked(content: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content)


def problem(answer, status: int, code: str):
    document = json.loads(b"".join(answer) if answer.streaming else answer.content)
    assert (answer.status_code, document["code"]) == (status, code)
    return document
