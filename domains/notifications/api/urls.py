from django.urls import include, path

from domains.notifications.api import views

_paths = [
    path("", views.NotificationsView.as_view()),
    path("/unread-count", views.UnreadCountView.as_view()),
    path("/read-all", views.ReadAllView.as_view()),
    path("/<uuid:notification_id>/read", views.ReadView.as_view()),
]

urlpatterns = [path("notifications", include(_paths))]
