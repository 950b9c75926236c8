"""Pages for people, outside the API: unsubscribing from a category by the link in a mail."""

from django.urls import path

from domains.notifications.api import unsubscribing

urlpatterns = [
    path("notifications/unsubscribe/<str:token>", unsubscribing.Unsubscribe.as_view()),
]
