"""Billing's arithmetic is pure, and what would make it impure is noticed."""

import sys

import pytest

from tests.architecture.copies import ROOT, Tree
from tests.architecture.pure_rules import ARITHMETIC, impurities

PLANTED = {
    "imports django.db": "from django.db import models",
    "imports domains.billing.models": "from domains.billing.models import Subscription",
    "imports domains.billing.services.catalogue": (
        "def price():\n    from domains.billing.services.catalogue import load"
    ),
    "imports ..": "from .. import catalogue",
    "imports kernel.errors": "from kernel.errors import DomainError",
    "imports time": "import time",
    "imports os": "import os",
    "calls now": "moment = datetime.now(UTC)",
    "calls open": "text = open('rates')",
    "has the float 0.2": "RATE = 0.2",
    "calls float": "rate = float('0.2')",
}


def test_arithmetic_computes_only_with_what_is_passed_in():
    assert impurities(ROOT) == []


@pytest.mark.parametrize("finding", PLANTED)
def test_arithmetic_is_refused_where_it(finding, tmp_path):
    Tree(tmp_path).add(f"{ARITHMETIC}/planted.py", PLANTED[finding])
    (problem,) = impurities(tmp_path)
    assert problem.endswith(finding)


def test_arithmetic_runs_without_django():
    name = ARITHMETIC.replace("/", ".")
    program = f"import sys, {name}; sys.exit('django' in sys.modules)"
    outcome = Tree(ROOT).run(sys.executable, "-c", program)
    assert not outcome.refused, outcome.output
