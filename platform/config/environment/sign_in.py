"""How people sign in."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from config.environment.fields import Listed


class SignInSettings(BaseSettings):
    """Sessions, passkeys, and other providers."""

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

    @field_validator("oidc_redirect_uris")
    @classmethod
    def _redirect_uris(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not urlsplit(uri).scheme or "#" in uri for uri in value):
            raise ValueError("write whole URIs without fragments")
        return value
