from django.urls import include, path

from domains.notifications.api import categories, feed, messages, preferences

_paths = [
    path("", feed.NotificationsView.as_view()),
    path("/unread-count", feed.UnreadCountView.as_view()),
    path("/read-all", feed.ReadAllView.as_view()),
    path("/<uuid:notification_id>/read", feed.ReadView.as_view()),
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
