from django.urls import include, path

from domains.notifications.api import (
    categories,
    chat,
    feed,
    mail_events,
    messages,
    phones,
    preferences,
    push,
)

_paths = [
    path("", feed.NotificationsView.as_view()),
    path("/unread-count", feed.UnreadCountView.as_view()),
    path("/read-all", feed.ReadAllView.as_view()),
    path("/<uuid:notification_id>/read", feed.ReadView.as_view()),
    path("/push-key", push.PushKeyView.as_view()),
    path("/push-subscriptions", push.PushSubscriptionsView.as_view()),
    path("/push-subscriptions/<uuid:subscription_id>", push.PushSubscriptionView.as_view()),
    path("/phone-number", phones.PhoneNumberView.as_view()),
    path("/phone-number/confirm", phones.PhoneConfirmationView.as_view()),
    path("/chat-endpoints", chat.ChatEndpointsView.as_view()),
    path("/chat-endpoints/<uuid:endpoint_id>", chat.ChatEndpointView.as_view()),
    path("/mail-events/<slug:provider>", mail_events.MailEventsView.as_view()),
    path("/messages", messages.Messages.as_view()),
    path("/messages/<uuid:message_id>", messages.OneMessage.as_view()),
    path("/messages/<uuid:message_id>/trace", messages.Trace.as_view()),
    path("/categories", categories.Categories.as_view()),
    path("/categories/<slug:key>", categories.OneCategory.as_view()),
    path("/categories/<slug:key>/throttle", categories.Throttle.as_view()),
    path("/preferences", preferences.Preferences.as_view()),
    path("/preference-defaults", preferences.Defaults.as_view()),
    path("/mutes", preferences.Mutes.as_view()),
    path("/mutes/<uuid:subject_id>", preferences.OneMute.as_view()),
]

urlpatterns = [path("notifications", include(_paths))]
