from django.urls import URLPattern, URLResolver, include, path

from domains.notifications.api import (
    categories,
    chat,
    feed,
    mail_events,
    messages,
    phones,
    preferences,
    push,
    stream,
    templates,
    webhook_deliveries,
    webhook_endpoints,
)

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

_endpoint = [
    path("", webhook_endpoints.EndpointView.as_view()),
    path("/pause", webhook_endpoints.PauseView.as_view()),
    path("/resume", webhook_endpoints.ResumeView.as_view()),
    path("/rotate-secret", webhook_endpoints.RotateView.as_view()),
    path("/ping", webhook_deliveries.PingView.as_view()),
    path("/replay", webhook_deliveries.ReplayManyView.as_view()),
    path("/deliveries", webhook_deliveries.DeliveriesView.as_view()),
]
_webhooks: list[URLPattern | URLResolver] = [
    path("/webhook-event-types", webhook_endpoints.EventTypesView.as_view()),
    path("/webhook-endpoints", webhook_endpoints.EndpointsView.as_view()),
    path("/webhook-endpoints/<uuid:endpoint_id>", include(_endpoint)),
    path("/webhook-deliveries/<uuid:webhook_id>", webhook_deliveries.DeliveryView.as_view()),
    path("/webhook-deliveries/<uuid:webhook_id>/replay", webhook_deliveries.ReplayView.as_view()),
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
    path("notifications", include([*_paths, *_webhooks])),
    path("notifications/templates", include(_templates)),
]
