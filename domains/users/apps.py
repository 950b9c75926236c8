from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "domains.users"
    label = "domains_users"
    verbose_name = "Users"
