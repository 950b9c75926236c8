"""Billing over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples_catalogue
from domains.billing.api.serializers_catalogue import PlansOut
from domains.billing.services import catalogue
from kernel.rest import Public, operation, single

_PLANS = """
`data` are the plans. Each has a price for every interval that it is sold at, and may have others
for seats and for what is used; all of an interval are charged together. `price` is what the plan
itself costs for its shortest interval, in the currency of who has none yet; `terms` are by
currency.
"""


class Plans(APIView):
    permission_classes = [Public]

    @operation(
        "listPlans",
        "List the plans that can be subscribed to, and what can be added to them",
        description=_PLANS,
        response=PlansOut,
        response_example=examples_catalogue.PLANS,
    )
    def get(self, request: Request) -> Response:
        sold = catalogue.get_catalogue()
        shown = {"data": sold.plans, "add_ons": sold.add_ons, "next_cursor": None}
        return single(request, PlansOut.render(shown))
