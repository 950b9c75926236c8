"""A call means the same in one process and between two."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from kernel import context
from kernel.errors import TooMany, ValidationFailed
from tests.boundary import sample

pytestmark = pytest.mark.usefixtures("boundary")


def test_every_type_arrives_as_it_was_sent(expose):
    value = sample.everything()
    assert expose(sample.echo, idempotent=True)(value=value, times=2) == [value, value]


def test_a_default_stays_with_the_function(expose):
    value = sample.everything()
    assert expose(sample.echo)(value=value) == [value]


def test_nothing_is_a_result(expose):
    assert expose(sample.nothing)() is None


def test_a_domains_own_error_arrives_with_all_it_says(expose):
    with pytest.raises(sample.PartMissing) as caught:
        expose(sample.refuse)(kind="own")
    error = caught.value
    assert error.detail == str(error) == f"The part {UUID(int=7)} is missing."
    assert (error.pointer, error.details) == ("/part", {"part_id": str(UUID(int=7))})


def test_an_error_without_a_constructor_of_its_own_arrives(expose):
    with pytest.raises(sample.OutOfStock) as caught:
        expose(sample.refuse)(kind="plain")
    assert (caught.value.detail, caught.value.details) == ("All are sold.", {"left": 0})


def test_an_error_says_when_to_come_back(expose):
    with pytest.raises(TooMany) as caught:
        expose(sample.refuse)(kind="later")
    assert caught.value.retry_after == 17
    assert caught.value.details == {"retry_after": 17}


def test_an_error_of_several_fields_names_them_all(expose):
    with pytest.raises(ValidationFailed) as caught:
        expose(sample.refuse)(kind="many")
    assert [field.pointer for field in caught.value.errors] == ["/a"]


def test_the_context_is_the_same_on_the_other_side(expose):
    def who() -> dict[str, str]:
        """Return the context."""
        seen = context.current()
        return {name: str(value) for name, value in vars(seen).items()}

    mine = context.RequestContext(
        request_id="r-1",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        actor_id=uuid4(),
        organization_id=uuid4(),
        client_address="2001:db8::1",
        user_agent="Bröwser/1.0: (x)",
        actor_kind="api_key",
        on_behalf_of=uuid4(),
        api_key_id=uuid4(),
    )
    with context.use(mine):
        assert expose(who)() == {name: str(value) for name, value in vars(mine).items()}


def test_a_call_without_a_context_has_none_on_the_other_side(expose):
    def actor() -> UUID | None:
        """Return the actor."""
        return context.current().actor_id

    assert expose(actor)() is None


def test_arguments_are_named():
    from domains.billing import interface as billing

    with pytest.raises(TypeError):
        billing.get_entitlements([uuid4()])
    with pytest.raises(TypeError):
        billing.get_entitlements(organizations=[uuid4()])
