"""Why notifications refuses something about the ways to reach people."""

from __future__ import annotations

from kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated


class UnsubscribeLinkInvalid(NotFound):
    """The link was altered, or what it was in is gone."""

    code = "notifications.unsubscribe_link_invalid"
    title = "This link is not valid"


class MailProviderNotFound(NotFound):
    """No mail is sent through such a provider, or it may not tell of any."""

    code = "notifications.mail_provider_not_found"
    title = "There is no such mail provider"


class MailEventRefused(Unauthenticated):
    """Whoever tells of bounces isn't the provider."""

    code = "notifications.mail_event_refused"
    title = "This was not told by the mail provider"


class NotByStaff(Forbidden):
    """Staff who act as a person don't say where that person is reached."""

    code = "notifications.not_by_staff"
    title = "Only the person may say where they are reached"


class PushSubscriptionNotFound(NotFound):
    """No such subscription of this person."""

    code = "notifications.push_subscription_not_found"
    title = "There is no such push subscription"


class PushSubscriptionLimitReached(Conflict):
    """The person has as many subscriptions as one may."""

    code = "notifications.push_subscription_limit_reached"
    title = "There are as many push subscriptions as there may be"


class PushEndpointRefused(Invalid):
    """The endpoint is not one that is pushed to."""

    code = "notifications.push_endpoint_refused"
    title = "Nothing is pushed to this endpoint"


class PushKeyInvalid(Invalid):
    """A key of the subscription isn't one, or is another installation's."""

    code = "notifications.push_key_invalid"
    title = "This key doesn't fit"


class SmsNotConfigured(Conflict):
    """Nobody sends SMS here."""

    code = "notifications.sms_not_configured"
    title = "No SMS are sent here"


class PhoneNumberNotFound(NotFound):
    """The person has told no number."""

    code = "notifications.phone_number_not_found"
    title = "There is no phone number"


class PhoneCodeInvalid(Invalid):
    """The code is wrong, used, too old, or was tried too often."""

    code = "notifications.phone_code_invalid"
    title = "The code is wrong or too old"


class PhoneCodeTooSoon(TooMany):
    """A code was sent a moment ago."""

    code = "notifications.phone_code_too_soon"
    title = "A code was sent a moment ago"


class ChatEndpointNotFound(NotFound):
    """No such chat endpoint of this organization."""

    code = "notifications.chat_endpoint_not_found"
    title = "There is no such chat endpoint"


class ChatEndpointLimitReached(Conflict):
    """The organization has as many chat endpoints as it may."""

    code = "notifications.chat_endpoint_limit_reached"
    title = "There are as many chat endpoints as there may be"


class ChatEndpointNameTaken(Conflict):
    """Another endpoint of the organization has this name."""

    code = "notifications.chat_endpoint_name_taken"
    title = "Another chat endpoint has this name"


class ChatUrlRefused(Invalid):
    """The URL is not one that is posted to."""

    code = "notifications.chat_url_refused"
    title = "Nothing is posted to this address"
