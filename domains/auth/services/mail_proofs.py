"""What whoever reads the mail of an address may do once, with a secret that a mail carries.

The proof is opened with the change that it belongs to, and its id travels in the event. Secrets
are made when mails are rendered: one for each rendering, all good until the proof is used.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from domains.auth.contract.data import MailSecret
from domains.auth.contract.errors import MailTokenInvalid
from domains.auth.models import Account, MailProof, MailProofSecret
from kernel.context import prove
from kernel.crypto import decrypt, encrypt, equal, hash_secret, new_secret
from kernel.db import transaction
from kernel.ids import uuid7

CODE_DIGITS = 8
MOST_ATTEMPTS = 5

Purpose = MailProof.Purpose
# A thief who holds the account must not be able to take these from its owner.
UNDOING = (Purpose.EMAIL_CHANGE_UNDO, Purpose.CLOSING_UNDO)


def open_proof(
    account: Account,
    *,
    purpose: MailProof.Purpose,
    address: str,
    lifetime: timedelta,
    now: datetime,
    proof_id: UUID | None = None,
    ticket_hash: str = "",
    spent: bool = False,
) -> MailProof:
    """Return a new proof that mail to the address can carry. Runs in the caller's transaction.

    A `spent` one is good for nothing: it is the same work where nothing may be proven.
    """
    return MailProof.objects.create(
        id=proof_id or uuid7(),
        account=account,
        purpose=purpose,
        address=address,
        ticket_hash=ticket_hash,
        created_at=now,
        expires_at=now + lifetime,
        used_at=now if spent else None,
    )


def issue_secret(*, proof_id: UUID, now: datetime) -> MailSecret:
    """Return a fresh secret for one mail; raise `MailTokenInvalid` if the proof is past use."""
    token = new_secret()
    with transaction("auth"):
        open_ = MailProof.objects.filter(used_at=None, expires_at__gt=now, account__erased_at=None)
        proof = open_.select_for_update(of=("self",)).filter(id=proof_id).first()
        if proof is None:
            raise MailTokenInvalid
        code = _new_code() if proof.purpose == Purpose.SIGN_IN else ""
        MailProofSecret.objects.create(
            proof=proof,
            token_hash=hash_secret(token),
            code_encrypted=encrypt(code) if code else "",
            created_at=now,
        )
    return MailSecret(address=proof.address, token=token, code=code, expires_at=proof.expires_at)


def redeem(*, token: str, purpose: MailProof.Purpose, now: datetime) -> MailProof:
    """Return the token's proof, used from now on, with its account locked.

    Runs in the caller's transaction. Raise `MailTokenInvalid` for a token that is unknown, for
    something else, used or too old.
    """
    token_hash = hash_secret(token)
    owner = Account.objects.filter(mail_proofs__secrets__token_hash=token_hash, erased_at=None)
    # One lock for all proofs of the account. Only what is read under it tells whether one is used.
    account = owner.select_for_update(of=("self",)).first()
    unused = MailProof.objects.filter(purpose=purpose, used_at=None, expires_at__gt=now)
    proof = unused.filter(account=account, secrets__token_hash=token_hash).first()
    if account is None or proof is None:
        raise MailTokenInvalid(pointer="/token")
    proof.account, proof.used_at = account, now
    proof.save(update_fields=["used_at"])
    prove(account.id)
    return proof


def redeem_with_ticket(
    *, proof_id: UUID, ticket_hash: str, code: str, token: str, now: datetime
) -> MailProof | None:
    """Return the ticket's proof, used from now on, with its account locked; None if nothing fits.

    Runs in the caller's transaction. Every try counts, and only the first five can be right. The
    statements are the same for every ticket.
    """
    owner = Account.objects.filter(mail_proofs=proof_id, erased_at=None)
    # Tries at once wait here for one another: only what is read now tells how many there were.
    account = owner.select_for_update(of=("self",), no_key=True).first()
    live = MailProof.objects.filter(
        id=proof_id,
        ticket_hash=ticket_hash,
        purpose=Purpose.SIGN_IN,
        used_at=None,
        expires_at__gt=now,
        attempts__lt=MOST_ATTEMPTS,
    )
    mailed = MailProofSecret.objects.filter(proof__in=live).select_related("proof")
    fitting = [secret.proof for secret in mailed if _fits(secret, code=code, token=token)]
    right = account is not None and bool(fitting)
    live.update(attempts=F("attempts") + 1, used_at=now if right else None)
    if account is None or not fitting:
        return None
    fitting[0].account = account
    return fitting[0]


def _fits(secret: MailProofSecret, *, code: str, token: str) -> bool:
    """Return whether either is from the secret's mail, in constant time."""
    coded = bool(secret.code_encrypted) and equal(decrypt(secret.code_encrypted), code)
    return equal(secret.token_hash, hash_secret(token)) or coded


def drop_proofs(account: Account) -> None:
    """Have no mail that is under way do anything to the account, which is locked, but undo."""
    account.mail_proofs.filter(used_at=None).exclude(purpose__in=UNDOING).delete()


def _new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
