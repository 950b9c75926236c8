"""The OpenID Connect providers that OIDC_PROVIDERS names, each by settings of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.secret_files import from_files

SECRET: JsonDict = {"secret": True}
NAME = re.compile(r"[a-z][a-z0-9]{0,29}")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OidcProvider(BaseSettings):
    """What OIDC_<NAME>_… says of one provider."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    issuer: str = Field(description="Its issuer, written as its discovery document writes it")
    client_id: str = Field(description="What it knows this product as")
    client_secret: str = Field(description="…and its proof", json_schema_extra=SECRET)
    name: str = Field("", description="What people know the provider as (default: its name here)")
    scopes: str = Field("openid email", description="What is asked of it, by spaces")


def read(names: Iterable[str], *, loopback: bool) -> dict[str, OidcProvider]:
    """Return the providers by name; raise ValueError that says all that is wrong.

    With `loopback`, one on this machine may be without TLS.
    """
    found: dict[str, OidcProvider] = {}
    problems: list[str] = []
    for name in names:
        try:
            found[name] = _read(name, loopback=loopback)
        except ValueError as error:
            problems.append(str(error))
    if len({provider.issuer for provider in found.values()}) < len(found):
        problems.append("OIDC_PROVIDERS: two have the same issuer")
    if problems:
        raise ValueError("; ".join(problems))
    return found


def _read(name: str, *, loopback: bool) -> OidcProvider:
    if not NAME.fullmatch(name):
        raise ValueError(f"OIDC_PROVIDERS: {name!r} is not a name of small letters and digits")
    prefix = f"OIDC_{name.upper()}_"
    given = from_files(OidcProvider.model_fields, prefix=prefix)
    try:
        provider = OidcProvider(_env_prefix=prefix, **given)
    except ValidationError as error:
        wrong = (f"{prefix}{str(item['loc'][-1]).upper()}" for item in error.errors())
        raise ValueError(f"missing: {', '.join(wrong)}") from None
    if not is_issuer(provider.issuer, loopback=loopback):
        raise ValueError(f"{prefix}ISSUER: write an https:// URL without query and fragment")
    if "openid" not in provider.scopes.split():
        raise ValueError(f"{prefix}SCOPES: openid must be among them")
    return provider


def is_issuer(url: str, *, loopback: bool) -> bool:
    """Return whether the URL can be an issuer's (OpenID Connect Discovery 1.0, 3)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    safe = parts.scheme == "https" or (
        loopback and parts.scheme == "http" and parts.hostname in LOOPBACK
    )
    return safe and bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
