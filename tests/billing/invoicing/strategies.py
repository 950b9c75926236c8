"""Lines, coupons and taxes as hypothesis makes them up."""

from __future__ import annotations

from hypothesis import strategies as st

from domains.billing.services.arithmetic import Amount, AmountOff, PercentOff, Taxed, TaxRate
from domains.billing.services.invoicing.drafting import DiscountInput, LineInput
from domains.billing.services.invoicing.taxes import EXEMPT, TaxDecision, TaxDecisions
from kernel.ids import uuid7
from tests.billing.invoicing.making import line

CATEGORIES = ("standard", "reduced", "none")
PRODUCTS = ("pro", "seats", "calls")

fine = st.decimals("0", "1000000", places=12)
rates = st.decimals("0", "0.3", places=4)
tax_rates = st.builds(TaxRate, rate=rates) | st.just(TaxRate(reason=EXEMPT))


# PostgreSQL's text has no NUL, nor halves of surrogates.
words = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=3)


@st.composite
def charges(draw) -> LineInput:
    return line(
        draw(fine),
        product=draw(st.sampled_from(PRODUCTS)),
        tax_category=draw(st.sampled_from(CATEGORIES)),
        tax_inclusive=draw(st.booleans()),
        quantity=draw(st.decimals("0", "1000", places=3)),
        details=draw(st.dictionaries(words, st.integers() | words, max_size=2)),
    )


@st.composite
def credits_(draw) -> LineInput:
    rate, net = draw(tax_rates), draw(st.integers(0, 10**6))
    tax = draw(st.integers(0, 1 + int(net * rate.rate)))
    left = Taxed(rate=rate, net=Amount.of(net), tax=Amount.of(tax))
    return line(-draw(fine), reverses=uuid7(), left=left)


@st.composite
def coupons(draw) -> DiscountInput:
    percent = st.builds(PercentOff, rate=st.decimals("0.0001", "1", places=4))
    amount = st.builds(AmountOff, amount=st.integers(1, 10**6))
    return DiscountInput(
        redemption_id=uuid7(),
        title="Spring",
        coupon=draw(percent | amount),
        products=draw(st.frozensets(st.sampled_from(PRODUCTS))),
    )


@st.composite
def decisions(draw) -> TaxDecisions:
    return TaxDecisions(
        by_category={
            category: TaxDecision(country="DE", rate=draw(tax_rates)) for category in CATEGORIES
        }
    )


lines = st.lists(charges() | credits_(), max_size=6)
