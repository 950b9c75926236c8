"""HTTP in and out: the caller."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples
from domains.users.api.serializers_me import MeOut, ProfileIn
from domains.users.contract.errors import TooManyPreferences
from domains.users.services import me
from kernel.clock import now
from kernel.errors import PreconditionFailed
from kernel.rest import caller, if_match, operation, single


class Me(APIView):
    """The caller."""

    @operation(
        "getMe",
        "Show who is signed in, and everything they belong to",
        response=MeOut,
        response_example=examples.ME,
        problems=(auth.SessionRequired,),
    )
    def get(self, request: Request) -> Response:
        found = me.get_me(principal=caller(request), now=now())
        return single(request, MeOut.render(found), tag=found.tag)

    @operation(
        "updateMe",
        "Change one's own profile and preferences",
        request=ProfileIn,
        response=MeOut,
        request_example=examples.PROFILE,
        response_example=examples.ME,
        problems=(auth.SessionRequired, PreconditionFailed, TooManyPreferences),
    )
    def patch(self, request: Request) -> Response:
        changed = me.update_me(
            principal=caller(request),
            wanted=ProfileIn.parse(request, partial=True),
            expected=if_match(request),
            now=now(),
        )
        return single(request, MeOut.render(changed), tag=changed.tag)
