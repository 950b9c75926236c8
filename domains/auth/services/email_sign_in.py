"""Signing in with a code or a link from a mail, where the account's owner allows it.

Both are good for the client alone that asked for the mail: it holds the ticket.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domains.auth.contract.data import Method
from domains.auth.contract.errors import TicketInvalid
from domains.auth.contract.events import SignInByEmailRequested
from domains.auth.models import Account, MailProof
from domains.auth.services import decoys, email_tickets, lockout, mail_proofs, sign_in
from domains.auth.services.clients import Client
from domains.auth.services.email_tickets import EmailTicket
from domains.auth.services.normalization import clean_email
from kernel.db import transaction
from kernel.events import publish

LIFETIME = timedelta(minutes=10)


def request_mail(*, email: str, now: datetime) -> str:
    """Have a mail with a code and a link sent, and return the ticket that it is good with.

    Whether the account is there and allows it changes neither the statements nor the time. Raise
    `EmailInvalid`.
    """
    email = clean_email(email)
    account = Account.objects.with_email(email).first()
    real = account is not None and _may_sign_in(account)
    ticket = EmailTicket(email=email)
    with decoys.kept_only_if(real):
        _send(account if account and real else decoys.stand_in(email), ticket, now=now)
    return ticket.sealed()


def _send(account: Account, ticket: EmailTicket, *, now: datetime) -> None:
    """Open the proof of the ticket, the only one of its account that is good from now on."""
    # Of two requests at once the second finds the first one's.
    Account.objects.select_for_update(no_key=True).filter(id=account.id).first()
    MailProof.objects.filter(
        account=account, purpose=MailProof.Purpose.SIGN_IN, used_at=None
    ).update(used_at=now)
    proof = mail_proofs.open_proof(
        account,
        purpose=MailProof.Purpose.SIGN_IN,
        address=account.email,
        lifetime=LIFETIME,
        now=now,
        proof_id=ticket.proof_id,
        ticket_hash=ticket.hash,
    )
    publish(SignInByEmailRequested(account_id=account.id, proof_id=proof.id))


def log_in(
    *, ticket: str, code: str = "", token: str = "", client: Client, now: datetime
) -> sign_in.Outcome:
    """Return the tokens of a new session, or a ticket if a second factor is needed.

    Raise `TicketInvalid`, which doesn't say what was wrong, `SignInLocked` after too many wrong
    ones, though never to whoever shows the right token, and to the owner alone what
    `sign_in.conclude` raises.
    """
    shown = email_tickets.opened(ticket)
    if code:
        lockout.check(email=shown.email, client=client, now=now)
    with transaction("auth"):
        proof = mail_proofs.redeem_with_ticket(
            proof_id=shown.proof_id, ticket_hash=shown.hash, code=code, token=token, now=now
        )
    # Raised out here: the attempt stays counted.
    if proof is None or not _is_meant(proof):
        lockout.failed(email=shown.email, client=client, method=Method.EMAIL, now=now)
        raise TicketInvalid
    return sign_in.conclude(proof.account, proven=(Method.EMAIL,), client=client, now=now)


def _is_meant(proof: MailProof) -> bool:
    """Return whether the owner still allows it, and still reads the mail of that address."""
    return _may_sign_in(proof.account) and proof.address == proof.account.email


def _may_sign_in(account: Account) -> bool:
    return (
        account.email_sign_in
        and account.email_verified_at is not None
        and account.is_active
        and account.erase_at is None
    )
