"""Another password, chosen by somebody who knows the present one."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.data import Method
from domains.auth.contract.errors import PasswordWrong
from domains.auth.contract.events import PasswordChanged
from domains.auth.models import Session
from domains.auth.services import endings, lockout, passwords, people
from domains.auth.services.clients import Client
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

NEW = "/new_password"


def change(
    principal: Principal,
    *,
    current_password: str,
    new_password: str,
    client: Client,
    now: datetime,
) -> None:
    """Give the caller's account the new password, and end all its sessions but the caller's.

    A wrong present password counts as a failed sign-in. An account without one gets its first by
    a reset. Raise `SessionRequired`, `SignInLocked`, `PasswordWrong`, `ValidationFailed` or
    `HashingBusy`.
    """
    account = people.account_of(principal)
    lockout.check(email=account.email, client=client, now=now)
    if not passwords.is_right(password=current_password, stored=account.password):
        lockout.failed(email=account.email, client=client, method=Method.PASSWORD, now=now)
        raise PasswordWrong(pointer="/current_password")
    passwords.check_new_password(password=new_password, account=account, pointer=NEW)
    encoded = passwords.hash_password(new_password)
    with transaction("auth"):
        locked = people.lock_account_of(principal)
        if locked.password != account.password:  # somebody else was faster
            raise PasswordWrong(pointer="/current_password")
        passwords.store(locked, password=new_password, encoded=encoded, now=now, pointer=NEW)
        endings.end_everything(
            locked, reason=Session.Reason.PASSWORD, now=now, except_id=principal.session_id
        )
        publish(PasswordChanged(account_id=locked.id, by_reset=False))
