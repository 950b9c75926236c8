"""WebAuthn level 2 as far as it needs no database: what is asked, and whether answers fit.

The library checks type, challenge, origin, relying party, presence, verification and signature.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import webauthn
from django.conf import settings
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from domains.auth.models import Account, Passkey
from domains.auth.services.passkey_challenges import LIFETIME

TIMEOUT = int(LIFETIME.total_seconds() * 1000)
# WebAuthn level 2, 4: "credential ID".
LONGEST_ID = 1023
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


def creation_options(
    account: Account, *, challenge: bytes, known: Iterable[Passkey]
) -> dict[str, Any]:
    """Return the argument of `navigator.credentials.create` in its JSON form."""
    options = webauthn.generate_registration_options(
        rp_id=settings.PASSKEY_DOMAIN,
        rp_name=settings.PRODUCT_NAME,
        user_id=account.id.bytes,
        user_name=account.email,
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in known],
    )
    return options_to_json_dict(options)


def request_options(*, challenge: bytes, allowed: Iterable[Passkey]) -> dict[str, Any]:
    """Return the argument of `navigator.credentials.get`; any passkey of ours without `allowed`."""
    options = webauthn.generate_authentication_options(
        rp_id=settings.PASSKEY_DOMAIN,
        challenge=challenge,
        timeout=TIMEOUT,
        allow_credentials=[_descriptor(passkey) for passkey in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.transports]
    return PublicKeyCredentialDescriptor(id=bytes(passkey.credential_id), transports=transports)


def challenge_of(credential: dict[str, Any]) -> bytes | None:
    """Return the challenge that the answer says it is to; None if it can't be one to us.

    A page of ours inside somebody else's page is none of ours (level 2, 5.8.1 `crossOrigin`).
    """
    try:
        said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return None if said.get("crossOrigin") else base64url_to_bytes(said["challenge"])
    except Exception:  # noqa: BLE001  whatever a hostile answer trips over, it is refused
        return None


def id_of(credential: dict[str, Any]) -> bytes | None:
    """Return the id of the passkey that the answer says it is by."""
    return _bytes(credential.get("rawId"))


def user_handle_of(credential: dict[str, Any]) -> bytes | None:
    """Return the id of the account that the passkey was made for, as the passkey has kept it."""
    response = credential.get("response")
    return _bytes(response.get("userHandle")) if isinstance(response, dict) else None


def _bytes(text: Any) -> bytes | None:
    try:
        return base64url_to_bytes(text) if isinstance(text, str) else None
    except ValueError:
        return None


def transports_of(credential: dict[str, Any]) -> list[str]:
    """Return those of the ways to reach the authenticator that level 2 knows."""
    said = credential["response"].get("transports")
    return sorted(TRANSPORTS.intersection(map(str, said))) if isinstance(said, list) else []


def verify_creation(credential: dict[str, Any], *, challenge: bytes) -> VerifiedRegistration | None:
    """Return what the new passkey says of itself, or None if the answer doesn't fit."""
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEY_DOMAIN,
            expected_origin=settings.PASSKEY_ORIGINS,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  the library raises many kinds for what isn't well formed
        return None
    return made if len(made.credential_id) <= LONGEST_ID else None


def verify_request(
    credential: dict[str, Any], *, challenge: bytes, public_key: bytes
) -> VerifiedAuthentication | None:
    """Return what the passkey says beside its signature, or None if the answer doesn't fit.

    The library would look at the counter before the signature, so that anybody could have a
    passkey suspected: it is told of no count, and the caller compares.
    """
    try:
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEY_DOMAIN,
            expected_origin=settings.PASSKEY_ORIGINS,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  the library raises many kinds for what isn't well formed
        return None
