"""Signing in with a provider."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.data import Method
from domains.auth.models import FederationFlow, Identity
from domains.auth.services import sign_in
from domains.auth.services.clients import Client
from domains.auth.services.federation import arrivals, exchange, flows, providers

SIGN_IN = FederationFlow.Purpose.SIGN_IN


def start(*, provider: str, redirect_uri: str, now: datetime) -> flows.Started:
    """Return where the person signs in.

    Raise `ProviderNotFound`, `ProviderUnavailable` or `RedirectUriUnknown`.
    """
    chosen = providers.get(provider)
    return flows.start(chosen, purpose=SIGN_IN, redirect_uri=redirect_uri, now=now)


def finish(
    *,
    provider: str,
    ticket: str,
    state: str,
    answer: exchange.Answer,
    client: Client,
    now: datetime,
) -> sign_in.Outcome:
    """Return what a sign-in ends with for whoever the provider vouches for.

    Raise `ProviderNotFound`, `TicketInvalid`, `ProviderUnavailable`, `FederationFailed`, what
    `arrivals.welcome` raises about a newcomer, and what `sign_in.conclude` raises.
    """
    chosen = providers.get(provider)
    visit = flows.claim(chosen, purpose=SIGN_IN, ticket=ticket, state=state, now=now)
    assertion = exchange.prove(chosen, visit, answer, now=now)
    identity = arrivals.find(assertion)
    if identity is None:
        assertion = exchange.ask_email(chosen, assertion, now=now)
        identity = arrivals.welcome(chosen, assertion, now=now)
    Identity.objects.filter(id=identity.id).update(last_used_at=now)
    return sign_in.conclude(
        identity.account,
        proven=(Method.FEDERATED,),
        client=client,
        now=now,
        identity=identity,
        provider_session=assertion.session,
        proven_at=assertion.proven_at,
    )
