"""Who is paid, and how."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from config.environment.fields import SECRET, Days, parse_rate


class BillingSettings(BaseSettings):
    """Payments, dunning, invoices, taxes and usage."""

    payment_provider: Literal["none", "test", "manual", "stripe"] = Field(
        "none",
        description="Who moves money: none (plans with a price can't be bought), manual (bank "
        "transfers that staff record), stripe, or test (nobody does; for trying out). Embedded "
        "mode takes test",
    )
    stripe_secret_key: str = Field(
        "", description="Stripe's secret key, sk_…", json_schema_extra=SECRET
    )
    stripe_webhook_secret: str = Field(
        "", description="Stripe's signing secret of the webhook, whsec_…", json_schema_extra=SECRET
    )
    stripe_api_base: str = Field(
        "", description="Another address than Stripe's own, to try it out; not with a live key"
    )
    payment_rate: str = Field(
        "25/s", description="Payments of invoices asked of the provider, at most"
    )
    dunning_days: Days = Field(
        (1, 3, 5, 7),
        description="Days after a failed payment on which it is tried again, by commas",
    )
    dunning_grace_days: int = Field(
        3, ge=0, le=90, description="Days that a plan stays in force after the last try"
    )
    dunning_end: Literal["cancel", "unpaid", "downgrade"] = Field(
        "cancel",
        description="What then becomes of a subscription: cancel (it ends), unpaid (it stays, "
        "without its plan, until it is paid) or downgrade (to free)",
    )
    invoice_seller_name: str = Field("", description="Who sells (default: PRODUCT_NAME)")
    invoice_seller_address: str = Field(
        "", description="The seller's address on invoices, its lines separated by |"
    )
    invoice_seller_country: str = Field(
        "", description="Where the seller is taxed (ISO 3166-1 alpha-2); without it no tax is added"
    )
    billing_periods: Literal["anniversary", "calendar"] = Field(
        "anniversary",
        description="When billing periods begin: as long after the first as it takes, or with "
        "the calendar's weeks, months and years",
    )
    invoice_seller_vat_id: str = Field("", description="The seller's VAT id, with its prefix")
    usage_retention_days: int = Field(
        400, ge=35, description="Days that single events of usage are kept; their sums stay"
    )
    tax_service: str = Field(
        "",
        description="Who decides about taxes: the address of a service (docs/PROVIDERS.md); "
        "without one the rates that are shipped",
    )
    tax_service_token: str = Field(
        "", description="What the tax service knows us by", json_schema_extra=SECRET
    )
    invoice_numbers: Literal["issuer", "organization"] = Field(
        "issuer", description="Whether invoices are numbered by the seller's year or by customer"
    )
    invoice_prefix: str = Field(
        "INV", pattern=r"^[A-Z0-9]{1,6}$", description="How numbers of invoices begin"
    )
    credit_note_prefix: str = Field(
        "CN", pattern=r"^[A-Z0-9]{1,6}$", description="How numbers of credit notes begin"
    )

    @field_validator("payment_rate")
    @classmethod
    def _payment_rates(cls, value: str) -> str:
        parse_rate(value)
        return value

    @field_validator("dunning_days")
    @classmethod
    def _rising_days(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or value[0] < 1 or list(value) != sorted(set(value)):
            raise ValueError("write days that rise, as 1,3,5,7")
        return value

    @model_validator(mode="after")
    def _complete_payments(self) -> BillingSettings:
        if self.payment_provider == "stripe":
            needed = ("stripe_secret_key", "stripe_webhook_secret")
            missing = [name.upper() for name in needed if not getattr(self, name)]
            if missing:
                raise ValueError(f"missing: {', '.join(missing)}")
        if self.stripe_api_base and self.stripe_secret_key.startswith(("sk_live", "rk_live")):
            raise ValueError("STRIPE_API_BASE: a live key is told to nobody but Stripe")
        return self
