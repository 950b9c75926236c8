"""HTTP in and out: what the current organization may use."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples_usage as examples
from domains.billing.api.serializers_usage import CheckIn, ConsumeIn, EntitlementsOut, FeatureOut
from domains.billing.contract.entitlements import (
    EntitlementExceeded,
    EntitlementKeyReused,
    FeatureNotCounted,
)
from domains.billing.services.entitlements import own
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import caller, operation, single


class Entitlements(APIView):
    """What the current organization is allowed."""

    @operation(
        "getEntitlements",
        "Show what the current organization's plan allows",
        description="With its add-ons and grants, and how much of each feature is used.",
        response=EntitlementsOut,
        response_example=examples.ENTITLEMENTS,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        allowed = own.get_own_entitlements(principal=caller(request), now=now())
        return single(request, EntitlementsOut.render(allowed))


class Check(APIView):
    """A question that changes nothing."""

    @operation(
        "checkEntitlement",
        "Ask whether so much more of a feature may be used",
        description="The answer holds for now: to be sure of it, consume.",
        request=CheckIn,
        response=FeatureOut,
        request_example=examples.CHECK,
        response_example=examples.FEATURE,
        problems=(Forbidden,),
    )
    def post(self, request: Request) -> Response:
        values = CheckIn.parse(request)
        found = own.check_own(principal=caller(request), **values, now=now())
        return Response(FeatureOut.render(found))


class Consume(APIView):
    """A use that counts."""

    @operation(
        "consumeEntitlement",
        "Use up so much of a feature, once for each key",
        description="The plan's own is used first, then what was granted by priority, expiry and "
        "age. Past a hard limit nothing is used; past a soft one it is, and is told of.",
        request=ConsumeIn,
        response=FeatureOut,
        request_example=examples.CONSUME,
        response_example=examples.FEATURE,
        problems=(Forbidden, EntitlementExceeded, EntitlementKeyReused, FeatureNotCounted),
    )
    def post(self, request: Request) -> Response:
        values = ConsumeIn.parse(request)
        found = own.consume_own(principal=caller(request), **values, now=now())
        return Response(FeatureOut.render(found))
