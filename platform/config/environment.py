"""Every setting that the environment gives, typed, checked at once and documented by itself.

`NAME_FILE` gives any secret from a file (both set is an error). Outside embedded mode nothing
secret has a default.
"""

from __future__ import annotations

import re
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config import oidc
from config.domains import ALL_DOMAINS
from config.mail import email_settings
from config.secret_files import from_files

SECRET: JsonDict = {"secret": True}
RATE = re.compile(r"([0-9]+)/([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Listed = Annotated[tuple[str, ...], NoDecode]
Days = Annotated[tuple[int, ...], NoDecode]


def parse_rate(text: str) -> tuple[int, int]:
    """Return (quota, window in seconds) of a rate such as "100/m"; raise ValueError otherwise."""
    match = RATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError('write a rate as "100/m": a number above 0, a slash, and s, m, h or d')
    return int(match[1]), SECONDS[match[2]]


def _own_database(domain: str) -> Any:
    text = f"A database of its own for {domain}"
    return Field("", description=text, json_schema_extra=SECRET)


class Environment(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    domains: Listed = Field(
        ALL_DOMAINS, description="The domains that this process serves, by commas, or all"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="The address under which clients reach the API"
    )
    frontend_url: str = Field("", description="Where links in mails lead (default: PUBLIC_URL)")
    debug: bool = Field(default=False, description="Django's debug mode; never in production")
    testing: bool = Field(default=False, description="Set by the test suite: rules are asserted")
    embedded: bool = Field(
        default=False, description="Set by `make run`: servers of its own under .data/"
    )
    data_dir: Path = Field(Path(".data"), description="Where embedded mode keeps its data")
    allowed_hosts: Listed = Field((), description="Host names this process answers to, by commas")
    cors_allowed_origins: Listed = Field(
        (), description="Origins whose pages may call the API, by commas"
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many proxies in front may be believed on X-Forwarded-For"
    )

    database_url: str = Field(
        "",
        description="PostgreSQL 15 or newer, postgresql://owner:password@host:port/name; "
        "each domain uses a role of its own in it",
        json_schema_extra=SECRET,
    )
    database_role_secret: str = Field(
        "",
        description="What the passwords of the domains' roles are derived from",
        json_schema_extra=SECRET,
    )
    database_pool_size: int = Field(
        4, ge=0, description="Pooled connections per domain and process; 0 for no pool (workers)"
    )
    database_pool_timeout: float = Field(3.0, gt=0, description="Seconds to wait for one, then 503")
    auth_database_url: str = _own_database("auth")
    users_database_url: str = _own_database("users")
    billing_database_url: str = _own_database("billing")
    files_database_url: str = _own_database("files")
    notifications_database_url: str = _own_database("notifications")
    redis_url: str = Field("", description="Redis 6.2 or newer", json_schema_extra=SECRET)

    event_batch_size: int = Field(2000, ge=1, description="Events in one job, at most")
    event_job_timeout: int = Field(60, ge=1, description="Seconds that such a job may take")
    event_lease: int = Field(
        150, ge=1, description="Seconds until an unacknowledged event is sent again the first time"
    )
    event_max_attempts: int = Field(10, ge=1, description="After so many failures an event is dead")

    auth_url: str = Field("", description="Where the auth domain is served, if not here")
    users_url: str = Field("", description="Where the users domain is served, if not here")
    billing_url: str = Field("", description="Where the billing domain is served, if not here")
    files_url: str = Field("", description="Where the files domain is served, if not here")
    notifications_url: str = Field("", description="Where notifications is served, if not here")
    boundary_keys: Listed = Field(
        (),
        description="Keys that sign calls between processes, newest first",
        json_schema_extra=SECRET,
    )

    secret_key: str = Field(
        "", description="Signs staff sessions and forms", json_schema_extra=SECRET
    )
    secret_key_fallbacks: Listed = Field(
        (), description="Former SECRET_KEYs", json_schema_extra=SECRET
    )
    field_encryption_keys: Listed = Field(
        (), description="Encrypt secrets at rest, newest first", json_schema_extra=SECRET
    )
    signing_keys: Listed = Field(
        (), description="Sign cursors and file URLs, newest first", json_schema_extra=SECRET
    )
    audit_signing_keys: Listed = Field(
        (),
        description="Sign the audit's daily anchors, newest first; former ones check old anchors",
        json_schema_extra=SECRET,
    )

    email_url: str = Field(
        "",
        description="smtp://user:password@host:port, smtps://, smtp+tls://, or a provider: "
        "brevo://key@, mailersend://, mailgun://key@domain, mailjet://key:secret@, mandrill://, "
        "postmark://token@, resend://, sendgrid://, ses://region, sparkpost:// "
        "(?api_url=… for another address). Several by commas: the next takes what the first "
        "can't. Or file:///folder for an .eml file each, as embedded mode does without it",
        json_schema_extra=SECRET,
    )
    email_rate: str = Field("", description="Mails a provider is given at most, as 100/s")
    email_webhook_secret: str = Field(
        "",
        description="user:password by which mail providers tell of bounces and complaints, at "
        "PUBLIC_URL/api/v1/notifications/mail-events/<provider>; without it nobody may",
        json_schema_extra=SECRET,
    )
    web_push_rate: str = Field("", description="Messages a push service is given at most")
    web_push_key_days: float = Field(
        365, gt=0, description="Days after which browsers subscribe with a new key"
    )
    sms_url: str = Field(
        "",
        description="Who sends SMS: https://user:password@host/path of an API that takes To, From "
        "and Body by POST, or book: to write them down only, as embedded mode does; without it "
        "there are no SMS",
        json_schema_extra=SECRET,
    )
    sms_format: Literal["form", "json"] = Field("form", description="How SMS_URL wants it written")
    sms_from: str = Field("", description="The sender of all SMS: a number, or up to 11 letters")
    sms_rate: str = Field("10/s", description="SMS sent at most")
    chat_rate: str = Field("60/m", description="Messages that a chat endpoint gets at most")
    email_from: str = Field("Tenon <noreply@localhost>", description="The sender of all mail")
    admin_email: str = Field("", description="A member of staff to create at start")
    admin_password: str = Field("", description="…and the password", json_schema_extra=SECRET)

    demo_password: str = Field(
        "",
        description="Seeds the demo accounts with this password; set by `make run`",
        json_schema_extra=SECRET,
    )

    rate_limit_anonymous: str = Field("100/m", description="Requests of one address, not signed in")
    rate_limit_account: str = Field("1000/m", description="Requests of one account")
    product_name: str = Field(
        "Tenon", description="What people know this as; stands in mails and authenticator apps"
    )
    session_idle_days: float = Field(
        14, gt=0, le=365, description="Days after which a session that nobody uses ends"
    )
    session_absolute_days: float = Field(
        90, gt=0, le=365, description="Days after which every session ends"
    )
    signing_key_days: float = Field(
        90, gt=0, description="Days after which access tokens are signed with a new key"
    )
    passkey_domain: str = Field(
        "", description="The domain that passkeys belong to (default: FRONTEND_URL's host)"
    )
    passkey_origins: Listed = Field(
        (), description="Origins whose pages may use passkeys, by commas (default: FRONTEND_URL's)"
    )
    oidc_providers: Listed = Field(
        (), description="OpenID Connect providers to sign in with, by commas, as google,acme"
    )
    oidc_redirect_uris: Listed = Field(
        (),
        description="Where providers may send people back to, exactly "
        "(default: FRONTEND_URL/sign-in/callback)",
    )
    oidc_logout_redirect_uri: str = Field(
        "", description="…and after signing out there (default: FRONTEND_URL)"
    )
    geoip_database: str = Field(
        "", description="A MaxMind DB file (.mmdb) that tells the place of an address"
    )
    breached_passwords_url: str = Field(
        "",
        description="A k-anonymity service of breached passwords, as "
        "https://api.pwnedpasswords.com/range/; without it only the shipped list is asked",
    )
    jwt_issuer: str = Field("", description="`iss` of access tokens (default: PUBLIC_URL)")
    jwt_audience: str = Field("tenon", description="`aud` of access tokens")

    aws_storage_bucket_name: str = Field("", description="Keep files in this bucket of any S3")
    aws_s3_endpoint_url: str = Field("", description="The S3's address, if not AWS")
    aws_access_key_id: str = Field("", description="S3 key", json_schema_extra=SECRET)
    aws_secret_access_key: str = Field("", description="S3 secret", json_schema_extra=SECRET)
    aws_s3_region_name: str = Field("", description="S3 region")

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
    feed_retention_days: int = Field(
        180,
        ge=1,
        description="Days that notifications which were read or archived stay in feeds",
    )
    streams_per_person: int = Field(
        10, ge=1, description="Live streams that one person may have open in one process"
    )
    streams_per_process: int = Field(
        2000, ge=1, description="Live streams that one process holds open, at most"
    )
    stream_heartbeat_seconds: float = Field(
        15.0, gt=0, description="How often a live stream that is quiet says that it lives"
    )
    webhook_log_days: int = Field(
        30, ge=5, description="Days that webhooks are kept, with what was answered to them"
    )
    outbound_http: bool = Field(
        default=False,
        description="Whether webhooks, chat and web push may go to addresses without TLS (http://)",
    )
    outbound_ports: Listed = Field(
        ("443", "8443"),
        description="The ports that webhooks, chat and web push may go to, by commas",
    )
    outbound_networks: Listed = Field(
        (),
        description="Networks that webhooks, chat and web push may go to although they aren't "
        "public, by commas, as 127.0.0.0/8 to try them out; whoever gives an address reaches every "
        "server there",
    )
    outbound_ca_file: Path | None = Field(
        None,
        description="Certificate authorities (PEM) that webhooks, chat and web push trust besides "
        "the public ones",
    )
    sentry_dsn: str = Field("", description="Send errors to Sentry", json_schema_extra=SECRET)
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    metrics_port: int = Field(0, ge=0, le=65535, description="Serves /metrics; 0 for not at all")
    metrics_address: str = Field("127.0.0.1", description="The address /metrics is bound to")

    @field_validator(
        "domains",
        "allowed_hosts",
        "cors_allowed_origins",
        "passkey_origins",
        "oidc_providers",
        "oidc_redirect_uris",
        "boundary_keys",
        "secret_key_fallbacks",
        "field_encryption_keys",
        "signing_keys",
        "audit_signing_keys",
        "dunning_days",
        "outbound_ports",
        "outbound_networks",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("domains")
    @classmethod
    def _known_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value in (("all",), ()):
            return ALL_DOMAINS
        unknown = set(value) - set(ALL_DOMAINS)
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; there are {ALL_DOMAINS}")
        return tuple(domain for domain in ALL_DOMAINS if domain in value)

    @field_validator("dunning_days")
    @classmethod
    def _rising_days(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or value[0] < 1 or list(value) != sorted(set(value)):
            raise ValueError("write days that rise, as 1,3,5,7")
        return value

    @field_validator("outbound_ports")
    @classmethod
    def _ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or any(not port.isdecimal() or not 0 < int(port) < 2**16 for port in value):
            raise ValueError("write ports by their numbers, as 443,8443")
        return value

    @field_validator("outbound_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(text)) for text in value)

    @field_validator("email_rate", "web_push_rate", "sms_rate", "chat_rate")
    @classmethod
    def _rates_if_any(cls, value: str) -> str:
        if value:
            parse_rate(value)
        return value

    @field_validator("email_webhook_secret")
    @classmethod
    def _user_and_password(cls, value: str) -> str:
        user, _, password = value.partition(":")
        if value and not (user and password):
            raise ValueError("write it as user:password")
        return value

    @field_validator("sms_url")
    @classmethod
    def _sms_urls(cls, value: str) -> str:
        if value not in ("", "book:") and not value.startswith(("https://", "http://")):
            raise ValueError("write https://user:password@host/path, or book:")
        return value

    @field_validator("rate_limit_anonymous", "rate_limit_account", "payment_rate")
    @classmethod
    def _rates(cls, value: str) -> str:
        parse_rate(value)
        return value

    @field_validator("auth_url", "users_url", "billing_url", "files_url", "notifications_url")
    @classmethod
    def _domain_urls(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("write it with its scheme: http://host:port or https://host")
        return value

    @field_validator("email_url")
    @classmethod
    def _email_urls(cls, value: str) -> str:
        if value:
            email_settings(value)
        return value

    @field_validator("log_level")
    @classmethod
    def _log_levels(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("one of DEBUG, INFO, WARNING, ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _complete(self) -> Environment:
        needed = ["redis_url", "secret_key", "field_encryption_keys", "signing_keys"]
        needed += ["audit_signing_keys"] if "users" in self.domains else []
        if not self.embedded:
            needed += ["allowed_hosts", *(["email_url"] if "notifications" in self.domains else [])]
        if any(not self.domain_database_url(domain) for domain in self.domains):
            needed += ["database_url", "database_role_secret"]
        if self.remote_domains:
            needed += ["boundary_keys", *(f"{domain}_url" for domain in self.remote_domains)]
        missing = [name.upper() for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"missing: {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _complete_providers(self) -> Environment:
        if "auth" in self.domains:
            oidc.read(self.oidc_providers, loopback=self.embedded or self.testing)
        return self

    @model_validator(mode="after")
    def _complete_sms(self) -> Environment:
        if self.sms_url.startswith("http") and not self.sms_from:
            raise ValueError("missing: SMS_FROM")
        return self

    @model_validator(mode="after")
    def _complete_payments(self) -> Environment:
        if self.payment_provider == "stripe":
            needed = ("stripe_secret_key", "stripe_webhook_secret")
            missing = [name.upper() for name in needed if not getattr(self, name)]
            if missing:
                raise ValueError(f"missing: {', '.join(missing)}")
        if self.stripe_api_base and self.stripe_secret_key.startswith(("sk_live", "rk_live")):
            raise ValueError("STRIPE_API_BASE: a live key is told to nobody but Stripe")
        return self

    @field_validator("oidc_redirect_uris")
    @classmethod
    def _redirect_uris(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not urlsplit(uri).scheme or "#" in uri for uri in value):
            raise ValueError("write whole URIs without fragments")
        return value

    @property
    def remote_domains(self) -> tuple[str, ...]:
        """The domains that other processes serve."""
        return tuple(domain for domain in ALL_DOMAINS if domain not in self.domains)

    def domain_database_url(self, domain: str) -> str:
        """Return the URL of the domain's own database, or "" where it shares DATABASE_URL."""
        url: str = getattr(self, f"{domain}_database_url")
        return url

    def domain_url(self, domain: str) -> str:
        """Return where the domain is served by another process, or ""."""
        url: str = getattr(self, f"{domain}_url")
        return url


def _problems(error: ValidationError) -> dict[str, str]:
    """Return what is wrong by field name; "" holds what concerns several fields."""
    return {
        str(next(iter(item["loc"]), "")): item["msg"].removeprefix("Value error, ")
        for item in error.errors()
    }


def _all_problems(error: ValidationError, given: dict[str, Any]) -> dict[str, str]:
    """Return the bad values and, as if those were left out, what is missing besides them."""
    bad = _problems(error)
    defaults = {name: Environment.model_fields[name].default for name in bad if name}
    try:
        Environment(**{**given, **defaults})
    except ValidationError as rest:
        return bad | _problems(rest)
    return bad


def _refuse(problems: dict[str, str]) -> NoReturn:
    lines = (
        f"  {name.upper()}: {text}" if name else f"  {text}" for name, text in problems.items()
    )
    sys.exit("The environment is not complete:\n" + "\n".join(lines))


def load() -> Environment:
    """Return the settings; end the process with one message that names all that is wrong."""
    given: dict[str, Any] = {}
    try:
        given = from_files(Environment.model_fields)
        return Environment(**given)
    except ValidationError as error:
        _refuse(_all_problems(error, given))
    except (ValueError, OSError) as error:
        _refuse({"": str(error)})


environment = load()
