"""What notifications refuses, and why."""

from __future__ import annotations

from kernel.errors import Conflict, Forbidden, Invalid, NotFound, ValidationFailed


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


class TemplateVersionNotFound(NotFound):
    """No such version of the template, or none published."""

    code = "notifications.template_version_not_found"
    title = "There is no such version of the template"


class TemplateKeyTaken(Conflict):
    """The organization has another template of this key."""

    code = "notifications.template_key_taken"
    title = "Another template has this key"


class TemplateLimitReached(Conflict):
    """The organization has as many templates as it may."""

    code = "notifications.template_limit_reached"
    title = "There are as many templates as there may be"


class DraftExists(Conflict):
    """A template has one draft at most: change that, or publish it first."""

    code = "notifications.draft_exists"
    title = "The template has a draft already"


class NoDraft(Conflict):
    """The template has no draft to change or publish."""

    code = "notifications.no_draft"
    title = "The template has no draft"


class VersionNeverPublished(Conflict):
    """Only what was published before can be rolled back to."""

    code = "notifications.version_never_published"
    title = "This version can not be rolled back to"


class TemplateFaulty(ValidationFailed):
    """The draft can't be published; `errors` say where (channel, locale, part, line) and why."""

    code = "notifications.template_faulty"
    title = "The template has faults"


class TemplateValuesInvalid(ValidationFailed):
    """The values don't fit what the template declares; `errors` say which."""

    code = "notifications.template_values_invalid"
    title = "The values do not fit the template"


class TemplateNotRendered(Invalid):
    """The template could not be filled within its limits."""

    code = "notifications.template_not_rendered"
    title = "The template could not be rendered"
