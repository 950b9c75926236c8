"""Ways into an account that somebody made who was not its owner."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.data import Method
from domains.auth.contract.events import FactorRemoved, IdentityUnlinked
from domains.auth.models import Account, ApiKey, Identity, Passkey, RecoveryCode, Totp
from domains.auth.services import api_keys, factors
from kernel.events import publish


def remove_made_since(account: Account, since: datetime, *, now: datetime) -> None:
    """Remove factors, linked identities and API keys of the account, which is locked.

    Only those made at `since` or later. Runs in the caller's transaction.
    """
    made = {"account": account, "created_at__gte": since}
    passkeys = list(Passkey.objects.filter(**made).values_list("name", flat=True))
    Passkey.objects.filter(**made).delete()
    apps, _ = Totp.objects.filter(**made).delete()
    RecoveryCode.objects.filter(**made).delete()
    last = not factors.second_factors(account)
    gone = [(Method.PASSKEY, name) for name in passkeys]
    gone += [(Method.TOTP, "")] * bool(apps)
    for method, name in gone:
        publish(FactorRemoved(account_id=account.id, method=method, name=name, last=last))
    for identity in Identity.objects.filter(**made):
        identity.delete()
        publish(IdentityUnlinked(account_id=account.id, provider=identity.provider))
    keys = ApiKey.objects.everywhere().filter(**made).values_list("id", flat=True)
    api_keys.revoke_by_staff(api_key_ids=list(keys), now=now)


def drop_unproven(account: Account) -> None:
    """Drop every way in that was made before anybody proved the account's address.

    Whoever made it may have prepared the account for its owner (pre-hijacking). Runs in the
    caller's transaction.
    """
    for model in (Passkey, Totp, RecoveryCode, Identity):
        model.objects.filter(account=account).delete()
    ApiKey.objects.everywhere().filter(account=account).delete()
