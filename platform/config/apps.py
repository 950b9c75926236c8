from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    """Introduces every domain's interface, served here or not, to the kernel's registries."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        for domain in settings.ALL_DOMAINS:
            import_module(f"domains.{domain}.interface")


class StaffConfig(AdminConfig):
    """Django's admin, laid out by domain."""

    default = False
    default_site = "config.staff.StaffSite"
