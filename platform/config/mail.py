"""The settings that EMAIL_URL stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "kernel.mail.EmlFileBackend"
# RFC 8314: submission with implicit TLS is 465, with STARTTLS 587.
SCHEMES: dict[str, tuple[int, dict[str, bool]]] = {
    "smtp": (25, {}),
    "smtps": (465, {"EMAIL_USE_SSL": True}),
    "smtp+ssl": (465, {"EMAIL_USE_SSL": True}),
    "smtp+tls": (587, {"EMAIL_USE_TLS": True}),
}


def email_settings(url: str) -> dict[str, Any]:
    """Return Django's EMAIL_* settings for the URL; raise ValueError where it can't be used."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _folder(parts)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(f"write it as one of {', '.join(f'{s}://host:port' for s in SCHEMES)}")
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


def _folder(parts: SplitResult) -> dict[str, Any]:
    if parts.netloc or len(parts.path) <= 1:
        raise ValueError("write a folder as file:///absolute/path")
    return {"EMAIL_BACKEND": FILES, "EMAIL_FILE_PATH": Path(unquote(parts.path))}


def _credentials(parts: SplitResult) -> dict[str, str]:
    return {
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
    }
