"""From credentials to a principal: is the session still good, and what may the caller do where."""

from __future__ import annotations

import logging
from uuid import UUID

from django.http import HttpRequest

from domains.auth import interface as auth
from domains.billing import interface as billing
from domains.users import interface as users
from gateway import barriers, limits
from gateway.credentials import Credentials
from gateway.tokens import AccessToken
from kernel import facts
from kernel.errors import Malformed, Unauthenticated, Unavailable
from kernel.principal import Principal

log = logging.getLogger(__name__)

# A session that was revoked while Redis was away is found out after this at the latest.
ACTIVE_SECONDS = 10
ACCESS_SECONDS = 60
PLAN_SECONDS = 60
ACTIVE, REVOKED = "active", "revoked"


class SessionEnded(Unauthenticated):
    code = "gateway.session_ended"
    title = "The session has ended"


class OrganizationIdMalformed(Malformed):
    code = "gateway.organization_id_malformed"
    title = "Organization-Id is not a UUID"


def organization_id(request: HttpRequest) -> UUID | None:
    """Return what the `Organization-Id` header names; raise `OrganizationIdMalformed`."""
    text = request.META.get("HTTP_ORGANIZATION_ID")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise OrganizationIdMalformed("Send the organization's id as you got it.") from error


def access_fact(credentials: Credentials, organization: UUID | None) -> str:
    """Return the name of the fact which organization a caller with this header is in."""
    return f"access:{credentials.subject}:{organization or 'personal'}"


def principal_of(
    credentials: Credentials,
    *,
    organization: UUID | None,
    address: str,
    admission: limits.Admission,
) -> Principal:
    """Return who asks.

    Raises `SessionEnded`, auth's `ApiKeyInvalid`, users' `OrganizationNotFound`, what the
    organization's policy bars the caller by, and `LimitExceeded` once its plan is known.
    """
    if credentials.token:
        _require_active(credentials.token, admission)
        principal = _of_account(credentials.token, organization, address)
    else:
        principal = _of_key(credentials, organization, address)
    if admission.shared and not admission.plan_counted:
        _count_by_plan(principal, access_fact(credentials, organization), admission)
    return principal


def require_step_up(credentials: Credentials) -> None:
    """Return if the caller was proven lately to be who they are, as sensitive requests ask.

    Raises auth's `SessionRequired` for an API key, `StepUpRequired` and `ImpersonationForbids`.
    """
    token = credentials.token
    if token is None:
        raise auth.SessionRequired
    auth.require_step_up(session_id=token.session_id, auth_time=token.auth_time)


def _require_active(token: AccessToken, admission: limits.Admission) -> None:
    if admission.session == ACTIVE:
        return
    if admission.session == REVOKED:
        raise SessionEnded("Sign in again.")
    state = auth.get_session_state(session_id=token.session_id)
    if not state.active or state.account_id != token.account_id:
        raise SessionEnded("Sign in again.")
    if admission.shared:
        fact = f"session:{token.session_id}"
        facts.put(fact, ACTIVE, ttl=ACTIVE_SECONDS, only_if_absent=True)


def _of_account(token: AccessToken, organization: UUID | None, address: str) -> Principal:
    access = users.get_access(account_id=token.account_id, organization_id=organization)
    barred = barriers.to_person(access.memberships, token=token, address=address)
    if access.organization_id in barred:
        raise barred[access.organization_id]
    held = [m for m in access.memberships if m.organization_id not in barred]
    return Principal(
        kind="account",
        account_id=token.account_id,
        session_id=token.session_id,
        impersonator_id=token.impersonator_id,
        proven_at=barriers.proven_at(token),
        mfa=token.mfa,
        organization_id=access.organization_id,
        memberships={m.organization_id: frozenset(m.permissions) for m in held},
        teams={t.team_id: frozenset(t.permissions) for m in held for t in m.teams},
        barred=barred,
    )


def _of_key(credentials: Credentials, organization: UUID | None, address: str) -> Principal:
    """Return the key's principal: it may do what it holds in its one organization."""
    try:
        grant = _grant(credentials, address)
        held, policy = _held_by(grant)
    except Unauthenticated:
        limits.try_shared([limits.failures(address, cost=1)])
        raise
    if organization not in (None, grant.organization_id):
        raise users.OrganizationNotFound
    barriers.require_open_to_key(policy, account_id=grant.account_id, address=address)
    return Principal(
        kind="api_key",
        account_id=grant.account_id,
        api_key_id=grant.id,
        service_account_id=grant.service_account_id,
        organization_id=grant.organization_id,
        memberships={grant.organization_id: held},
    )


def _grant(credentials: Credentials, address: str) -> auth.ApiKeyGrant:
    if not credentials.key_is_whole:
        raise auth.ApiKeyInvalid
    return auth.authenticate_api_key(key_hash=credentials.key_hash, address=address)


def _held_by(
    grant: auth.ApiKeyGrant,
) -> tuple[frozenset[str], users.OrganizationPolicy | None]:
    """Return what the key may do, and what the organization asks of it.

    A person's key holds no more of what it was given than the person does.
    """
    granted = frozenset(grant.permissions)
    try:
        if grant.account_id is None:
            policy = users.get_organization_policy(organization_id=grant.organization_id)
            held = {users.ORGANIZATION_READ.name} if policy.closed else granted
            return granted.intersection(held), policy
        access = users.get_access(
            account_id=grant.account_id, organization_id=grant.organization_id
        )
    except users.OrganizationNotFound as error:
        raise auth.ApiKeyInvalid from error  # its owner has left, or the organization is gone
    own = next(m for m in access.memberships if m.organization_id == grant.organization_id)
    return granted.intersection(own.permissions), own.policy


def _count_by_plan(principal: Principal, fact: str, admission: limits.Admission) -> None:
    """Remember whose plan limits this caller, and count this request by it."""
    organization = principal.organization_id
    try:
        (allowed,) = billing.get_entitlements(organization_ids=[organization])
    except Unavailable:
        log.warning("The plan's limit is not applied: billing is away")
        return
    rate = allowed.requests_per_minute
    facts.put(f"plan-rate:{organization}", str(rate), ttl=PLAN_SECONDS, only_if_absent=True)
    facts.put(fact, str(organization), ttl=ACCESS_SECONDS)
    known = limits.try_shared([limits.plan_window(organization, rate)])
    if known:
        admission.counts.extend(known.counts)
        limits.refuse_exceeded(known.counts)
