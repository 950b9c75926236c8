from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig

from kernel import names


class ConfigConfig(AppConfig):
    """Introduces every domain's interface, served here or not, to the kernel's registries.

    And says who knows what people and organizations are called.
    """

    name = "config"
    label = "config"

    def ready(self) -> None:
        for domain in settings.ALL_DOMAINS:
            import_module(f"domains.{domain}.interface")
        asked = import_module("config.names")
        names.ask(people=asked.name_of, organizations=asked.organization_name_of)


class StaffConfig(AdminConfig):
    """Django's admin, laid out by domain."""

    default = False
    default_site = "config.staff.StaffSite"
