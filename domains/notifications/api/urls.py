from django.urls import include, path

from domains.notifications.api import feed, templates

_paths = [
    path("", feed.NotificationsView.as_view()),
    path("/unread-count", feed.UnreadCountView.as_view()),
    path("/read-all", feed.ReadAllView.as_view()),
    path("/<uuid:notification_id>/read", feed.ReadView.as_view()),
]

_templates = [
    path("", templates.Templates.as_view()),
    path("/<uuid:template_id>", templates.Template.as_view()),
    path("/<uuid:template_id>/draft", templates.Draft.as_view()),
    path("/<uuid:template_id>/publish", templates.Publication.as_view()),
    path("/<uuid:template_id>/roll-back", templates.Rollback.as_view()),
    path("/<uuid:template_id>/versions", templates.Versions.as_view()),
    path("/<uuid:template_id>/versions/<int:number>", templates.Version.as_view()),
    path("/<uuid:template_id>/versions/<int:number>/preview", templates.Preview.as_view()),
    path("/<uuid:template_id>/versions/<int:number>/test", templates.TestMail.as_view()),
]

urlpatterns = [
    path("notifications", include(_paths)),
    path("notifications/templates", include(_templates)),
]
