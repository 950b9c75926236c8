from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "domains.billing"
    label = "domains_billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from domains.billing.services.catalogue import source

        source.parse(
            source.shipped()
        )  # a catalogue that can't be read stops the start, not the first customer
