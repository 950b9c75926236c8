"""Whatever is charged, discounted, taxed and credited: a draft adds up."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.invoicing.drafting import InvoiceDraft, draft
from tests.billing.invoicing import strategies

drafted = st.builds(
    draft,
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    lines=strategies.lines,
    discounts=st.lists(strategies.coupons(), max_size=3),
    taxing=strategies.decisions(),
)


@given(drafted)
def test_parts_sum_to_the_whole(made):
    net, taxes = made.subtotal - made.discount, made.tax
    assert sum(line.net for line in made.lines) == net == sum(tax.base for tax in made.taxes)
    assert sum(line.tax for line in made.lines) == taxes == sum(tax.amount for tax in made.taxes)
    assert made.total == made.subtotal - made.discount + made.tax + made.to_balance


@given(drafted)
def test_nothing_is_negative_but_credits(made):
    assert min(made.total, made.to_balance, made.discount) >= 0
    assert made.total == 0 or made.to_balance == 0
    for line in made.lines:
        assert (line.net < 0) <= (line.reverses is not None)
        assert 0 <= line.discount <= max(line.amount, 0)


@given(drafted)
def test_each_line_adds_up(made):
    for line in made.lines:
        gross = line.net + (line.tax if line.tax_inclusive else 0)
        assert line.amount - line.discount == gross


@given(strategies.lines, strategies.decisions())
def test_no_credit_is_beyond_what_is_left(lines, taxing):
    made = draft(currency="EUR", lines=lines, taxing=taxing)
    for given_, line in zip(lines, made.lines, strict=True):
        if given_.left is not None:
            assert 0 <= -line.net <= given_.left.net.rounded
            assert 0 <= -line.tax <= given_.left.tax.rounded
            assert (line.tax_rate, line.discount) == (given_.left.rate.rate, 0)


@given(drafted)
def test_json_loses_nothing(made):
    assert InvoiceDraft.from_json(json.loads(json.dumps(made.to_json()))) == made
