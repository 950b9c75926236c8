"""What the policies of organizations keep out: every request is held against them anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from domains.auth import interface as auth
from domains.users import interface as users
from gateway.tokens import AccessToken
from kernel.clock import now
from kernel.errors import Forbidden, Unauthenticated


def to_person(
    memberships: Iterable[users.MembershipAccess], *, token: AccessToken, address: str
) -> dict[UUID, Forbidden]:
    """Return, by organization, what bars the request of whoever holds the token."""
    policies = {m.organization_id: m.policy for m in memberships if m.policy is not None}
    if not policies:
        return {}
    asks_email = any(policy.allowed_email_domains for policy in policies.values())
    email = _email(token.account_id) if asks_email else ""
    barriers = {
        organization_id: policy.barrier(
            address=address,
            email=email,
            mfa=token.mfa,
            proven_at=proven_at(token),
            now=now(),
        )
        for organization_id, policy in policies.items()
    }
    return {id_: barrier for id_, barrier in barriers.items() if barrier is not None}


def require_open_to_key(
    policy: users.OrganizationPolicy | None, *, account_id: UUID | None, address: str
) -> None:
    """Return if the policy lets an API key in, a person's (`account_id`) or nobody's.

    Raises users' `NetworkNotAllowed` or `EmailDomainNotAllowed`.
    """
    if policy is None:
        return
    asks_email = account_id is not None and policy.allowed_email_domains
    email = _email(account_id) if account_id and asks_email else None
    barrier = policy.barrier_to_key(address=address, email=email)
    if barrier is not None:
        raise barrier


def proven_at(token: AccessToken) -> datetime:
    """Return when the token's owner was last proven."""
    return datetime.fromtimestamp(token.auth_time, UTC)


def _email(account_id: UUID) -> str:
    """Return the account's address if it was verified, otherwise nothing."""
    for account in auth.get_accounts(account_ids=[account_id]):
        return account.email if account.email_verified else ""
    raise Unauthenticated
