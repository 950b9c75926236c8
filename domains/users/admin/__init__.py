"""The staff's pages of users: Django finds here what each module registers."""

from domains.users.admin import (
    audit,
    memberships,
    organizations,
    panels,
    people,
    privacy,
    structure,
)

__all__ = [
    "audit",
    "memberships",
    "organizations",
    "panels",
    "people",
    "privacy",
    "structure",
]
