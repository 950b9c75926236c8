"""The name of an account's owner, which auth doesn't keep: whoever does is asked."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError

from domains.auth.models import Account
from domains.auth.services import guessable
from domains.auth.services.normalization import nfkc
from kernel import names
from kernel.errors import Unavailable

log = logging.getLogger(__name__)


def refuse_own_name(password: str, *, account: Account) -> None:
    """Raise `ValidationError` if the password is little more than its owner's name.

    Somebody who registers has none yet. While it can't be asked for, every password passes:
    nobody is kept from a new one by another process's outage. Not to be called in a transaction.
    """
    new = account._state.adding  # noqa: SLF001  Django's own word for it
    name = "" if new else _name_of(account)
    if name and guessable.is_expected(nfkc(password), email=account.email, name=name):
        raise ValidationError("It is little more than your name.", code="password_too_expected")


def _name_of(account: Account) -> str:
    try:
        return names.name_of(account.id)
    except Unavailable:
        log.warning("The names of people can't be asked for.")
        return ""
