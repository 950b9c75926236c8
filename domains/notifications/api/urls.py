from django.urls import include, path

from domains.notifications.api import chat, feed, mail_events, phones, push, stream

_paths = [
    path("", feed.NotificationsView.as_view()),
    path("/counts", feed.CountsView.as_view()),
    path("/unread-count", feed.UnreadCountView.as_view()),
    path("/read-all", feed.ReadAllView.as_view()),
    path("/seen", feed.SeenView.as_view()),
    path("/stream", stream.StreamView.as_view()),
    path("/stream-ticket", stream.StreamTicketView.as_view()),
    path("/<uuid:notification_id>", feed.NotificationView.as_view()),
    path("/<uuid:notification_id>/read", feed.ReadView.as_view()),
    path("/<uuid:notification_id>/archive", feed.ArchiveView.as_view()),
    path("/push-key", push.PushKeyView.as_view()),
    path("/push-subscriptions", push.PushSubscriptionsView.as_view()),
    path("/push-subscriptions/<uuid:subscription_id>", push.PushSubscriptionView.as_view()),
    path("/phone-number", phones.PhoneNumberView.as_view()),
    path("/phone-number/confirm", phones.PhoneConfirmationView.as_view()),
    path("/chat-endpoints", chat.ChatEndpointsView.as_view()),
    path("/chat-endpoints/<uuid:endpoint_id>", chat.ChatEndpointView.as_view()),
    path("/mail-events/<slug:provider>", mail_events.MailEventsView.as_view()),
]

urlpatterns = [path("notifications", include(_paths))]
