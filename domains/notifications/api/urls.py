from django.urls import include, path

from domains.notifications.api import feed, stream

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
]

urlpatterns = [path("notifications", include(_paths))]
