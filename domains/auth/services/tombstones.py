"""What stays of an erased account: a row without a person.

It keeps the id that other domains' records refer to from ever meaning somebody else.
"""

from __future__ import annotations

from domains.auth.models import Account
from domains.auth.services import passwords
from kernel.privacy import Person


def bury(person: Person) -> None:
    """Leave of the account, which is locked, its id and when it began; repeatable."""
    account = Account.objects.get(id=person.account_id)
    account.groups.clear()
    account.user_permissions.clear()
    tombstone = Account(
        id=account.id,
        email=f"erased-{account.id}@erased.invalid",
        password=passwords.UNUSABLE,
        is_active=False,
        created_at=account.created_at,
        erased_at=account.erased_at,
    )
    tombstone.save(force_update=True)
