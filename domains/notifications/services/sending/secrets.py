"""One-time secrets, asked from their owner at the moment of sending and kept nowhere here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from domains.auth import interface as auth
from domains.notifications.services.catalogue.rules import Secret
from domains.notifications.services.rendering.facts import moment
from domains.users import interface as users

MASK = "********"


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A secret in the words of its mail, and those of the copy to keep.

    `address` is where the mail must go; empty where that is known without the secret.
    """

    words: dict[str, Any]
    masked: dict[str, Any]
    address: str = ""


def issue(*, secret: Secret, facts: dict[str, Any]) -> Issued:
    """Return a fresh secret; raise what its owner raises where none is due any more."""
    if secret is Secret.EMAIL_VERIFICATION:
        return _issued(secret, auth.issue_email_verification(account_id=UUID(facts["account_id"])))
    if secret is Secret.INVITATION:
        invitation_id = UUID(facts["invitation_id"])
        return _issued(secret, users.issue_invitation_token(invitation_id=invitation_id))
    return _proof(secret, UUID(facts.get("proof_id") or facts["undo_proof_id"]))


def _issued(secret: Secret, token: str) -> Issued:
    return Issued(words=_words(secret, token), masked=_words(secret, MASK))


def _proof(secret: Secret, proof_id: UUID) -> Issued:
    due = auth.issue_mail_secret(proof_id=proof_id)
    until = {"expires_at": moment(due.expires_at)}
    return Issued(
        words={**_words(secret, due.token), "code": due.code, **until},
        masked={**_words(secret, MASK), "code": MASK, **until},
        address=due.address,
    )


def _words(secret: Secret, token: str) -> dict[str, str]:
    quoted = quote(token, safe="*")
    link = f"{settings.FRONTEND_URL}{secret.value}?token={quoted}"
    return {"token": token, "link": link}
