"""People in sessions, as services see them, and what they hold."""

from __future__ import annotations

from domains.auth.models import Account, Session
from domains.auth.services import totp
from kernel.ids import uuid7
from kernel.principal import Principal


def person(account: Account, session: Session | None = None) -> Principal:
    """Return the account's owner in that session, or in the last one of the account."""
    session = session or Session.objects.filter(account=account).latest("created_at", "id")
    organization_id = uuid7()
    return Principal(
        kind="account",
        account_id=account.id,
        session_id=session.id,
        organization_id=organization_id,
        memberships={organization_id: frozenset()},
    )


class App:
    """An authenticator app that was set up for the account's owner."""

    def __init__(self, principal: Principal, clock) -> None:
        self.clock = clock
        self.secret = totp.begin(principal, now=clock.now).secret
        self.recovery_codes = totp.confirm(principal, code=self.code(), now=clock.now)

    def code(self, *, steps: int = 0) -> str:
        return totp.code_at(self.secret, totp.step_at(self.clock.now) + steps)

    def later_code(self) -> str:
        """Return the code of the next step, which nobody has used yet."""
        self.clock.advance(seconds=30)
        return self.code()
