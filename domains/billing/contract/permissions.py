"""Permissions in billing."""

from __future__ import annotations

from kernel.permissions import EVERYBODY, Permission, Role

SUBSCRIPTION_READ = Permission(
    "billing.subscription:read", "See the plan and what it allows", roles=EVERYBODY
)
SUBSCRIPTION_WRITE = Permission(
    "billing.subscription:write", "Change and pay for the plan", roles=(Role.OWNER, Role.ADMIN)
)
