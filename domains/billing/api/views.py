"""Billing over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples
from domains.billing.api.serializers import PlansOut
from domains.billing.services import catalogue
from kernel.rest import Public, operation, single


class Plans(APIView):
    permission_classes = [Public]

    @operation(
        "listPlans",
        "List the plans that can be subscribed to",
        response=PlansOut,
        response_example=examples.PLANS,
    )
    def get(self, request: Request) -> Response:
        plans = catalogue.get_plans()
        return single(request, PlansOut.render({"data": plans, "next_cursor": None}))
