"""What providers say of themselves (OpenID Connect Discovery 1.0), and the keys they sign with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from domains.auth.services.federation.memory import Memory
from domains.auth.services.federation.providers import Provider
from domains.auth.services.federation.transport import get_json, is_safe, refuse

WELL_KNOWN = "/.well-known/openid-configuration"
# Asymmetric alone: with HS256 whoever knows the client's secret could sign, and "none" is nobody.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
# An unknown key has the keys fetched anew, but anybody can name an unknown key.
KEYS_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What is used of a provider's discovery document."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    algorithms: tuple[str, ...]
    secret_in_body: bool
    names_issuer: bool


def metadata(provider: Provider, *, now: datetime) -> Metadata:
    """Return what the provider says of itself; raise `ProviderUnavailable`."""
    return _documents.get(provider.issuer, now=now)


def keys(provider: Provider, *, now: datetime, anew: bool = False) -> KeySet:
    """Return the keys that the provider signs with; `anew` if the known ones do not fit.

    Raise `ProviderUnavailable`.
    """
    uri = metadata(provider, now=now).jwks_uri
    return _keys.get(uri, now=now, fresh=KEYS_PAUSE) if anew else _keys.get(uri, now=now)


def forget() -> None:
    """Have everything fetched anew."""
    _documents.forget()
    _keys.forget()


def _fetch_document(issuer: str) -> Metadata:
    document = get_json(issuer.rstrip("/") + WELL_KNOWN)
    if document.get("issuer") != issuer:
        refuse("names another issuer")
    said = document.get("id_token_signing_alg_values_supported", ["RS256"])
    algorithms = tuple(algorithm for algorithm in ALGORITHMS if algorithm in said)
    if not algorithms:
        refuse("signs with no algorithm that is trusted")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        authorization_endpoint=_endpoint(document, "authorization_endpoint"),
        token_endpoint=_endpoint(document, "token_endpoint"),
        jwks_uri=_endpoint(document, "jwks_uri"),
        userinfo_endpoint=_endpoint(document, "userinfo_endpoint", needed=False),
        end_session_endpoint=_endpoint(document, "end_session_endpoint", needed=False),
        algorithms=algorithms,
        secret_in_body="client_secret_basic" not in methods and "client_secret_post" in methods,
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: dict[str, Any], name: str, *, needed: bool = True) -> str:
    url = document.get(name)
    if url is None and not needed:
        return ""
    if not isinstance(url, str) or not is_safe(url):
        refuse(f"has no usable {name}")
    return url


def _fetch_keys(uri: str) -> KeySet:
    listed = get_json(uri).get("keys")
    found = [_key(item) for item in listed] if isinstance(listed, list) else []
    return KeySet([key for key in found if key is not None])


def _key(item: Any) -> Key | None:
    """Return the public key, or None for one of a kind that nothing here is verified with."""
    if not isinstance(item, dict) or item.get("kty") not in KEY_TYPES:
        return None
    try:
        return JWKRegistry.import_key(item)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


_documents = Memory(_fetch_document)
_keys = Memory(_fetch_keys)
