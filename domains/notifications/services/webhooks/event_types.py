"""The one table of the events that organizations may have sent, and of the facts that are told.

Public is what happens to an organization. What people do to their accounts, who reads the audit,
what staff wrote and where from a key was used are not the organization's to be sent. A fact that is
not in the table stays here, even when its event gets it later.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

# The types of all domains are declared by their interfaces.
from domains.auth import interface as _auth
from domains.billing import interface as _billing
from domains.files import interface as _files
from domains.users import interface as _users
from kernel.events import types

DECLARED_BY = (_auth, _billing, _files, _users)
PING = "notifications.webhook_ping.v1"

_INVOICE = "organization_id invoice_id number"
_MONEY = "amount currency"
_SUBSCRIPTION = "organization_id subscription_id plan"
_TEAM_MEMBER = "organization_id team_id account_id"
_ROLE_ASSIGNMENT = "organization_id assignment_id role account_id team_id scope_id"

FACTS: dict[str, tuple[str, ...]] = {
    name: tuple(facts.split())
    for name, facts in {
        "auth.api_key_created.v1": "organization_id api_key_id account_id name",
        "auth.api_key_revoked.v1": "organization_id api_key_id account_id name",
        "auth.api_key_rotated.v1": "organization_id api_key_id account_id successor_id name "
        "overlap_ends_at",
        "auth.service_account_created.v1": "organization_id service_account_id name",
        "auth.service_account_disabled.v1": "organization_id service_account_id name",
        "users.invitation_revoked.v1": "organization_id invitation_id",
        "users.member_erased.v1": "organization_id account_id",
        "users.member_invited.v1": "organization_id invitation_id account_id expires_at",
        "users.member_joined.v1": "organization_id account_id role invitation_id",
        "users.member_removed.v1": "organization_id account_id left",
        "users.member_role_changed.v1": "organization_id account_id former_role role",
        "users.organization_closed.v1": "organization_id erase_at",
        "users.organization_created.v1": "organization_id account_id personal",
        "users.organization_policy_changed.v1": "organization_id",
        "users.organization_reopened.v1": "organization_id",
        "users.organization_updated.v1": "organization_id",
        "users.owner_appointed.v1": "organization_id account_id",
        "users.ownership_offer_ended.v1": "organization_id transfer_id from_account_id "
        "to_account_id reason",
        "users.ownership_offered.v1": "organization_id transfer_id from_account_id to_account_id",
        "users.ownership_transferred.v1": "organization_id transfer_id from_account_id "
        "to_account_id",
        "users.role_assigned.v1": _ROLE_ASSIGNMENT,
        "users.role_created.v1": "organization_id role_id name permissions",
        "users.role_deleted.v1": "organization_id role_id name",
        "users.role_unassigned.v1": _ROLE_ASSIGNMENT,
        "users.role_updated.v1": "organization_id role_id",
        "users.team_created.v1": "organization_id team_id parent_id name",
        "users.team_deleted.v1": "organization_id team_id name",
        "users.team_member_added.v1": _TEAM_MEMBER,
        "users.team_member_removed.v1": _TEAM_MEMBER,
        "users.team_updated.v1": "organization_id team_id",
        "billing.credit_note_issued.v1": "organization_id invoice_id credit_note_id number total "
        "currency",
        "billing.dispute_closed.v1": f"organization_id dispute_id payment_id {_MONEY} won",
        "billing.dispute_opened.v1": f"organization_id dispute_id payment_id {_MONEY} reason",
        "billing.dunning_ended.v1": f"{_INVOICE} {_MONEY} policy",
        "billing.entitlements_changed.v1": "organization_id plan seats storage_bytes "
        "requests_per_minute audit_retention_days",
        "billing.invoice_issued.v1": f"{_INVOICE} total currency due",
        "billing.invoice_paid.v1": f"{_INVOICE} total currency",
        "billing.invoice_payment_failed.v1": f"{_INVOICE} {_MONEY} reason is_hard step next_at",
        "billing.invoice_voided.v1": _INVOICE,
        "billing.invoice_written_off.v1": f"{_INVOICE} {_MONEY}",
        "billing.payment_action_required.v1": f"{_INVOICE} {_MONEY}",
        "billing.payment_failed.v1": "organization_id plan account_id reason",
        "billing.payment_method_expiring.v1": "organization_id payment_method_id expires_on",
        "billing.payment_refunded.v1": f"organization_id refund_id payment_id {_MONEY}",
        "billing.payment_reminded.v1": f"{_INVOICE} {_MONEY} step next_at",
        "billing.profile_changed.v1": "organization_id account_id fields",
        "billing.refund_failed.v1": f"organization_id refund_id payment_id {_MONEY}",
        "billing.subscription_activated.v1": "organization_id plan account_id",
        "billing.subscription_canceled.v1": _SUBSCRIPTION,
        "billing.subscription_change_scheduled.v1": f"{_SUBSCRIPTION} due_at account_id",
        "billing.subscription_change_withdrawn.v1": f"{_SUBSCRIPTION} account_id",
        "billing.subscription_changed.v1": f"{_SUBSCRIPTION} account_id",
        "billing.subscription_expired.v1": _SUBSCRIPTION,
        "billing.subscription_past_due.v1": _SUBSCRIPTION,
        "billing.subscription_paused.v1": f"{_SUBSCRIPTION} resumes_at",
        "billing.subscription_recovered.v1": _SUBSCRIPTION,
        "billing.subscription_renewed.v1": f"{_SUBSCRIPTION} period_start period_end",
        "billing.subscription_resumed.v1": _SUBSCRIPTION,
        "billing.subscription_unpaid.v1": _SUBSCRIPTION,
        "billing.trial_extended.v1": "organization_id subscription_id trial_end",
        "billing.trial_started.v1": f"{_SUBSCRIPTION} trial_end",
        "billing.trial_will_end.v1": f"{_SUBSCRIPTION} trial_end account_id",
        "billing.usage_threshold_reached.v1": "organization_id feature percent used limit "
        "period_end",
        "files.file_deleted.v1": "organization_id file_id",
        "files.file_uploaded.v1": "organization_id file_id account_id name size",
    }.items()
}


@dataclass(frozen=True, kw_only=True)
class PublicEvent:
    """An event that may be sent: what it tells, and the names of its facts."""

    name: str
    description: str
    facts: tuple[str, ...]


def listing() -> list[PublicEvent]:
    """Return all of them, by name."""
    return [
        PublicEvent(
            name=name,
            description=inspect.getdoc(types.by_name[name].payload) or "",
            facts=facts,
        )
        for name, facts in sorted(FACTS.items())
    ]


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the patterns is the event's name, or stands for it."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def unknown(patterns: Iterable[str]) -> list[str]:
    """Return the patterns that no public event has: a misspelt one would be silent for ever."""
    return [each for each in patterns if not any(matches(name, (each,)) for name in FACTS)]
