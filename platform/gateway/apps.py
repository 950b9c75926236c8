from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """The single entry of the product."""

    name = "gateway"
    label = "gateway"

    def ready(self) -> None:
        """Have what the gateway remembers of requests cleared away."""
        from gateway.cleanup import register

        register()
