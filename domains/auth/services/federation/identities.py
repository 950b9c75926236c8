"""The providers that lead to an account: linked and unlinked by its owner."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from domains.auth.contract.errors import (
    IdentityNotFound,
    LastWayIn,
    TicketInvalid,
)
from domains.auth.contract.events import IdentityUnlinked
from domains.auth.models import Account, FederationFlow, Identity, Session
from domains.auth.services import people, sessions
from domains.auth.services.federation import arrivals, exchange, flows, providers
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

LINK = FederationFlow.Purpose.LINK


def list_identities(principal: Principal) -> QuerySet[Identity]:
    """Return the caller's identities; raise `SessionRequired` for an API key."""
    account_id, _ = people.session_of(principal)
    return Identity.objects.filter(account_id=account_id)


def start_linking(
    principal: Principal, *, provider: str, redirect_uri: str, now: datetime
) -> flows.Started:
    """Return where the person shows who they are at the provider.

    Raise `SessionRequired`, `ProviderNotFound`, `ProviderUnavailable` or `RedirectUriUnknown`.
    """
    account_id, session_id = people.session_of(principal)
    return flows.start(
        providers.get(provider),
        purpose=LINK,
        redirect_uri=redirect_uri,
        now=now,
        account_id=account_id,
        session_id=session_id,
    )


def finish_linking(
    principal: Principal,
    *,
    provider: str,
    ticket: str,
    state: str,
    answer: exchange.Answer,
    now: datetime,
) -> Identity:
    """Return the identity that leads to the caller's account from now on.

    Only the session that started can finish. Raise `TicketInvalid`, `FederationFailed`,
    `ProviderUnavailable`, or `IdentityTaken` if it leads to another account.
    """
    chosen = providers.get(provider)
    visit = flows.claim(chosen, purpose=LINK, ticket=ticket, state=state, now=now)
    account_id, session_id = people.session_of(principal)
    if (visit.account_id, visit.session_id) != (account_id, session_id):
        raise TicketInvalid
    assertion = exchange.prove(chosen, visit, answer, now=now)
    if arrivals.find(assertion) is None:
        assertion = exchange.ask_email(chosen, assertion, now=now)
    with transaction("auth"):
        account = people.lock_account_of(principal)
        return arrivals.link(account, chosen, assertion, now=now)


def unlink(principal: Principal, *, identity_id: UUID, now: datetime) -> None:
    """Have the identity lead to the account no more, and end its other sessions.

    Raise `IdentityNotFound`, or `LastWayIn` if nobody could sign in to the account without it.
    """
    _, session_id = people.session_of(principal)
    with transaction("auth"):
        # The lock keeps two from removing the last two at once.
        account = people.lock_account_of(principal)
        identity = Identity.objects.filter(account=account, id=identity_id).first()
        if identity is None:
            raise IdentityNotFound
        if not _has_another_way_in(account, besides=identity):
            raise LastWayIn
        sessions.revoke_sessions(
            reason=Session.Reason.FACTOR, now=now, except_id=session_id, identity_id=identity.id
        )
        identity.delete()
        publish(IdentityUnlinked(account_id=account.id, provider=identity.provider))


def _has_another_way_in(account: Account, *, besides: Identity) -> bool:
    others = Identity.objects.filter(account=account).exclude(id=besides.id)
    usable = {provider.issuer for provider in providers.every()}
    return (
        account.has_usable_password()
        or account.email_sign_in
        or account.passkeys.filter(suspected_at__isnull=True).exists()
        or others.filter(issuer__in=usable).exists()
    )
