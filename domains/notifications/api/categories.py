"""HTTP in and out: the categories of an organization."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_messages as examples
from domains.notifications.api.serializers_preferences import (
    CategoriesOut,
    CategoryChangesIn,
    CategoryIn,
    CategoryOut,
    ThrottleIn,
)
from domains.notifications.contract.errors import (
    CategoryKeyTaken,
    CategoryLimitReached,
    CategoryNotFound,
    CategoryReserved,
)
from domains.notifications.services.deciding import categories
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import caller, operation


class Categories(APIView):
    """The categories that there are in the current organization."""

    @operation(
        "listCategories",
        "List the categories of notifications",
        description="The product's, which are the same everywhere, and the organization's own.",
        response=CategoriesOut,
        response_example={"data": [examples.CATEGORY], "next_cursor": None},
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        shown = categories.list_categories(principal=caller(request))
        return Response(CategoriesOut.render({"data": shown, "next_cursor": None}))

    @operation(
        "createCategory",
        "Make a category of notifications",
        request=CategoryIn,
        response=CategoryOut,
        status=201,
        request_example={"key": "deploys", "name": "Deployments"},
        response_example={**examples.CATEGORY, "most": None, "period": None},
        problems=(Forbidden, CategoryKeyTaken, CategoryLimitReached),
    )
    def post(self, request: Request) -> Response:
        made = categories.create_category(
            principal=caller(request), **CategoryIn.parse(request), now=now()
        )
        return Response(CategoryOut.render(made), status=201)


class OneCategory(APIView):
    """One category of the organization's own."""

    @operation(
        "updateCategory",
        "Call a category otherwise",
        request=CategoryChangesIn,
        response=CategoryOut,
        request_example={"name": "Deployments"},
        response_example=examples.CATEGORY,
        problems=(Forbidden, CategoryNotFound, CategoryReserved),
    )
    def patch(self, request: Request, key: str) -> Response:
        changed = categories.update_category(
            principal=caller(request),
            key=key,
            changes=CategoryChangesIn.parse(request, partial=True),
        )
        return Response(CategoryOut.render(changed))

    @operation(
        "deleteCategory",
        "Delete a category",
        description="What was said of it, by people too, goes with it.",
        status=204,
        problems=(Forbidden, CategoryNotFound, CategoryReserved),
    )
    def delete(self, request: Request, key: str) -> Response:
        categories.delete_category(principal=caller(request), key=key)
        return Response(status=204)


class Throttle(APIView):
    """How many of a category reach one recipient."""

    @operation(
        "setThrottle",
        "Bound how many of a category reach a recipient by one channel",
        description="What is critical, or mandatory, is sent all the same.",
        request=ThrottleIn,
        response=CategoryOut,
        request_example={"most": 5, "period": 3600},
        response_example=examples.CATEGORY,
        problems=(Forbidden, CategoryNotFound),
    )
    def put(self, request: Request, key: str) -> Response:
        changed = categories.put_throttle(
            principal=caller(request), key=key, **ThrottleIn.parse(request)
        )
        return Response(CategoryOut.render(changed))

    @operation(
        "removeThrottle",
        "Let as many of a category reach people as are sent",
        status=204,
        problems=(Forbidden, CategoryNotFound),
    )
    def delete(self, request: Request, key: str) -> Response:
        categories.delete_throttle(principal=caller(request), key=key)
        return Response(status=204)
