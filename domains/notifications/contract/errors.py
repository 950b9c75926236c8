"""What notifications refuses, and why."""

from __future__ import annotations

from kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NotificationNotFound(NotFound):
    """No such notification in the feed of this person."""

    code = "notifications.notification_not_found"
    title = "There is no such notification"


class PersonRequired(Forbidden):
    """A feed belongs to a person; an API key belongs to an organization and has none."""

    code = "notifications.person_required"
    title = "A feed of notifications belongs to a person"


class TemplateNotFound(NotFound):
    """No such template of this organization."""

    code = "notifications.template_not_found"
    title = "There is no such template"


class MessageNotFound(NotFound):
    """No such message of this organization."""

    code = "notifications.message_not_found"
    title = "There is no such message"


class RecipientNotFound(NotFound):
    """An account or team that a message names isn't in the organization."""

    code = "notifications.recipient_not_found"
    title = "A recipient isn't in the organization"


class TooManyRecipients(Invalid):
    """A message names more recipients than one call takes, or addresses than a day does."""

    code = "notifications.too_many_recipients"
    title = "There are too many recipients"


class ReferenceTaken(Conflict):
    """The organization sent another message under this reference."""

    code = "notifications.reference_taken"
    title = "Another message has this reference"


class CategoryNotFound(NotFound):
    """No such category of the product or of this organization."""

    code = "notifications.category_not_found"
    title = "There is no such category"


class CategoryKeyTaken(Conflict):
    """The product or the organization has another category of this key."""

    code = "notifications.category_key_taken"
    title = "Another category has this key"


class CategoryLimitReached(Conflict):
    """The organization has as many categories as it may."""

    code = "notifications.category_limit_reached"
    title = "There are as many categories as there may be"


class CategoryMandatory(Conflict):
    """What is told in this category can't be switched off, nor put off."""

    code = "notifications.category_mandatory"
    title = "This category can't be switched off"


class FrequencyUnsupported(Invalid):
    """The feed shows everything as it comes: nothing in it is gathered."""

    code = "notifications.frequency_unsupported"
    title = "The feed gathers nothing"


class CategoryReserved(Conflict):
    """Only the product itself speaks in this category."""

    code = "notifications.category_reserved"
    title = "Only the product speaks in this category"


class MuteNotFound(NotFound):
    """The person has not muted this."""

    code = "notifications.mute_not_found"
    title = "This isn't muted"


class MuteLimitReached(Conflict):
    """The person has muted as many things as one may."""

    code = "notifications.mute_limit_reached"
    title = "There are as many mutes as there may be"
