"""As whom an organization is billed. Invoices copy it when they are issued."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.billing.contract.invoice_events import ProfileChanged
from domains.billing.contract.permissions import PROFILE_READ, PROFILE_WRITE
from domains.billing.models import Customer
from domains.billing.services import vat_ids
from domains.billing.services.customers import lock_customer
from kernel import names
from kernel.db import in_transaction, transaction
from kernel.errors import Unavailable
from kernel.events import publish
from kernel.preconditions import Precondition, entity_tag
from kernel.principal import Principal

log = logging.getLogger(__name__)

ADDRESS = ("line1", "line2", "postal_code", "city", "state")
LONGEST_NAME = 200
FIELDS = ("name", "email", "address", "country", "vat_id", "locale", "time_zone")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Name, address and language of a customer; what was never said is empty.

    `country` is that of the address (ISO 3166-1 alpha-2), by which it is taxed; a
    `tax_exempt_reason` was given by staff.
    """

    organization_id: UUID
    name: str
    email: str
    address: Mapping[str, str]
    country: str
    vat_id: str
    locale: str
    time_zone: str
    tax_exempt_reason: str

    @property
    def tag(self) -> str:
        """The entity tag: another one as soon as anything shown is another."""
        return entity_tag(*asdict(self).values())


def get_profile(*, principal: Principal) -> Profile:
    """Return the current organization's profile. Raises `Forbidden`."""
    principal.require(PROFILE_READ)
    row = Customer.objects.within(principal.organization_id).first()
    return _to_profile(row or Customer(organization_id=principal.organization_id))


def change_profile(
    *, principal: Principal, wanted: Mapping[str, Any], expected: Precondition, now: datetime
) -> Profile:
    """Give those of `FIELDS` other values; an address is replaced whole.

    Invoices that were issued stay as they are. Raises `Forbidden`, `PreconditionFailed`, and
    `VatIdInvalid` where VAT id and country don't fit.
    """
    principal.require(PROFILE_WRITE)
    with transaction("billing"):
        customer = lock_customer(organization_id=principal.organization_id, now=now)
        expected.check(_to_profile(customer).tag)
        changed = _apply(customer, wanted)
        if changed:
            customer.save(update_fields=changed)
            publish(
                ProfileChanged(
                    organization_id=customer.organization_id,
                    account_id=principal.account_id,
                    fields=tuple(changed),
                )
            )
    return _to_profile(customer)


def suggest_name(*, principal: Principal, now: datetime) -> None:
    """Call an organization that never said how it is billed by its name, or by its buyer's.

    Without either it has none on its invoices. In a transaction nothing is asked: whoever looks
    into the future needs no name.
    """
    owner = principal.organization_id
    if in_transaction("billing") or Customer.objects.within(owner).exclude(name="").exists():
        return
    if name := _known_name(principal):
        with transaction("billing", final=False):
            lock_customer(organization_id=owner, now=now)
            Customer.objects.within(owner).filter(name="").update(name=name[:LONGEST_NAME])


def forget_profile(customer: Customer) -> None:
    """Empty the locked customer's profile, whose organization was erased; invoices stay."""
    empty = Customer()
    for field in FIELDS:
        setattr(customer, field, getattr(empty, field))
    customer.taxes = {}
    customer.save(update_fields=[*FIELDS, "taxes"])


def _known_name(principal: Principal) -> str:
    try:
        found = names.organization_name_of(principal.organization_id)
        if not found and principal.account_id:
            found = names.name_of(principal.account_id)
    except Unavailable:
        log.warning("The names of organizations can't be asked for.")
        return ""
    return found


def _apply(customer: Customer, wanted: Mapping[str, Any]) -> list[str]:
    """Set what is wanted; return the names of the fields that are other than they were."""
    before = {field: getattr(customer, field) for field in FIELDS}
    for field, value in wanted.items():
        setattr(customer, field, value)
    if wanted.keys() & {"country", "vat_id"}:
        customer.vat_id = vat_ids.normalize(vat_id=customer.vat_id, country=customer.country)
    return [field for field in FIELDS if getattr(customer, field) != before[field]]


def _to_profile(row: Customer) -> Profile:
    return Profile(
        organization_id=row.organization_id,
        name=row.name,
        email=row.email,
        address={part: row.address.get(part, "") for part in ADDRESS},
        country=row.country,
        vat_id=row.vat_id,
        locale=row.locale,
        time_zone=row.time_zone,
        tax_exempt_reason=row.tax_exempt_reason,
    )
