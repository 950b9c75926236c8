"""What ends with everything that an account's present ways in had begun."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.auth.contract.errors import AccountNotFound
from domains.auth.models import Account, FederationFlow, PasskeyChallenge, Session, SignInTicket
from domains.auth.services import mail_proofs
from domains.auth.services.sessions import revoke_sessions


def lock(account_id: UUID) -> Account:
    """Return the account, locked; raise `AccountNotFound`, also if it was erased."""
    rows = Account.objects.select_for_update().filter(id=account_id, erased_at=None)
    account = rows.first()
    if account is None:
        raise AccountNotFound
    return account


def end_everything(
    account: Account, *, reason: Session.Reason, now: datetime, except_id: UUID | None = None
) -> None:
    """End the sessions of the account, which is locked, and whatever is under way to others.

    Mails that undo something stay good. `except_id` is the session that goes on.
    """
    revoke_sessions(reason=reason, now=now, account_id=account.id, except_id=except_id)
    mail_proofs.drop_proofs(account)
    for begun in (SignInTicket, FederationFlow, PasskeyChallenge):
        begun.objects.filter(account=account).delete()
