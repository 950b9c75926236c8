"""The world, made once for all tests of a module, and rolled back when they are done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.test import override_settings

from domains.auth.services import keys
from domains.files.services import storage as chosen
from kernel import scope
from tests.isolation import world as worlds
from tests.isolation.effects import Watch, undone


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[worlds.World]:
    """Two organizations that have everything, in transactions that are never committed."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        local = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        }
        storages = {**settings.STORAGES, "files": local}
        stack.enter_context(override_settings(STORAGES=storages, AWS_STORAGE_BUCKET_NAME=""))
        chosen._of.cache_clear()
        stack.callback(chosen._of.cache_clear)
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(undone())
        keys.forget()  # what another module's world signed with is gone
        with scope.use(scope.EVERYWHERE):
            made = worlds.build()
        yield made


@pytest.fixture
def watch(world, db) -> Watch:
    """What sees and takes back what calls write; within the transactions of the test."""
    return Watch()
