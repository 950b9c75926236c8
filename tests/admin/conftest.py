"""Members of staff and a row of every kind, for the tests of their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from domains.auth import interface as auth
from domains.auth import models as auth_models
from domains.auth.models import Account, Registration, VerificationToken
from domains.auth.services import api_keys, clients, keys, login
from domains.files.models import File, StorageUsage
from domains.users import interface as users
from domains.users import models as users_models
from domains.users.models import Invitation, Organization
from kernel.clock import now
from kernel.ids import uuid7
from kernel.models import FailedEvent, IdempotencyRecord, Outbox, PeriodicRun
from kernel.principal import Principal
from tests.admin import billing_rows, notification_rows

PASSWORD = "correct horse battery staple"
# A page of django-rq's, without a table of its own.
TABLELESS = {"django_rq.Dashboard"}
MODELS = sorted(
    (model for model in admin.site._registry if model._meta.label not in TABLELESS),
    key=lambda model: model._meta.label,
)
# Those that list only some of their model's rows.
NARROWED = {"domains_billing.Transfer": {"provider": "manual"}}
OWN_APPS = {"kernel", *(f"domains_{domain}" for domain in settings.ALL_DOMAINS)}
EVERY_MODEL = [m for m in apps.get_models() if m._meta.app_label in OWN_APPS]
# What somebody may type or paste into a search, or make up in an address.
ODD = {
    "a quote": "'",
    "two quotes": '"',
    "an open quote": '"Acme Ltd',
    "SQL": "'; DROP TABLE account; --",
    "markup": "<script>alert(1)</script>",
    "a NUL": "a\x00b",
    "wildcards": "%_\\",
    "nearly a UUID": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5",
    "a UUID": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f",
    "a huge number": "9" * 40,
    "many words": "a " * 50,
    "a very long word": "x" * 5000,
    "half a surrogate": "\ud800".encode("utf-8", "surrogatepass"),
    "another script": "ﷺ 🦀 \u202e",
}


def label_of(model) -> str:
    return model._meta.label


def staff_account(*, superuser: bool) -> Account:
    known = auth.ensure_account(email=f"staff.{uuid7()}@example.com", password=PASSWORD, staff=True)
    Account.objects.filter(id=known.id).update(is_superuser=superuser)
    return Account.objects.get(id=known.id)


def client_of(account: Account) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(account)
    return client


@pytest.fixture
def superuser() -> Client:
    return client_of(staff_account(superuser=True))


@pytest.fixture
def plain() -> Client:
    """Somebody on the staff whom nobody gave any permission."""
    return client_of(staff_account(superuser=False))


@pytest.fixture
def rows() -> None:
    """Make a row of every kind that the admin lists."""
    ada = auth.ensure_account(email="ada@example.com", password=PASSWORD)
    acme = users.ensure_organization(account_id=ada.id, name="Acme")
    _of_auth(ada.id)
    _of_users(acme.id, ada.id)
    billing_rows.make(acme.id, ada.id)
    _of_files(acme.id, ada.id)
    notification_rows.make(acme.id, ada.id)
    _of_kernel()


def row_of(model):
    """Return a row of the model from the first schema that has one."""
    aliases = settings.DOMAINS if model._meta.app_label == "kernel" else [None]
    lists = NARROWED.get(label_of(model), {})
    found = (model.objects.using(alias).filter(**lists).first() for alias in aliases)
    return next(row for row in found if row is not None)


def _of_auth(account_id) -> None:
    moment = now()
    keys.get_signer(now=moment)
    login.log_in(client=clients.Client(), email="ada@example.com", password=PASSWORD, now=moment)
    dates = {"created_at": moment, "expires_at": moment + timedelta(hours=1)}
    tried = Registration.objects.create(account_id=account_id, password="!", **dates)
    VerificationToken.objects.create(registration=tried, token_hash="0" * 64, **dates)
    _an_api_key(account_id)
    _of_sign_in(account_id, dates)
    Group.objects.create(name="Support")
    LogEntry.objects.create(
        user_id=account_id, object_id="1", object_repr="Ada", action_flag=CHANGE
    )


def _of_sign_in(account_id, dates) -> None:
    """Make the rows that sign-ins leave; each secret in them has the word "hidden" in it."""
    born, owner = {"created_at": dates["created_at"]}, {"account_id": account_id}
    auth_models.Totp.objects.create(secret_encrypted="hidden", **owner, **born)
    auth_models.RecoveryCode.objects.create(code_hash="hidden", **owner, **born)
    auth_models.Passkey.objects.create(
        name="Key", credential_id=b"hidden", public_key=b"hidden", sign_count=1, **owner, **born
    )
    auth_models.PasskeyChallenge.objects.create(
        purpose="sign_in", challenge=b"hidden", **owner, **dates
    )
    auth_models.Identity.objects.create(
        provider="acme", issuer="https://id.example", subject="ada", **owner, **born
    )
    auth_models.FederationFlow.objects.create(
        purpose="sign_in",
        provider="acme",
        ticket_hash="hidden",
        state_hash="hidden",
        nonce_hash="hidden",
        code_verifier_encrypted="hidden",
        redirect_uri="https://app.example/back",
        **owner,
        **dates,
    )
    proof = auth_models.MailProof.objects.create(
        purpose="sign_in", address="ada@example.com", ticket_hash="hidden", **owner, **dates
    )
    auth_models.MailProofSecret.objects.create(
        proof=proof, token_hash="hidden", code_encrypted="hidden", **born
    )
    auth_models.SignInTicket.objects.create(
        ticket_hash="hidden", proven=["password"], **owner, **dates
    )
    auth_models.SignInThrottle.objects.create(
        subject_hash="0" * 64,
        scope="account",
        window_started_at=dates["created_at"],
        expires_at=dates["expires_at"],
        **owner,
    )
    auth_models.ServiceAccount.objects.create(
        organization_id=uuid7(), name="CI", permissions=[], created_by=account_id, **born
    )


def _an_api_key(account_id) -> None:
    home = uuid7()
    owner = Principal(
        kind="account",
        account_id=account_id,
        session_id=uuid7(),
        organization_id=home,
        memberships={home: frozenset({"auth.api_key:write"})},
    )
    permissions = ["auth.api_key:write"]
    api_keys.create_api_key(owner, name="CI", permissions=permissions, expires_at=None, now=now())


def _of_users(organization_id, account_id) -> None:
    Invitation.objects.create(
        organization=Organization.objects.get(id=organization_id),
        email="bob@example.com",
        role="member",
        invited_by=account_id,
        expires_at=now(),
    )

    _of_structure(organization_id, account_id)
    _of_trail(organization_id, account_id)
    _of_privacy(account_id)


def _of_structure(organization_id, account_id) -> None:
    of = {"organization_id": organization_id}
    member = users_models.Membership.objects.get(account_id=account_id, **of)
    role = users_models.CustomRole.objects.create(
        name="Auditor", permissions=["users.audit:read"], **of
    )
    team_id = uuid7()
    team = users_models.Team.objects.create(id=team_id, path=[team_id], name="Search", **of)
    users_models.TeamMembership.objects.create(team=team, membership=member, **of)
    users_models.RoleAssignment.objects.create(
        membership=member, custom_role=role, scope=team, **of
    )
    users_models.OwnershipTransfer.objects.create(
        from_account_id=account_id,
        to_account_id=uuid7(),
        created_at=now(),
        expires_at=now(),
        **of,
    )


def _of_trail(organization_id, account_id) -> None:
    of = {"organization_id": organization_id}
    users_models.AuditChain.objects.get_or_create(
        organization_id=organization_id, defaults={"head": b"0" * 32, "floor_head": b"0" * 32}
    )
    users_models.AuditEntry.objects.create(
        id=uuid7(),
        sequence=1_000_000,
        occurred_at=now(),
        action="users.member_joined",
        actor_kind="account",
        actor_id=account_id,
        target_kind="account",
        target_id=str(account_id),
        facts={"role": "member"},
        personal_digest=b"0" * 32,
        hash=b"0" * 32,
        **of,
    )
    users_models.AuditAnchor.objects.create(
        day=now().date(),
        storage_key="anchors/today",
        digest=b"0" * 32,
        key_id="k1",
        signature=b"0" * 64,
        trails=1,
        created_at=now(),
    )
    users_models.AuditExport.objects.create(format="csv", created_at=now(), **of)


def _of_privacy(account_id) -> None:
    users_models.PersonExport.objects.create(account_id=account_id, created_at=now(), due_at=now())
    receipt = users_models.ErasureReceipt.objects.create(account_id=uuid7(), token_hash="hidden")
    users_models.ErasureAnswer.objects.create(
        receipt=receipt, domain="billing", items=[], answered_at=now()
    )


def _of_files(organization_id, account_id) -> None:
    File.objects.create(
        organization_id=organization_id,
        account_id=account_id,
        name="a<b>.txt",
        size=5,
        content_type="text/plain",
        sha256="0" * 64,
        storage_key="a",
        created_at=now(),
        upload_expires_at=now(),
    )
    StorageUsage.objects.create(organization_id=organization_id, used_bytes=5)


def _of_kernel() -> None:
    facts = {"name": "auth.nothing.v1", "aggregate_id": "1", "payload": {"a": "<b>"}}
    Outbox.objects.using("files").create(occurred_at=now(), pending=["users"], **facts)
    FailedEvent.objects.using("billing").create(
        event_id=uuid7(),
        handler="billing.swallow",
        envelope=facts,
        error="Poisoned",
        failed_at=now(),
        next_attempt_at=now(),
        dead_at=now(),
    )
    PeriodicRun.objects.using("users").create(task="users.sweep", run_at=now(), enqueued_at=now())
    IdempotencyRecord.objects.using("billing").create(
        scope="account:1",
        key="first",
        fingerprint="f",
        claim=uuid7(),
        leased_until=now(),
        expires_at=now(),
        answer="encrypted answer",
    )
