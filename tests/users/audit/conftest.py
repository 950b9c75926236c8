from __future__ import annotations

import pytest
from django.core.files.storage import storages


@pytest.fixture(autouse=True)
def records(settings, tmp_path):
    """Keep anchors and exports in a folder of the test's own."""
    kept = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path},
    }
    settings.STORAGES = {**settings.STORAGES, "records": kept}
    _forget_storages()
    yield tmp_path
    _forget_storages()


def _forget_storages():
    storages._storages = {}
    storages.__dict__.pop("backends", None)
