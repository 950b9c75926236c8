from django.apps import AppConfig


class AuthConfig(AppConfig):
    name = "domains.auth"
    label = "domains_auth"
    verbose_name = "Accounts and sign-in"
