"""A POST to where a customer or a browser said, in the words of attempts."""

from __future__ import annotations

from collections.abc import Mapping

from domains.notifications.models import Failure
from domains.notifications.services.channels import http_answers
from domains.notifications.services.channels.port import AttemptFailed, DestinationGone
from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import Refused, Uncertain, Unreachable

GONE = frozenset({404, 410})
LONGEST_SAID = 200


def post(*, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send it; raise `AttemptFailed`, or `DestinationGone` where the far side says that it is."""
    try:
        answer = client.post(url=url, body=body, headers=headers)
    except Refused as error:
        raise AttemptFailed(Failure.PERMANENT, str(error)) from error
    except Unreachable as error:
        raise AttemptFailed(Failure.UNREACHABLE, str(error)) from error
    except Uncertain as error:
        raise AttemptFailed(Failure.UNCERTAIN, str(error)) from error
    if 200 <= answer.status < 300:  # noqa: PLR2004  RFC 9110, 15.3
        return
    said = answer.body[:LONGEST_SAID].decode("utf-8", "replace")
    if answer.status in GONE:
        raise DestinationGone(f"{answer.status} {said}")
    failure, wait = http_answers.meaning(answer.status, answer.headers)
    raise AttemptFailed(failure, f"{answer.status} {said}", wait=wait)
