"""The settings that EMAIL_URL stands for: one way out for mail or several, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "kernel.mail.EmlFileBackend"
SECONDS = 10
# RFC 8314: submission with implicit TLS is 465, with STARTTLS 587.
SCHEMES: dict[str, tuple[int, dict[str, bool]]] = {
    "smtp": (25, {}),
    "smtps": (465, {"EMAIL_USE_SSL": True}),
    "smtp+ssl": (465, {"EMAIL_USE_SSL": True}),
    "smtp+tls": (587, {"EMAIL_USE_TLS": True}),
}
# A list goes on where an address of its own begins: passwords may hold commas.
_BETWEEN = re.compile(r"[\s,]+(?=[a-z][a-z0-9+]*://)")
_SMTP_OPTIONS = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_SSL": "use_ssl",
    "EMAIL_USE_TLS": "use_tls",
}


@dataclass(frozen=True, kw_only=True)
class Api:
    """How a provider's URL is read: what user, password and host are for django-anymail."""

    user: str
    password: str = ""
    host: str = ""
    module: str = ""


# anymail's own names of its options.
APIS: dict[str, Api] = {
    "brevo": Api(user="api_key"),
    "mailersend": Api(user="api_token"),
    "mailgun": Api(user="api_key", host="sender_domain"),
    "mailjet": Api(user="api_key", password="secret_key"),  # noqa: S106  a name
    "mandrill": Api(user="api_key"),
    "postmark": Api(user="server_token"),
    "resend": Api(user="api_key"),
    "sendgrid": Api(user="api_key"),
    "ses": Api(
        user="aws_access_key_id",
        password="aws_secret_access_key",  # noqa: S106  a name
        host="region_name",
        module="amazon_ses",
    ),
    "sparkpost": Api(user="api_key"),
}
API_OPTIONS = frozenset({"api_url", "message_stream", "webhook_signing_key"})


def email_settings(urls: str) -> dict[str, Any]:
    """Return Django's EMAIL_* and anymail's settings for the URLs, by commas or spaces.

    EMAIL_PROVIDERS has all of them in their order; the first is what Django's own settings say.
    Raises ValueError where one can't be used.
    """
    parts = [urlsplit(url) for url in _BETWEEN.split(urls.strip())]
    first, *others = parts
    if first.scheme == "file" and others:
        raise ValueError("a folder takes all mail: it stands alone")
    providers = [_first(first), *(_provider(each) for each in others)]
    if len({each["name"] for each in providers}) < len(providers):
        raise ValueError("each of several must have another name, or host")
    return {
        **_django(first),
        "EMAIL_PROVIDERS": tuple(providers),
        "ANYMAIL": {"REQUESTS_TIMEOUT": SECONDS, **_webhooks(parts)},
    }


def names_of(urls: str) -> str:
    """Return what the ways out are called, without any secret of theirs."""
    return ", ".join(each["name"] for each in email_settings(urls)["EMAIL_PROVIDERS"])


def _django(parts: SplitResult) -> dict[str, Any]:
    if parts.scheme == "file":
        return _folder(parts)
    if parts.scheme in APIS:
        return {"EMAIL_BACKEND": _module(parts)}
    if parts.scheme not in SCHEMES or not parts.hostname:
        known = (*(f"{s}://host:port" for s in SCHEMES), *(f"{s}://key@" for s in APIS))
        raise ValueError(f"write it as one of {', '.join(known)}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("it has nothing after host and port")
    port, security = SCHEMES[parts.scheme]
    return {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or port,
        **_credentials(parts),
        **security,
    }


def _first(parts: SplitResult) -> dict[str, Any]:
    """Return it without a backend, which Django's settings name."""
    options = _api_options(parts) if parts.scheme in APIS else {}
    return {"name": _name(parts), "options": options}


def _provider(parts: SplitResult) -> dict[str, Any]:
    if parts.scheme in APIS:
        options = _api_options(parts)
        return {"name": _name(parts), "backend": _module(parts), "options": options}
    if parts.scheme == "file":
        raise ValueError("a folder takes all mail: it stands alone")
    settings = _django(parts)
    options = {_SMTP_OPTIONS[key]: settings[key] for key in settings if key in _SMTP_OPTIONS}
    return {"name": _name(parts), "backend": SMTP, "options": {**options, "timeout": SECONDS}}


def _name(parts: SplitResult) -> str:
    """Return what traces call it: a provider's name, a server's host."""
    if parts.scheme in APIS or parts.scheme == "file":
        return parts.scheme
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname}{port}"[-40:]


def _module(parts: SplitResult) -> str:
    module = APIS[parts.scheme].module or parts.scheme
    return f"anymail.backends.{module}.EmailBackend"


def _api_options(parts: SplitResult) -> dict[str, Any]:
    api = APIS[parts.scheme]
    if parts.path.strip("/") or parts.fragment or parts.port:
        raise ValueError("it has nothing after its host but ?option=value")
    extra = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    if unknown := set(extra) - API_OPTIONS:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; there are {sorted(API_OPTIONS)}")
    said = {
        api.user: unquote(parts.username or ""),
        api.password: unquote(parts.password or ""),
        api.host: parts.hostname or "",
    }
    said.pop("", None)
    if parts.scheme == "ses":
        return {"client_params": {name: value for name, value in said.items() if value}}
    if missing := [name for name, value in said.items() if not value]:
        raise ValueError(f"{parts.scheme} needs its {' and '.join(missing)}")
    return {**said, **extra}


def _webhooks(parts: list[SplitResult]) -> dict[str, str]:
    """Return what anymail's webhooks check besides EMAIL_WEBHOOK_SECRET."""
    return {
        f"{each.scheme.upper()}_{name.upper()}": value
        for each in parts
        if each.scheme in APIS and each.scheme != "ses"
        for name, value in _api_options(each).items()
        if name in ("webhook_signing_key", "api_key")
    }


def _folder(parts: SplitResult) -> dict[str, Any]:
    if parts.netloc or len(parts.path) <= 1:
        raise ValueError("write a folder as file:///absolute/path")
    return {"EMAIL_BACKEND": FILES, "EMAIL_FILE_PATH": Path(unquote(parts.path))}


def _credentials(parts: SplitResult) -> dict[str, str]:
    return {
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
    }
