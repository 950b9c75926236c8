"""The tables of users. What no constraint of one table can say is held by migrations 0002, 0005."""

from domains.users.models.audit import AuditAnchor, AuditChain, AuditEntry, AuditExport
from domains.users.models.memberships import Invitation, Membership
from domains.users.models.organizations import Organization, OwnershipTransfer
from domains.users.models.people import Profile
from domains.users.models.privacy import ErasureAnswer, ErasureReceipt, PersonExport
from domains.users.models.roles import CustomRole, HoldsRole
from domains.users.models.teams import DEEPEST, RoleAssignment, Team, TeamMembership
from domains.users.models.validators import (
    DOMAIN_LENGTH,
    LOCALE_LENGTH,
    NAME_LENGTH,
    NETWORK_LENGTH,
    SLUG_LENGTH,
    TIME_ZONE_LENGTH,
    validate_email_domain,
    validate_locale,
    validate_network,
    validate_one_line,
    validate_slug,
    validate_time_zone,
)

__all__ = [
    "DEEPEST",
    "DOMAIN_LENGTH",
    "LOCALE_LENGTH",
    "NAME_LENGTH",
    "NETWORK_LENGTH",
    "SLUG_LENGTH",
    "TIME_ZONE_LENGTH",
    "AuditAnchor",
    "AuditChain",
    "AuditEntry",
    "AuditExport",
    "CustomRole",
    "ErasureAnswer",
    "ErasureReceipt",
    "HoldsRole",
    "Invitation",
    "Membership",
    "Organization",
    "OwnershipTransfer",
    "PersonExport",
    "Profile",
    "RoleAssignment",
    "Team",
    "TeamMembership",
    "validate_email_domain",
    "validate_locale",
    "validate_network",
    "validate_one_line",
    "validate_slug",
    "validate_time_zone",
]
