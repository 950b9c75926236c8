"""What organizations may use, and how much of it they have used."""

from domains.billing.services.entitlements.plans import announce, get_entitlements

__all__ = ["announce", "get_entitlements"]
