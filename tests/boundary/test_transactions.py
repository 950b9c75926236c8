"""No domain is called with a transaction open: it would wait for a network some day."""

import pytest

from domains.billing import interface as billing
from kernel.boundary.guard import CalledInsideTransaction
from kernel.db import answer_scope, transaction
from tests.boundary import sample

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("boundary")]

OF_THE_CALLED = {"__name__": "domains.billing.services.planted"}


def ask():
    return billing.get_entitlements(organization_ids=[])


def test_a_call_outside_of_transactions_is_fine():
    assert ask() == []


@pytest.mark.parametrize("alias", ["users", "billing"])
def test_a_call_inside_a_transaction_is_refused(alias):
    with transaction(alias), pytest.raises(CalledInsideTransaction, match=alias):
        ask()
    assert ask() == []


def test_a_call_after_the_final_transaction_of_a_request_is_refused():
    with answer_scope("users"):
        with transaction("users"):
            pass
        with pytest.raises(CalledInsideTransaction):
            ask()
    assert ask() == []


def test_a_call_after_an_intermediate_commit_of_a_request_is_fine():
    with answer_scope("users"):
        with transaction("users", final=False):
            pass
        assert ask() == []


def test_a_domain_may_call_its_own_interface_inside_its_transaction(expose):
    expose(sample.nothing)
    with transaction("billing"):
        exec("call()", OF_THE_CALLED | {"call": expose(sample.nothing)})
