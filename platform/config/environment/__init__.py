"""Every setting that the environment gives, typed, checked at once and documented by itself.

`NAME_FILE` gives any secret from a file (both set is an error). Outside embedded mode nothing
secret has a default.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from config import oidc
from config.domains import ALL_DOMAINS
from config.environment.billing import BillingSettings
from config.environment.fields import SECRET, Listed, parse_rate
from config.environment.notifications import NotificationSettings
from config.environment.sign_in import SignInSettings
from config.secret_files import from_files

__all__ = ["Environment", "environment", "load", "parse_rate"]


def _own_database(domain: str) -> Any:
    text = f"A database of its own for {domain}"
    return Field("", description=text, json_schema_extra=SECRET)


class Environment(SignInSettings, BillingSettings, NotificationSettings):
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

    aws_storage_bucket_name: str = Field("", description="Keep files in this bucket of any S3")
    aws_s3_endpoint_url: str = Field("", description="The S3's address, if not AWS")
    aws_access_key_id: str = Field("", description="S3 key", json_schema_extra=SECRET)
    aws_secret_access_key: str = Field("", description="S3 secret", json_schema_extra=SECRET)
    aws_s3_region_name: str = Field("", description="S3 region")

    sentry_dsn: str = Field("", description="Send errors to Sentry", json_schema_extra=SECRET)
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    metrics_port: int = Field(0, ge=0, le=65535, description="Serves /metrics; 0 for not at all")
    metrics_address: str = Field("127.0.0.1", description="The address /metrics is bound to")

    @field_validator("domains")
    @classmethod
    def _known_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value in (("all",), ()):
            return ALL_DOMAINS
        unknown = set(value) - set(ALL_DOMAINS)
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; there are {ALL_DOMAINS}")
        return tuple(domain for domain in ALL_DOMAINS if domain in value)

    @field_validator("rate_limit_anonymous", "rate_limit_account")
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
