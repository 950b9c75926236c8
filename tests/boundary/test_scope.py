"""Behind an interface nobody has said an organization yet, here as in another process."""

import pytest

from kernel import scope
from kernel.ids import uuid7

pytestmark = pytest.mark.django_db(databases="__all__")


def seen() -> str:
    """Return what is in context there."""
    return str(scope.current())


@pytest.mark.usefixtures("boundary")
@pytest.mark.parametrize("here", [scope.EVERYWHERE, scope.of(uuid7()), None])
def test_a_call_begins_without_organizations_in_context(expose, here):
    call = expose(seen)
    with scope.use(here):
        assert call() == "None"
        assert scope.current() == here
