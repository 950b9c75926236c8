import pytest

from kernel.boundary import operations, pool
from tests.boundary import sample


@pytest.fixture
def expose():
    """Expose functions for the length of the test."""
    before = dict(operations.registry)
    yield sample.expose
    sample.withdraw(before)


@pytest.fixture(autouse=True)
def _own_connections():
    """Leave no connection of this test to the next one."""
    yield
    if pool._pool is not None:
        pool._pool.close()
    pool._forget_pool()
