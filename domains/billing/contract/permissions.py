"""Permissions in billing."""

from __future__ import annotations

from kernel.permissions import EVERYBODY, Permission, Role

SUBSCRIPTION_READ = Permission(
    "billing.subscription:read", "See the plan and what it allows", roles=EVERYBODY
)
SUBSCRIPTION_WRITE = Permission(
    "billing.subscription:write", "Change and pay for the plan", roles=(Role.OWNER, Role.ADMIN)
)
USAGE_READ = Permission("billing.usage:read", "See what was used", roles=EVERYBODY)
USAGE_WRITE = Permission(
    "billing.usage:write",
    "Tell what was used, and use up what is allowed",
    roles=(Role.OWNER, Role.ADMIN),
)
INVOICE_READ = Permission(
    "billing.invoice:read", "See invoices and the balance", roles=(Role.OWNER, Role.ADMIN)
)
PROFILE_READ = Permission(
    "billing.profile:read", "See as whom the organization is billed", roles=(Role.OWNER, Role.ADMIN)
)
PROFILE_WRITE = Permission(
    "billing.profile:write", "Say as whom it is billed", roles=(Role.OWNER, Role.ADMIN)
)
PAYMENT_METHODS_READ = Permission(
    "billing.payment_methods:read", "See the payment methods", roles=(Role.OWNER, Role.ADMIN)
)
PAYMENT_METHODS_WRITE = Permission(
    "billing.payment_methods:write",
    "Attach and detach payment methods, and pay invoices",
    roles=(Role.OWNER, Role.ADMIN),
)
