"""What Django asks about passwords, in forms of staff too; named in AUTH_PASSWORD_VALIDATORS."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from domains.auth.models import Account, Session
from domains.auth.services import factors, guessable
from domains.auth.services.normalization import nfkc
from domains.auth.services.sessions import revoke_sessions
from kernel.clock import now

# SP 800-63B-4, 3.1.1.2: for a password that is the only factor, and for one of several.
SHORTEST_ALONE = 15
SHORTEST_OF_SEVERAL = 8


def is_short(password: str) -> bool:
    """Return whether the password, normalized, is too short without a second factor."""
    return len(password) < SHORTEST_ALONE


class LengthRule:
    """At least 15 characters, or 8 where a second factor is asked for."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise `ValidationError` for a shorter one."""
        shortest = _shortest(user) if is_short(password) else 0
        if len(password) < shortest:
            raise ValidationError(
                f"It must have {shortest} characters or more.", code="password_too_short"
            )

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return f"Your password must have {SHORTEST_ALONE} characters or more."


def _shortest(user: object) -> int:
    """Return the fewest characters that the account's password may have.

    Of staff more is asked, whatever else guards them.
    """
    if not isinstance(user, Account) or user.is_staff:
        return SHORTEST_ALONE
    new = user._state.adding  # noqa: SLF001  Django's own word for it
    return SHORTEST_ALONE if new or not factors.second_factors(user) else SHORTEST_OF_SEVERAL


class MaximumLengthValidator:
    """A bound for what is hashed, far above any passphrase."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length

    def validate(self, password: str, _user: object = None) -> None:
        """Raise `ValidationError` for a longer one."""
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return f"Your password can't be longer than {self.max_length} characters."


class NotCommon:
    """Not one of the commonest passwords, nor made of them."""

    def validate(self, password: str, _user: object = None) -> None:
        """Raise `ValidationError` for a common one."""
        if guessable.is_common(password):
            raise ValidationError(
                "Too many people use this password, or one like it.", code="password_too_common"
            )

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return "Your password can't be a common one, nor made of common ones."


class NotExpected:
    """Not made of words that anybody would try first for this account or this product."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise `ValidationError` for one that is little more than such words."""
        email = user.email if isinstance(user, Account) else ""
        if guessable.is_expected(password, email=email):
            raise ValidationError(
                "It is little more than your address, our name, or a word tried first.",
                code="password_too_expected",
            )

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return "Your password can't be made of your address or the product's name."


class PasswordChanges:
    """What follows a new password that was set in a form of staff."""

    def validate(self, _password: str, _user: object = None) -> None:
        """Accept every password."""

    def password_changed(self, password: str, user: Account) -> None:
        """Write down the change, and sign out whoever knew the old password."""
        changed_at = now()
        Account.objects.filter(id=user.id).update(
            password_changed_at=changed_at, password_is_short=is_short(nfkc(password))
        )
        revoke_sessions(reason=Session.Reason.PASSWORD, now=changed_at, account_id=user.id)

    def get_help_text(self) -> str:
        """Return what happens."""
        return "Changing it ends every session of the account."
