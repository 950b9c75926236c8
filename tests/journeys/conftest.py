"""The product, started once for all journeys that fit it."""

from __future__ import annotations

import os

import pytest

from config.domains import ALL_DOMAINS
from tests.journeys.stack import groups, one_group

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def together(tmp_path_factory):
    directory = tmp_path_factory.mktemp("together")
    with one_group(name=f"together_{WORKER}", directory=directory) as tenon:
        yield tenon


@pytest.fixture(scope="session")
def split(tmp_path_factory):
    directory = tmp_path_factory.mktemp("split")
    alone = [(domain,) for domain in ALL_DOMAINS]
    with groups(*alone, name=f"split_{WORKER}", directory=directory) as tenon:
        yield tenon


@pytest.fixture(
    params=[
        pytest.param("together", id="as one group", marks=pytest.mark.xdist_group("together")),
        pytest.param(
            "split",
            id="as five groups",
            marks=[pytest.mark.nginx, pytest.mark.xdist_group("split")],
        ),
    ]
)
def tenon(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def database_of_users(tenon):
    """The owner's URL of the database that holds the schema `users`."""
    return tenon.databases["users"]
