"""Which e-mail addresses an organization allows."""

from __future__ import annotations

from domains.users import models
from domains.users.contract.errors import EmailDomainNotAllowed
from kernel.addresses import domain_of


def require_allowed_domain(organization: models.Organization, email: str) -> None:
    """Raise `EmailDomainNotAllowed` unless the address is of one of the organization's domains."""
    allowed = organization.allowed_email_domains
    if allowed and domain_of(email) not in allowed:
        raise EmailDomainNotAllowed(f"Allowed are addresses of {', '.join(allowed)}.")
