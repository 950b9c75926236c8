"""What auth keeps of a person, what an export shows of it, and what an erasure does with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Concat

from domains.auth.models import (
    Account,
    ApiKey,
    FederationFlow,
    Identity,
    KnownDevice,
    MailProof,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    Registration,
    ServiceAccount,
    Session,
    SignInThrottle,
    SignInTicket,
    Totp,
)
from domains.auth.services.tombstones import bury
from kernel.privacy import Fate, Holding, Person, PersonalPage, export_page

SECRET = "It proves who you are, and whoever reads it could be you."  # noqa: S105  words
ORGANIZATIONS_OWN = (
    "It belongs to the organization, which keeps by which id it was made; the id names nobody "
    "any more."
)
OF_WHOM_STAFF_ACTED_AS = (
    "account",
    "user_agent",
    "device",
    "network",
    "place",
    "provider_session",
)
STAFFS_DEEDS = "Who had the rights of staff answers for what was done with them."


def _by(model: Any, column: str = "account") -> Callable[[Person], QuerySet[Any]]:
    return lambda person: model.objects.filter(**{column: person.account_id})


def _own(name: str, description: str, model: Any, **more: Any) -> Holding:
    return Holding(
        name=name,
        description=description,
        model=model,
        of=_by(model),
        fate=Fate.ERASED,
        **{"shows": ("account_id", "created_at", "expires_at"), **more},
    )


_organizations = partial(Holding, fate=Fate.KEPT, why=ORGANIZATIONS_OWN)

# Sessions before the identities that they began with.
HOLDINGS: tuple[Holding, ...] = (
    _own(
        "sessions",
        "Your sign-ins: when, from where, with what, and how you proved who you are",
        Session,
        shows=(
            "id",
            "account_id",
            "created_at",
            "refreshed_at",
            "expires_at",
            "revoked_at",
            "revoked_reason",
            "proven_at",
            "methods",
            "user_agent",
            "device",
            "network",
            "place",
            "impersonation_reason",
            "provider_session",
        ),
        withholds={"impersonator": "It is another person: staff who acted as you."},
    ),
    Holding(
        name="impersonations",
        description="Sessions in which you, as staff, acted as somebody",
        model=Session,
        of=_by(Session, "impersonator"),
        shows=("id", "created_at", "impersonation_reason", "impersonator_id"),
        withholds=dict.fromkeys(
            OF_WHOM_STAFF_ACTED_AS, "It is told to the person whom you acted as."
        ),
        fate=Fate.KEPT,
        why=STAFFS_DEEDS,
        keeps=dict.fromkeys(
            (*OF_WHOM_STAFF_ACTED_AS, "impersonator", "impersonation_reason"), STAFFS_DEEDS
        ),
    ),
    _own(
        "known_devices",
        "Devices and networks that you have signed in from",
        KnownDevice,
        shows=("account_id", "device", "network", "first_seen_at", "last_seen_at"),
    ),
    _own(
        "sign_in_tickets",
        "Sign-ins that you have begun",
        SignInTicket,
        shows=("account_id", "proven", "provider_session", "created_at", "expires_at"),
    ),
    _own(
        "sign_in_failures",
        "How often signing in to your account failed lately",
        SignInThrottle,
        shows=("account_id", "scope", "failures", "window_started_at", "locked_until"),
    ),
    _own(
        "federation_flows",
        "Visits to other providers that you have begun",
        FederationFlow,
        shows=("account_id", "purpose", "provider", "created_at", "expires_at"),
    ),
    _own(
        "passkey_challenges",
        "Uses of a passkey that you have begun",
        PasskeyChallenge,
        shows=("account_id", "purpose", "created_at", "expires_at"),
    ),
    _own(
        "mail_proofs",
        "Mails with which you could do something, and where they went",
        MailProof,
        shows=("account_id", "purpose", "address", "created_at", "expires_at", "used_at"),
    ),
    _own(
        "registrations",
        "Your registration, until the address is proven",
        Registration,
        withholds={"password": SECRET},
    ),
    _own(
        "passkeys",
        "Your passkeys, and what you call them",
        Passkey,
        shows=(
            "id",
            "account_id",
            "name",
            "credential_id",
            "public_key",
            "transports",
            "aaguid",
            "backed_up",
            "created_at",
            "last_used_at",
            "suspected_at",
        ),
    ),
    _own(
        "authenticator_app",
        "Your authenticator app",
        Totp,
        shows=("account_id", "created_at", "confirmed_at"),
        withholds={"secret_encrypted": SECRET},
    ),
    _own(
        "recovery_codes",
        "Your recovery codes: when they were made and used",
        RecoveryCode,
        shows=("account_id", "created_at", "used_at"),
        withholds={"code_hash": SECRET},
    ),
    _own(
        "identities",
        "Who you are at other providers that you sign in with",
        Identity,
        shows=(
            "id",
            "account_id",
            "provider",
            "issuer",
            "subject",
            "email",
            "created_at",
            "last_used_at",
        ),
    ),
    _own(
        "api_keys",
        "Your API keys, and what you call them",
        ApiKey,
        shows=(
            "id",
            "account_id",
            "created_by",
            "organization_id",
            "name",
            "prefix",
            "permissions",
            "networks",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ),
        withholds={"key_hash": SECRET},
    ),
    _organizations(
        name="organizations_api_keys",
        description="API keys that you have made for an organization or its machines",
        model=ApiKey,
        of=lambda person: ApiKey.objects.filter(created_by=person.account_id, account=None),
        shows=("id", "created_by", "organization_id", "name", "networks", "created_at"),
        keeps=dict.fromkeys(("account", "created_by", "name", "networks"), ORGANIZATIONS_OWN),
    ),
    _organizations(
        name="service_accounts",
        description="Machines that you have given to an organization",
        model=ServiceAccount,
        of=_by(ServiceAccount, "created_by"),
        shows=("id", "created_by", "organization_id", "name", "created_at"),
        keeps={"created_by": ORGANIZATIONS_OWN},
    ),
    Holding(
        name="staff_changes_about_you",
        description="What staff have changed about your account",
        model=LogEntry,
        of=lambda person: LogEntry.objects.filter(object_id=str(person.account_id)),
        shows=("action_time", "object_repr", "change_message"),
        withholds={"user": "It is another person: staff who did it."},
        fate=Fate.ANONYMIZED,
        why=STAFFS_DEEDS,
        clears={
            "object_repr": Concat(
                Value("erased-"), "object_id", Value("@erased.invalid"), output_field=CharField()
            )
        },
    ),
    Holding(
        name="changes_as_staff",
        description="What you have changed as staff",
        model=LogEntry,
        of=_by(LogEntry, "user"),
        shows=("action_time", "change_message"),
        withholds={"object_repr": "It may name another person."},
        fate=Fate.KEPT,
        why=STAFFS_DEEDS,
    ),
    Holding(
        name="account",
        description="Your account",
        model=Account,
        of=lambda person: Account.objects.filter(id=person.account_id),
        shows=(
            "id",
            "email",
            "email_verified_at",
            "email_sign_in",
            "is_active",
            "is_staff",
            "banned_at",
            "ban_reason",
            "password_changed_at",
            "last_login",
            "created_at",
            "erase_at",
        ),
        withholds={"password": SECRET},
        fate=Fate.ANONYMIZED,
        why="A row with the id and two dates stays, so that the id never means somebody else.",
        clears={"email": "erased-<id>@erased.invalid", "ban_reason": ""},
        by=bury,
    ),
)


def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what auth keeps of the person, from the cursor on."""
    return export_page(HOLDINGS, Person(account_id=account_id), cursor=cursor)
