"""What users keeps of a person, what an export shows of it, and what an erasure does with it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db.models import Q, QuerySet

from domains.auth import interface as auth
from domains.users import models
from domains.users.services.audit_erasure import forget_person
from domains.users.services.person_exports import forget_exports
from domains.users.services.succession import (
    leave_organizations,
    lock_organizations_of,
    own_organizations,
)
from kernel.privacy import Fate, Holding, Person, PersonalPage, export_page

ANOTHERS = "It is another person's."
OTHERS_GO_ON = "Others go on with it, and it no longer says who that was."
TRAIL = (
    "The organization's trail of what was done must stay whole; the id in it names nobody any more."
)


def _invitations_to(person: Person) -> QuerySet[models.Invitation]:
    if not (person.addresses or person.address_marks):
        return models.Invitation.objects.none()
    everybody = models.Invitation.objects.values_list("id", "email").iterator()
    theirs = [id_ for id_, email in everybody if person.has(email)]
    return models.Invitation.objects.filter(id__in=theirs)


_audited_by_others = partial(
    Holding,
    model=models.AuditEntry,
    shows=("id", "organization_id", "occurred_at", "action", "on_behalf_of"),
    withholds={"actor_id": ANOTHERS, "personal": ANOTHERS},
    fate=Fate.ANONYMIZED,
    why=TRAIL,
    clears={"personal": None},
    keeps={"actor_id": TRAIL, "on_behalf_of": TRAIL},
    by=lambda person: forget_person(account_id=person.account_id),
)

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        name="own_organizations",
        description="Your personal organization, and those that nobody else belongs to",
        model=models.Organization,
        of=lambda person: own_organizations(person.account_id),
        shows=("id", "name", "slug", "personal", "created_by", "created_at"),
        fate=Fate.ERASED,
        lock=lambda person: lock_organizations_of(person.account_id),
        by=lambda person: leave_organizations(person.account_id),
    ),
    Holding(
        name="organizations_founded",
        description="Organizations that you founded",
        model=models.Organization,
        of=lambda person: models.Organization.objects.filter(created_by=person.account_id),
        shows=("id", "name", "slug", "created_by", "created_at"),
        fate=Fate.ANONYMIZED,
        why=OTHERS_GO_ON,
        clears={"created_by": None},
    ),
    Holding(
        name="memberships",
        description="Organizations that you belong to, and as what",
        model=models.Membership,
        of=lambda person: models.Membership.objects.filter(account_id=person.account_id),
        shows=("id", "account_id", "organization_id", "role", "custom_role_id", "created_at"),
        fate=Fate.ERASED,
    ),
    Holding(
        name="team_memberships",
        description="Teams that you belong to",
        model=models.TeamMembership,
        of=lambda person: models.TeamMembership.objects.filter(
            membership__account_id=person.account_id
        ),
        shows=("id", "organization_id", "team_id", "membership_id", "created_at"),
        fate=Fate.ERASED,
    ),
    Holding(
        name="roles_given_to_you",
        description="Roles that you have beside that of your membership",
        model=models.RoleAssignment,
        of=lambda person: models.RoleAssignment.objects.filter(
            membership__account_id=person.account_id
        ),
        shows=("id", "organization_id", "role", "custom_role_id", "scope_id", "created_at"),
        withholds={"assigned_by": ANOTHERS},
        fate=Fate.ERASED,
    ),
    Holding(
        name="roles_given_by_you",
        description="Roles that you have given to members and teams",
        model=models.RoleAssignment,
        of=lambda person: models.RoleAssignment.objects.filter(assigned_by=person.account_id),
        shows=("id", "organization_id", "role", "custom_role_id", "assigned_by", "created_at"),
        fate=Fate.ANONYMIZED,
        why=OTHERS_GO_ON,
        clears={"assigned_by": None},
    ),
    Holding(
        name="ownership_offers",
        description="Offers of an organization's ownership, by you or to you",
        model=models.OwnershipTransfer,
        of=lambda person: models.OwnershipTransfer.objects.filter(
            Q(from_account_id=person.account_id) | Q(to_account_id=person.account_id)
        ),
        shows=(
            "id",
            "organization_id",
            "from_account_id",
            "to_account_id",
            "created_at",
            "expires_at",
        ),
        fate=Fate.ERASED,
    ),
    Holding(
        name="invitations_by_you",
        description="Invitations that you have sent",
        model=models.Invitation,
        of=lambda person: models.Invitation.objects.filter(invited_by=person.account_id),
        shows=("id", "organization_id", "role", "invited_by", "created_at", "accepted_at"),
        withholds={"email": ANOTHERS},
        fate=Fate.ERASED,
    ),
    Holding(
        name="invitations_to_you",
        description="Invitations to your address",
        model=models.Invitation,
        of=_invitations_to,
        shows=("id", "organization_id", "email", "role", "created_at", "expires_at", "accepted_at"),
        withholds={"invited_by": ANOTHERS, "token_hash": "It lets whoever knows it in."},
        fate=Fate.ERASED,
    ),
    Holding(
        name="audit_entries",
        description="What you have done, as the audit log keeps it, and from where and with what",
        model=models.AuditEntry,
        of=lambda person: models.AuditEntry.objects.filter(actor_id=person.account_id),
        shows=(
            "id",
            "organization_id",
            "occurred_at",
            "action",
            "actor_id",
            "target_kind",
            "target_id",
            "personal",
        ),
        withholds={"on_behalf_of": ANOTHERS},
        fate=Fate.ANONYMIZED,
        why=TRAIL,
        clears={"personal": None},
        keeps={"actor_id": TRAIL, "on_behalf_of": TRAIL},
        by=lambda person: forget_person(account_id=person.account_id),
    ),
    _audited_by_others(
        name="audit_entries_on_your_behalf",
        description="What others have done on your behalf, as the audit log keeps it",
        of=lambda person: models.AuditEntry.objects.filter(on_behalf_of=person.account_id),
    ),
    _audited_by_others(
        name="audit_entries_about_you",
        description="What was done to your account, as the audit log keeps it",
        of=lambda person: models.AuditEntry.objects.filter(
            target_kind="account", target_id=str(person.account_id)
        ).exclude(actor_id=person.account_id),
    ),
    Holding(
        name="audit_exports",
        description="Copies of an audit log that you asked for",
        model=models.AuditExport,
        of=lambda person: models.AuditExport.objects.filter(account_id=person.account_id),
        shows=("id", "organization_id", "account_id", "format", "filters", "created_at"),
        fate=Fate.ANONYMIZED,
        why=OTHERS_GO_ON,
        clears={"account_id": None, "filters": {}},
    ),
    Holding(
        name="exports",
        description="Archives like this one that you asked for",
        model=models.PersonExport,
        of=lambda person: models.PersonExport.objects.filter(account_id=person.account_id),
        shows=("id", "account_id", "state", "size", "created_at", "ready_at", "expires_at"),
        withholds={"storage_key": "It names a place that only we can read."},
        fate=Fate.ERASED,
        by=forget_exports,
    ),
    Holding(
        name="erasure_receipt",
        description="That you asked to be erased",
        model=models.ErasureReceipt,
        of=lambda person: models.ErasureReceipt.objects.filter(account_id=person.account_id),
        shows=("account_id", "requested_at", "erased_at"),
        withholds={"token_hash": "It lets whoever knows it read the receipt."},
        fate=Fate.KEPT,
        why="It proves to you, and to whoever asks us, that you were erased.",
        keeps={"account_id": "It is what the receipt is about; it names nobody any more."},
    ),
    Holding(
        name="profile",
        description="Your profile",
        model=models.Profile,
        of=lambda person: models.Profile.objects.filter(account_id=person.account_id),
        shows=(
            "account_id",
            "display_name",
            "locale",
            "time_zone",
            "avatar_file_id",
            "preferences",
            "created_at",
            "updated_at",
        ),
        fate=Fate.ERASED,
    ),
)


def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what users keeps of the person, from the cursor on."""
    addresses = auth.get_proven_addresses(account_id=account_id)
    person = Person(account_id=account_id, addresses=tuple(addresses))
    return export_page(HOLDINGS, person, cursor=cursor)
