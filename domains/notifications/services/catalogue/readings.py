"""What notifications reads from the other domains' events: no field more than it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class AccountFact:
    """Something about one account."""

    account_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClientFact:
    """Something that a client did to an account: with what, and from where."""

    account_id: UUID
    session_id: UUID
    device: str
    place: str


@dataclass(frozen=True, kw_only=True)
class SessionFact(ClientFact):
    """A session began; `new_device` if the account knew neither device nor network."""

    new_device: bool


@dataclass(frozen=True, kw_only=True)
class LockFact:
    """Sign-ins must wait."""

    account_id: UUID
    until: datetime
    place: str


@dataclass(frozen=True, kw_only=True)
class ProofFact:
    """A mail is due whose address and secret auth gives for the proof."""

    account_id: UUID
    proof_id: UUID


@dataclass(frozen=True, kw_only=True)
class UndoFact:
    """Something happened that the mail for the proof can undo."""

    account_id: UUID
    undo_proof_id: UUID


@dataclass(frozen=True, kw_only=True)
class FactorFact:
    """A way to prove who signs in came; `name` is its owner's word for it, or empty."""

    account_id: UUID
    method: str
    name: str


@dataclass(frozen=True, kw_only=True)
class RemovedFactorFact(FactorFact):
    """A way to prove who signs in went; `last` if no second factor is left."""

    last: bool


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeFact:
    """A recovery code was used, `left` are left."""

    account_id: UUID
    left: int


@dataclass(frozen=True, kw_only=True)
class PasskeyFact:
    """Something about a passkey."""

    account_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class IdentityFact:
    """Something about an account's sign-in by another provider."""

    account_id: UUID
    provider: str


@dataclass(frozen=True, kw_only=True)
class KeyFact:
    """Something about an API key; `account_id` is None for one of the organization's own."""

    api_key_id: UUID
    organization_id: UUID
    account_id: UUID | None
    name: str


@dataclass(frozen=True, kw_only=True)
class RotatedKeyFact(KeyFact):
    """An API key has a successor."""

    overlap_ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class KeyUseFact(KeyFact):
    """An API key was used from somewhere new."""

    place: str


@dataclass(frozen=True, kw_only=True)
class ServiceAccountFact:
    """An organization got a machine of its own."""

    service_account_id: UUID
    organization_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class OrganizationFact:
    """An account's organization came to be; everybody has a personal one without asking."""

    organization_id: UUID
    account_id: UUID
    personal: bool


@dataclass(frozen=True, kw_only=True)
class InvitationFact:
    """Somebody (`account_id`) invited somebody."""

    organization_id: UUID
    invitation_id: UUID
    account_id: UUID


@dataclass(frozen=True, kw_only=True)
class MemberFact:
    """An account became a member."""

    organization_id: UUID
    account_id: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class ExportFact:
    """An archive of a person's data can be fetched."""

    account_id: UUID
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnerFact:
    """A member became the owner, because the last one is gone."""

    organization_id: UUID
    account_id: UUID


@dataclass(frozen=True, kw_only=True)
class OwnershipFact:
    """The ownership of an organization goes, or may go, from one member to another."""

    organization_id: UUID
    from_account_id: UUID
    to_account_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClosingFact:
    """An organization was closed."""

    organization_id: UUID
    erase_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReopeningFact:
    """A closed organization was opened again."""

    organization_id: UUID


@dataclass(frozen=True, kw_only=True)
class RemovalFact:
    """An account is no member any more; `left` if by its own hand."""

    organization_id: UUID
    account_id: UUID
    left: bool


@dataclass(frozen=True, kw_only=True)
class RoleFact:
    """A member has another role, given by its key."""

    organization_id: UUID
    account_id: UUID
    former_role: str
    role: str


@dataclass(frozen=True, kw_only=True)
class PlanFact:
    """An organization's plan became active, ended, or is about to be paid for."""

    organization_id: UUID
    plan: str


@dataclass(frozen=True, kw_only=True)
class PaymentFailureFact:
    """A payment for an organization's plan failed."""

    organization_id: UUID
    plan: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class InvoiceFact:
    """Something about an open invoice."""

    organization_id: UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class IssuedInvoiceFact(InvoiceFact):
    """An invoice is final; `due` of its `total` is still to be paid."""

    total: int
    due: int


@dataclass(frozen=True, kw_only=True)
class ThresholdFact:
    """So many percent of a metered feature are used up."""

    organization_id: UUID
    feature: str
    percent: int
    used: int
    period_end: datetime


@dataclass(frozen=True, kw_only=True)
class InvoiceFailureFact(InvoiceFact):
    """An invoice could not be paid; it is tried again at `next_at`."""

    reason: str
    is_hard: bool
    next_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DunningEndFact(InvoiceFact):
    """Nothing more is tried for an invoice."""

    policy: str


@dataclass(frozen=True, kw_only=True)
class OrganizationOnly:
    """Something of which the organization is all that is told."""

    organization_id: UUID


@dataclass(frozen=True, kw_only=True)
class CardFact:
    """The card that an organization pays with expires soon."""

    organization_id: UUID
    last4: str
    expires_on: date


@dataclass(frozen=True, kw_only=True)
class FileFact:
    """A file came into an organization; `account_id` is None if no person put it there."""

    file_id: UUID
    organization_id: UUID
    account_id: UUID | None
    name: str
    size: int


@dataclass(frozen=True, kw_only=True)
class EndpointFact:
    """Nothing is sent to a webhook endpoint any more."""

    endpoint_id: UUID
    organization_id: UUID
    endpoint: str
    reason: str
