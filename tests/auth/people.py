"""Callers in a session, and the tokens of their mails."""

from __future__ import annotations

from domains.auth.models import MailProof, Session
from domains.auth.services import login, mail_proofs
from kernel.ids import uuid7
from kernel.principal import Principal
from tests.auth.conftest import CLIENT, PASSWORD


def enter(account, clock, password=PASSWORD):
    return login.log_in(client=CLIENT, email=account.email, password=password, now=clock.now)


def sign_in(account, clock, password=PASSWORD) -> Principal:
    """Return the account's owner in a new session."""
    known = set(Session.objects.values_list("id", flat=True))
    enter(account, clock, password)
    session = Session.objects.exclude(id__in=known).get()
    return Principal(
        kind="account",
        account_id=account.id,
        session_id=session.id,
        organization_id=uuid7(),
        memberships={},
    )


def mailed(purpose, clock, **which) -> str:
    """Return the token of a mail about the newest open proof of the purpose."""
    proofs = MailProof.objects.filter(purpose=purpose, used_at=None, **which)
    proof = proofs.latest("created_at", "id")
    return mail_proofs.issue_secret(proof_id=proof.id, now=clock.now).token
