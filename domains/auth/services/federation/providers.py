"""The providers that people can sign in with: the one place that knows where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings

from domains.auth.contract.errors import ProviderNotFound, RedirectUriUnknown


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An OpenID Connect provider, and what it knows this product as.

    One with an `organization_id` is that organization's own; those of the environment have none.
    """

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    organization_id: UUID | None = None


def get(name: str) -> Provider:
    """Return the provider; raise `ProviderNotFound`."""
    given = settings.OIDC_PROVIDERS.get(name)
    if given is None:
        raise ProviderNotFound
    return _provider(name, given)


def every() -> list[Provider]:
    """Return the providers that everybody can sign in with."""
    return [_provider(name, given) for name, given in settings.OIDC_PROVIDERS.items()]


def _provider(name: str, given: dict[str, Any]) -> Provider:
    return Provider(
        name=name,
        title=given["name"] or name.capitalize(),
        issuer=given["issuer"],
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        scopes=given["scopes"],
    )


def check_redirect_uri(uri: str) -> None:
    """Raise `RedirectUriUnknown` unless people may be sent back to exactly this URI."""
    if uri not in settings.OIDC_REDIRECT_URIS:
        raise RedirectUriUnknown(pointer="/redirect_uri")


def logout_redirect_uri() -> str:
    """Return where a provider sends people after they signed out there."""
    uri: str = settings.OIDC_LOGOUT_REDIRECT_URI
    return uri


def loopback_allowed() -> bool:
    """Return whether a provider on this machine may be without TLS."""
    allowed: bool = settings.OIDC_LOOPBACK
    return allowed
