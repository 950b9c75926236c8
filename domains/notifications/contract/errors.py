"""What notifications refuses, and why."""

from __future__ import annotations

from kernel.errors import Forbidden, NotFound


class NotificationNotFound(NotFound):
    """No such notification in the feed of this person."""

    code = "notifications.notification_not_found"
    title = "There is no such notification"


class PersonRequired(Forbidden):
    """A feed belongs to a person; an API key belongs to an organization and has none."""

    code = "notifications.person_required"
    title = "A feed of notifications belongs to a person"
