"""Fresh proof from a provider, for those who have no other way to prove who they are."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.data import Method
from domains.auth.contract.errors import IdentityNotFound, StepUpFailed, TicketInvalid
from domains.auth.models import FederationFlow, Identity
from domains.auth.services import factors, people, step_up, tokens
from domains.auth.services.clients import Client
from domains.auth.services.federation import arrivals, exchange, flows, providers
from kernel.principal import Principal

STEP_UP = FederationFlow.Purpose.STEP_UP


def start(
    principal: Principal, *, provider: str, redirect_uri: str, now: datetime
) -> flows.Started:
    """Return where the person signs in anew, whatever session they have there.

    Raise `SessionRequired`, `ImpersonationForbids`, `ProviderNotFound`, `ProviderUnavailable`,
    `RedirectUriUnknown`, `IdentityNotFound` if the provider doesn't lead to the account, or
    `StepUpFailed` if the account has something stronger, which it names.
    """
    chosen = providers.get(provider)
    account = step_up.person(principal)
    if not Identity.objects.filter(account=account, issuer=chosen.issuer).exists():
        raise IdentityNotFound
    strongest = factors.strongest(account)
    if Method.FEDERATED not in strongest:
        raise StepUpFailed(methods=list(strongest))
    return flows.start(
        chosen,
        purpose=STEP_UP,
        redirect_uri=redirect_uri,
        now=now,
        account_id=account.id,
        session_id=principal.session_id,
    )


def finish(
    principal: Principal,
    *,
    provider: str,
    ticket: str,
    state: str,
    answer: exchange.Answer,
    client: Client,
    now: datetime,
) -> tokens.Access:
    """Return an access token that says that its owner was proven just now.

    Raise `TicketInvalid`, `FederationFailed`, which includes a provider that doesn't say when the
    person signed in there, `ProviderUnavailable`, or `StepUpFailed` if it was somebody else.
    """
    chosen = providers.get(provider)
    visit = flows.claim(chosen, purpose=STEP_UP, ticket=ticket, state=state, now=now)
    account = step_up.person(principal)
    if (visit.account_id, visit.session_id) != people.session_of(principal):
        raise TicketInvalid
    assertion = exchange.prove(chosen, visit, answer, anew=True, now=now)
    identity = arrivals.find(assertion)
    if identity is None or identity.account_id != account.id:
        raise StepUpFailed(methods=list(factors.strongest(account)))
    return step_up.record(principal, method=Method.FEDERATED, client=client, now=now)
