"""What notifications refuses, and why."""

from __future__ import annotations

from kernel.errors import Forbidden, Malformed, NotFound, Unauthenticated


class NotificationNotFound(NotFound):
    """No such notification in the feed of this person."""

    code = "notifications.notification_not_found"
    title = "There is no such notification"


class PersonRequired(Forbidden):
    """A feed belongs to a person; an API key belongs to an organization and has none."""

    code = "notifications.person_required"
    title = "A feed of notifications belongs to a person"


class StreamTicketInvalid(Unauthenticated):
    """It was used, is too old, or was never given out."""

    code = "notifications.stream_ticket_invalid"
    title = "The ticket doesn't open a stream"


class LastEventIdMalformed(Malformed):
    """What a client says that it was told last is the id of an event."""

    code = "notifications.last_event_id_malformed"
    title = "Last-Event-ID is no id of an event"
