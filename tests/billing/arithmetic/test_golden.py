import pytest

from tests.billing.arithmetic.golden import cases, outcome


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case['id']}: {case['source']}") for case in cases()]
)
def test_the_modules_agree_with_the_worked_example(case):
    result = outcome(case["kind"], case["given"])
    assert {name: result[name] for name in case["expected"]} == case["expected"]
