"""HTTP in and out: what people, and organizations for them, want to be told, and when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_messages as examples
from domains.notifications.api.serializers_preferences import (
    DefaultsIn,
    DefaultsOut,
    MuteOut,
    PreferencesIn,
    PreferencesOut,
    from_rhythm,
    to_rhythm,
)
from domains.notifications.contract.errors import (
    CategoryMandatory,
    CategoryNotFound,
    FrequencyUnsupported,
    MuteLimitReached,
    MuteNotFound,
    PersonRequired,
)
from domains.notifications.services.deciding import mutes, preferences
from domains.notifications.services.deciding.preferences import Choice, Wishes
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import Listing, caller, operation, paginate

_LISTING = Listing()
_REFUSED = (CategoryNotFound, CategoryMandatory, FrequencyUnsupported)


class Preferences(APIView):
    """What the person wants, in the current organization."""

    @operation(
        "getNotificationPreferences",
        "Show what I am told, by category and channel, and when",
        description="What the product tells is one's own everywhere; the categories of an "
        "organization's own are shown in it.",
        response=PreferencesOut,
        response_example=examples.PREFERENCES,
        problems=(PersonRequired,),
    )
    def get(self, request: Request) -> Response:
        return Response(_wishes(preferences.get_preferences(principal=caller(request))))

    @operation(
        "setNotificationPreferences",
        "Say what I am told, by category and channel, and when",
        description="It replaces all that was said: of what is left out, what the organization "
        "says holds. What is mandatory can be neither switched off nor gathered.",
        request=PreferencesIn,
        response=PreferencesOut,
        request_example=examples.PREFERENCES_IN,
        response_example=examples.PREFERENCES,
        problems=(PersonRequired, *_REFUSED),
    )
    def put(self, request: Request) -> Response:
        said = PreferencesIn.parse(request)
        wishes = preferences.put_preferences(
            principal=caller(request),
            choices=_choices(said),
            rhythm=to_rhythm(said["quiet_hours"], said["digest"]),
            now=now(),
        )
        return Response(_wishes(wishes))


class Defaults(APIView):
    """What the current organization's members are told unless they say."""

    @operation(
        "getNotificationDefaults",
        "Show what members are told unless they say",
        response=DefaultsOut,
        response_example={"preferences": [{**examples.CHOSEN, "said_by": "organization"}]},
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        held = preferences.get_defaults(principal=caller(request))
        return Response(DefaultsOut.render({"preferences": held}))

    @operation(
        "setNotificationDefaults",
        "Say what members are told unless they say",
        description="It replaces all that was said, and holds for what is told of it.",
        request=DefaultsIn,
        response=DefaultsOut,
        request_example={"preferences": [examples.CHOICE]},
        response_example={"preferences": [{**examples.CHOSEN, "said_by": "organization"}]},
        problems=(Forbidden, *_REFUSED),
    )
    def put(self, request: Request) -> Response:
        said = DefaultsIn.parse(request)
        held = preferences.put_defaults(principal=caller(request), choices=_choices(said))
        return Response(DefaultsOut.render({"preferences": held}))


class Mutes(APIView):
    """What the person has muted."""

    @operation(
        "listMutes",
        "List what I have muted, newest first",
        response=MuteOut,
        listing=_LISTING,
        response_example=examples.MUTE,
        problems=(PersonRequired,),
    )
    def get(self, request: Request) -> Response:
        rows = mutes.list_mutes(principal=caller(request))
        return Response(paginate(request, rows, listing=_LISTING, represent=MuteOut))


class OneMute(APIView):
    """Whether the person has muted a thing."""

    @operation(
        "mute",
        "Hear no more of a thing, such as a file",
        description="By its id; what is mandatory is told all the same. Repeatable.",
        response=MuteOut,
        response_example=examples.MUTE,
        problems=(PersonRequired, MuteLimitReached),
    )
    def put(self, request: Request, subject_id: UUID) -> Response:
        muted = mutes.mute(principal=caller(request), subject_id=subject_id, now=now())
        return Response(MuteOut.render(muted))

    @operation(
        "unmute",
        "Hear of a thing again",
        status=204,
        problems=(PersonRequired, MuteNotFound),
    )
    def delete(self, request: Request, subject_id: UUID) -> Response:
        mutes.unmute(principal=caller(request), subject_id=subject_id)
        return Response(status=204)


def _choices(said: dict[str, Any]) -> list[Choice]:
    return [Choice(**each) for each in said["preferences"]]


def _wishes(wishes: Wishes) -> dict[str, Any]:
    return PreferencesOut.render({"preferences": wishes.preferences, **from_rhythm(wishes.rhythm)})
