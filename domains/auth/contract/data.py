"""What auth answers to other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Method(StrEnum):
    """A way to prove who somebody is."""

    PASSWORD = "password"  # noqa: S105  a kind, not a secret
    EMAIL = "email"
    FEDERATED = "federated"
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who can sign in. `email` is as typed."""

    id: UUID
    email: str
    email_verified: bool
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class SessionState:
    """Whether the session's tokens count at this moment. `account_id` is None if none ever was."""

    active: bool
    account_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class VerificationKey:
    """A public key that access tokens may be verified with, as PEM."""

    kid: str
    algorithm: str
    public_key_pem: str


@dataclass(frozen=True, kw_only=True)
class ApiKeyGrant:
    """What a valid API key was given.

    With `account_id` it is a person's, and counts as far as the account still holds it. Without,
    it belongs to the organization, or to its service account `service_account_id`.
    """

    id: UUID
    organization_id: UUID
    account_id: UUID | None
    service_account_id: UUID | None
    permissions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MailSecret:
    """What one mail must carry: where it goes, its one-time token, and a code to type, if any."""

    address: str
    token: str
    code: str
    expires_at: datetime
