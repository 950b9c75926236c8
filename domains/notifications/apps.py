from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "domains.notifications"
    label = "domains_notifications"
    verbose_name = "Notifications"
