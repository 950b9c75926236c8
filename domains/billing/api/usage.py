"""HTTP in and out: what the current organization used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples_usage as examples
from domains.billing.api.serializers_usage import UsageAnswersOut, UsageIn, UsageOut
from domains.billing.contract.usage import UsagePeriodInvalid, UsageReport
from domains.billing.services.usage import reporting
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import Body, Filter, Listing, TimestampField, caller, operation, parameter

_TOLD = """
At most 1,000 at once. Each event counts once for its `id`, however often it is sent: a batch that
may not have arrived is sent again. What happened in a period that was invoiced meanwhile counts in
the present one; what happened more than 34 days ago isn't taken, nor what is still to happen.
"""
_PERIOD = Listing(
    sort=("meter",),
    filters={
        "from": Filter(TimestampField(), "", "From this time on; the period's start if left out"),
        "until": Filter(TimestampField(), "", "Before this time; the period's end if left out"),
    },
)


class Usage(APIView):
    """What the current organization used."""

    body = Body(max_members=6_000)  # a thousand events

    @operation(
        "getUsage",
        "Show what the current organization used, by meter",
        description="In the current billing period, or in one that is named.",
        response=UsageOut,
        response_example=examples.USAGE_OF_PERIOD,
        problems=(Forbidden, UsagePeriodInvalid),
        query={name: declared.description for name, declared in _PERIOD.filters.items()},
    )
    def get(self, request: Request) -> Response:
        start, end = (parameter(request, name, listing=_PERIOD) for name in _PERIOD.filters)
        found = reporting.get_own_usage(principal=caller(request), start=start, end=end, now=now())
        return Response(UsageOut.render(found))

    @operation(
        "reportUsage",
        "Tell what the current organization used",
        description=_TOLD,
        request=UsageIn,
        response=UsageAnswersOut,
        request_example=examples.USAGE,
        response_example=examples.USAGE_TAKEN,
        problems=(Forbidden,),
    )
    def post(self, request: Request) -> Response:
        told = UsageIn.parse(request)["events"]
        who = caller(request)
        reports = [_report(each, who.organization_id) for each in told]
        verdicts = reporting.report_usage(principal=who, reports=reports, now=now())
        answers = zip(reports, verdicts, strict=True)
        data = [{"id": each.event_id, "verdict": verdict} for each, verdict in answers]
        return Response(UsageAnswersOut.render({"data": data}))


def _report(event: dict[str, Any], organization_id: UUID) -> UsageReport:
    return UsageReport(organization_id=organization_id, event_id=event.pop("id"), **event)
