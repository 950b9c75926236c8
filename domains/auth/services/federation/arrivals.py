"""The account of somebody whom a provider vouches for: known, new, or not to be had this way."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.errors import (
    EmailInvalid,
    FederatedEmailUnverified,
    IdentityTaken,
    LinkRequired,
)
from domains.auth.contract.events import AccountRegistered, IdentityLinked
from domains.auth.models import Account, Identity
from domains.auth.services import accounts, passwords
from domains.auth.services.federation.assertions import Assertion
from domains.auth.services.federation.providers import Provider
from domains.auth.services.normalization import clean_email
from kernel.context import prove
from kernel.db import transaction
from kernel.events import publish


def find(assertion: Assertion) -> Identity | None:
    """Return the identity if somebody signs in with it: by issuer and subject, nothing else."""
    known = Identity.objects.select_related("account")
    return known.filter(issuer=assertion.issuer, subject=assertion.subject).first()


def welcome(provider: Provider, assertion: Assertion, *, now: datetime) -> Identity:
    """Return the identity with a new account of its own, whose mailbox the provider has verified.

    An account that nobody has proven yet becomes theirs, without anything that was set before.
    Raise `FederatedEmailUnverified`, or `LinkRequired` if the address has a proven account: its
    owner says so by linking.
    """
    if not assertion.email:
        raise FederatedEmailUnverified
    try:
        email = clean_email(assertion.email)
    except EmailInvalid as error:
        raise FederatedEmailUnverified from error
    with transaction("auth"):
        account, made = accounts.lock_account(email=email, now=now)
        known = find(assertion)  # two at once: the other one was first
        if known is not None:
            return known
        if account.email_verified_at is not None:
            raise LinkRequired
        if made:
            publish(AccountRegistered(account_id=account.id))
        accounts.prove_mailbox(account, password=passwords.UNUSABLE, now=now)
        return link(account, provider, assertion, now=now)


def link(account: Account, provider: Provider, assertion: Assertion, *, now: datetime) -> Identity:
    """Return the identity, which leads to the account from now on; raise `IdentityTaken`.

    Runs in the caller's transaction.
    """
    made = Identity(
        account=account,
        provider=provider.name,
        issuer=assertion.issuer,
        subject=assertion.subject,
        email=assertion.email,
        created_at=now,
    )
    # Two that link it at once meet in the unique constraint: one waits, then finds it.
    Identity.objects.bulk_create([made], ignore_conflicts=True)
    known = find(assertion)
    if known is None or known.account_id != account.id:
        raise IdentityTaken
    if known.id == made.id:
        prove(account.id)
        publish(IdentityLinked(account_id=account.id, provider=provider.name))
    return known
