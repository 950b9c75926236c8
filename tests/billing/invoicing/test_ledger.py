"""The books add up and only grow, whoever writes them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, connections
from django.db.transaction import atomic

from domains.billing.models import LedgerAccount, Posting, PostingGroup
from domains.billing.services.invoicing import ledger
from domains.billing.services.invoicing.booking import Group
from kernel.db import transaction
from kernel.ids import uuid7
from kernel.provisioning import keeper_of
from tests.billing.invoicing.making import NOW, credited, customer, invoice_of

pytestmark = pytest.mark.django_db(databases=["billing"])
committing = pytest.mark.django_db(databases=["billing"], transaction=True)


def group(organization_id=None, *, currency="EUR", **entries) -> Group:
    return Group(
        organization_id=organization_id or uuid7(),
        kind=PostingGroup.Kind.BALANCE,
        reference=str(uuid7()),
        currency=currency,
        entries={LedgerAccount(account): amount for account, amount in entries.items()},
    )


def post(*groups: Group) -> None:
    with transaction("billing"):
        ledger.post(groups=groups, now=NOW)


@committing
def test_a_group_that_does_not_sum_to_zero_is_refused_at_commit():
    with pytest.raises(IntegrityError, match="sum to zero"):
        post(group(cash=10, balance=-10), group(cash=10, balance=-9))
    assert Posting.objects.everywhere().count() == 0


@committing
def test_currencies_are_summed_apart():
    given = group(cash=10, balance=-10)
    post(given)
    row = PostingGroup.objects.within(given.organization_id).get()
    with pytest.raises(IntegrityError, match="sum to zero"), transaction("billing"):
        for currency, amount in (("USD", 5), ("CHF", -5)):
            Posting.objects.create(
                organization_id=row.organization_id,
                group=row,
                account=LedgerAccount.CASH,
                currency=currency,
                amount=amount,
            )


def test_what_moves_nothing_is_not_written():
    post(group(cash=0, balance=0))
    assert PostingGroup.objects.everywhere().count() == 0


def test_the_balance_is_by_organization_and_currency():
    ada, bob = uuid7(), uuid7()
    post(
        group(ada, cash=10, balance=-10),
        group(ada, cash=7, balance=-7, currency="USD"),
        group(bob, cash=5, balance=-5),
        group(bob, balance=5, receivable=-5),
    )
    credit = ledger.balances(organization_ids=[ada, bob])
    assert credit == {(ada, "EUR"): 10, (ada, "USD"): 7}


CHANGES = [
    "UPDATE posting SET amount = amount",
    "DELETE FROM posting",
    "UPDATE posting_group SET reference = 'another'",
    "DELETE FROM posting_group",
]
OWNERS = [
    "TRUNCATE posting, posting_group",
    "ALTER TABLE posting DISABLE TRIGGER ALL",
    "DROP TRIGGER posting_group_sums_to_zero ON posting",
    "DROP TABLE posting",
    "DROP FUNCTION posting_group_sums_to_zero() CASCADE",
]


def run(*statements: str) -> None:
    with atomic("billing"), connections["billing"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize("statement", CHANGES + OWNERS)
def test_the_domain_itself_is_refused(statement):
    post(group(cash=10, balance=-10))
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        run(statement)
    assert Posting.objects.everywhere().count() == 2


@pytest.mark.parametrize("statement", CHANGES)
def test_even_the_keeper_changes_nothing(statement):
    post(group(cash=10, balance=-10))
    keeper = keeper_of(connections["billing"].settings_dict["USER"])
    with pytest.raises(IntegrityError, match="stays in it"):
        run(f'SET LOCAL ROLE "{keeper}"', statement)


ADD_A_LINE = """
    INSERT INTO invoice_line SELECT added.* FROM invoice_line AS line, json_populate_record(
        line, json_build_object('id', gen_random_uuid(), 'position', 9)) AS added
"""
FINAL = [
    "UPDATE invoice SET total = total + 1, tax = tax + 1",
    "UPDATE invoice SET buyer = '{}'",
    "UPDATE invoice SET number = 'INV-0'",
    "UPDATE invoice SET state = 'draft', number = NULL, issued_at = NULL",
    "DELETE FROM invoice",
    "UPDATE invoice_line SET net = 1",
    "UPDATE invoice_line SET description = 'Something else'",
    "DELETE FROM invoice_line",
    ADD_A_LINE,
]


@pytest.mark.parametrize("statement", FINAL)
def test_a_final_invoice_stays_as_it_is(statement):
    invoice_of(customer().organization_id, 1000)
    with pytest.raises(IntegrityError, match=r"is final|no more lines"):
        run(statement)


@pytest.mark.parametrize("table", ["credit_note", "credit_note_line"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET net = net"])
def test_a_credit_note_stays_as_it_is(change, table):
    credited(invoice_of(customer().organization_id, 1000))
    with pytest.raises(IntegrityError, match="is final"):
        run(change.format(table))
