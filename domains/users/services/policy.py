"""What an organization asks of everybody who acts in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.users import models
from domains.users.contract.data import OrganizationPolicy
from domains.users.contract.errors import (
    OrganizationNotFound,
    PersonalOrganization,
    PolicyLocksOut,
)
from domains.users.contract.events import OrganizationPolicyChanged
from domains.users.contract.permissions import ORGANIZATION_POLICY
from domains.users.services.changes import apply
from domains.users.services.organizations import get_membership, lock_organization
from domains.users.services.people import get_account, person_of
from kernel import context
from kernel.db import transaction
from kernel.events import publish
from kernel.preconditions import Precondition, entity_tag
from kernel.principal import Principal
from kernel.queries import CompiledQuery, Given

# The rules that keep requests out.
BARRING = ("allowed_email_domains", "mfa_required", "session_lifetime", "allowed_networks")
FIELDS = ("who_may_invite", *BARRING)
_BY_ID = CompiledQuery(lambda: models.Organization.objects.within(Given("id")))


def get_organization_policy(*, organization_id: UUID) -> OrganizationPolicy:
    """Return what the organization asks; raise `OrganizationNotFound`."""
    organization = _BY_ID.first(id=organization_id)
    if organization is None:
        raise OrganizationNotFound
    return replace(policy_of(organization), closed=organization.closed_at is not None)


def require_open_to_link(organization_id: UUID) -> None:
    """Return if the organization, unless it is gone, lets in whoever has a link and nothing else.

    Raise `NetworkNotAllowed`: a link proves no more than a machine does.
    """
    organization = _BY_ID.first(id=organization_id)
    if organization is None:
        return
    address = context.current().client_address
    barrier = policy_of(organization).barrier_to_key(address=address, email=None)
    if barrier is not None:
        raise barrier


def get_policy(*, principal: Principal, organization_id: UUID) -> models.Organization:
    """Return the organization with its policy; raise `OrganizationNotFound` or `Forbidden`."""
    return get_membership(
        principal=principal, organization_id=organization_id, permission=ORGANIZATION_POLICY
    ).organization


def tag_of(organization: models.Organization) -> str:
    """Return the entity tag of the policy."""
    return entity_tag(organization.id, *(getattr(organization, field) for field in FIELDS))


def set_policy(
    *,
    principal: Principal,
    organization_id: UUID,
    wanted: Mapping[str, Any],
    expected: Precondition,
    now: datetime,
) -> models.Organization:
    """Change the policy, which counts from the next request on; return the organization.

    Raise `OrganizationNotFound`, `Forbidden`, `PreconditionFailed`, `PersonalOrganization`, or
    `PolicyLocksOut` for a policy that the caller's own request wouldn't pass.
    """
    account_id = person_of(principal)
    get_policy(principal=principal, organization_id=organization_id)
    account = get_account(account_id)
    with transaction("users"):
        organization = lock_organization(organization_id)
        expected.check(tag_of(organization))
        if organization.personal:
            raise PersonalOrganization
        changes = apply(organization, wanted)
        email = account.email if account.email_verified else ""
        _refuse_locking_out(organization, principal, email=email, now=now)
        if changes:
            organization.save()
            publish(OrganizationPolicyChanged(organization_id=organization_id, changes=changes))
        return organization


def _refuse_locking_out(
    organization: models.Organization, principal: Principal, *, email: str, now: datetime
) -> None:
    barrier = policy_of(organization).barrier(
        address=context.current().client_address,
        email=email,
        mfa=principal.mfa,
        proven_at=principal.proven_at,
        now=now,
    )
    if barrier is not None:
        raise PolicyLocksOut(barrier.title, barrier=barrier.code)


def policy_of(organization: models.Organization) -> OrganizationPolicy:
    """Return what the organization asks of its members."""
    return OrganizationPolicy(
        mfa_required=organization.mfa_required,
        session_lifetime=organization.session_lifetime,
        allowed_networks=tuple(organization.allowed_networks),
        allowed_email_domains=tuple(organization.allowed_email_domains),
    )
