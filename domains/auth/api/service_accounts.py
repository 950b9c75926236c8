from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples_machines as examples
from domains.auth.api.serializers_machines import (
    NewServiceAccountSerializer,
    ServiceAccountSerializer,
)
from domains.auth.contract.errors import (
    PermissionNotGrantable,
    ServiceAccountNotFound,
    SessionRequired,
)
from domains.auth.services import service_accounts
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import Listing, caller, operation, paginate, single

LISTING = Listing()


class ServiceAccountsView(APIView):
    step_up = frozenset({"POST"})

    @operation(
        "listServiceAccounts",
        "List the organization's service accounts",
        response=ServiceAccountSerializer,
        listing=LISTING,
        problems=(Forbidden,),
        response_example=examples.SERVICE_ACCOUNT,
    )
    def get(self, request: Request) -> Response:
        rows = service_accounts.list_service_accounts(caller(request))
        shown = paginate(request, rows, listing=LISTING, represent=ServiceAccountSerializer)
        return Response(shown)

    @operation(
        "createServiceAccount",
        "Create a service account of the organization",
        description="It belongs to the organization and outlives whoever created it.",
        request=NewServiceAccountSerializer,
        response=ServiceAccountSerializer,
        status=201,
        problems=(Forbidden, SessionRequired, PermissionNotGrantable),
        request_example=examples.NEW_SERVICE_ACCOUNT,
        response_example=examples.SERVICE_ACCOUNT,
    )
    def post(self, request: Request) -> Response:
        values = NewServiceAccountSerializer.parse(request)
        made = service_accounts.create_service_account(caller(request), **values, now=now())
        return Response(ServiceAccountSerializer.render(made), status=201)


class ServiceAccountView(APIView):
    @operation(
        "getServiceAccount",
        "One service account",
        response=ServiceAccountSerializer,
        problems=(Forbidden, ServiceAccountNotFound),
        response_example=examples.SERVICE_ACCOUNT,
    )
    def get(self, request: Request, service_account_id: UUID) -> Response:
        found = service_accounts.get_service_account(
            caller(request), service_account_id=service_account_id
        )
        return single(request, ServiceAccountSerializer.render(found))

    @operation(
        "disableServiceAccount",
        "Disable a service account and revoke its API keys, for good",
        status=204,
        problems=(Forbidden, SessionRequired, ServiceAccountNotFound),
    )
    def delete(self, request: Request, service_account_id: UUID) -> Response:
        service_accounts.disable_service_account(
            caller(request), service_account_id=service_account_id, now=now()
        )
        return Response(status=204)
