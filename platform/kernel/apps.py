from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "kernel"
    label = "kernel"
    verbose_name = "Events and jobs"

    def ready(self) -> None:
        from kernel import checks  # noqa: F401  registers the system checks
