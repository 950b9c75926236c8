"""What an account's owner sees of their own factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domains.auth.contract.data import Method
from domains.auth.models import Totp
from domains.auth.services import factors, people, recovery_codes
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Factors:
    """How the owner can prove who they are."""

    second_factors: tuple[Method, ...]
    strongest: tuple[Method, ...]
    totp_added_at: datetime | None
    recovery_codes_left: int


def get_factors(principal: Principal) -> Factors:
    """Return the caller's factors; raise `SessionRequired`."""
    account = people.account_of(principal)
    totp = Totp.objects.filter(account=account, confirmed_at__isnull=False).first()
    return Factors(
        second_factors=factors.second_factors(account),
        strongest=factors.strongest(account),
        totp_added_at=totp.confirmed_at if totp else None,
        recovery_codes_left=recovery_codes.left(account),
    )
