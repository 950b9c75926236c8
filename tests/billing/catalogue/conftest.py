from __future__ import annotations

from typing import Any

import pytest

from domains.billing.models import Coupon
from tests.billing.conftest import NOW


@pytest.fixture
def coupon():
    """Make a coupon of 25 %, once, unless said otherwise."""

    def make(code: str = "QUARTER", **other: Any) -> Coupon:
        values = {"title": "A quarter", "percent": 25, "duration": "once", "created_at": NOW}
        if "amounts" in other:
            values["percent"] = None
        return Coupon.objects.create(code=code, **{**values, **other})

    return make
