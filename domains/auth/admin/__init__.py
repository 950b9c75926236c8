"""The staff's pages of auth: Django finds here what each module registers."""

from domains.auth.admin import (
    accounts,
    factors,
    federation,
    groups,
    login,
    machines,
    own_password,
    panels,
    proofs,
    sessions,
    sign_in,
    signing_keys,
    trail,
)

__all__ = [
    "accounts",
    "factors",
    "federation",
    "groups",
    "login",
    "machines",
    "own_password",
    "panels",
    "proofs",
    "sessions",
    "sign_in",
    "signing_keys",
    "trail",
]
