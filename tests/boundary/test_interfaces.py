"""Every function of every domain's interface answers the same here and over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.boundary.annotations import hints_of
from kernel.boundary.operations import registry
from kernel.errors import DomainError
from tests.boundary.plugin import everything_remote

OPERATIONS = {f"{domain}.{name}": operation for (domain, name), operation in registry.items()}
PASSWORD = "correct horse battery staple"

# What each function is asked, made from the `world` below.
ASKED = {
    "auth.authenticate_api_key": lambda _: {"key_hash": "0" * 64, "address": "203.0.113.7"},
    "auth.close_account": lambda world: {
        "account_id": world.account_id,
        "session_id": uuid4(),
        "immediately": True,
    },
    "auth.ensure_account": lambda _: {"email": "bob@example.com", "password": PASSWORD},
    "auth.export_person": lambda world: {"account_id": world.account_id, "cursor": None},
    "auth.find_accounts": lambda _: {"query": "ada", "limit": 10},
    "auth.get_active_sessions": lambda _: {"session_ids": [uuid4()]},
    "auth.get_accounts": lambda world: {"account_ids": [world.account_id, uuid4()]},
    "auth.get_proven_addresses": lambda world: {"account_id": world.account_id},
    "auth.get_session_state": lambda _: {"session_id": uuid4()},
    "auth.get_verification_keys": lambda _: {},
    "auth.issue_email_verification": lambda world: {"account_id": world.account_id},
    "auth.issue_mail_secret": lambda _: {"proof_id": uuid4()},
    "auth.require_step_up": lambda _: {"session_id": uuid4(), "auth_time": 0},
    "auth.rotate_signing_key": lambda _: {"compromised": False},
    "users.ensure_member": lambda world: {
        "organization_id": world.organization_id,
        "account_id": world.account_id,
        "role": "owner",
    },
    "users.ensure_organization": lambda world: {"account_id": world.account_id, "name": "Engines"},
    "users.export_person": lambda world: {"account_id": world.account_id, "cursor": None},
    "users.get_audit_keys": lambda _: {},
    "users.verify_audit": lambda world: {"organization_id": world.organization_id},
    "users.get_access": lambda world: {"account_id": world.account_id, "organization_id": None},
    "users.get_invitation": lambda _: {"invitation_id": uuid4()},
    "users.get_members": lambda world: {"organization_id": world.organization_id, "roles": None},
    "users.get_organizations": lambda world: {"organization_ids": [world.organization_id]},
    "users.get_organization_policy": lambda world: {"organization_id": world.organization_id},
    "users.get_profiles": lambda world: {"account_ids": [world.account_id, uuid4()]},
    "users.get_team_ids": lambda world: {
        "organization_id": world.organization_id,
        "team_ids": [uuid4()],
    },
    "users.list_member_ids": lambda world: {
        "organization_id": world.organization_id,
        "roles": ["owner"],
        "team_ids": None,
        "account_ids": [world.account_id, uuid4()],
        "after": None,
        "limit": 10,
    },
    "users.get_role_names": lambda world: {
        "organization_id": world.organization_id,
        "roles": ["owner", str(uuid4()), "gone"],
    },
    "users.issue_invitation_token": lambda _: {"invitation_id": uuid4()},
    "billing.check_entitlement": lambda world: _seat_of(world) | {"amount": 1},
    "billing.check_entitlements": lambda world: {
        "organization_ids": [world.organization_id],
        "feature": "seats",
    },
    "billing.consume_entitlement": lambda world: _seat_of(world) | {"amount": 1, "key": "used"},
    "billing.reserve_entitlement": lambda world: (
        _seat_of(world) | {"amount": 1, "key": "held", "expires_at": None}
    ),
    "billing.settle_reservation": lambda world: _seat_of(world) | {"key": "never held"},
    "billing.release_reservation": lambda world: _seat_of(world) | {"key": "never held"},
    "billing.record_usage": lambda _: {"reports": []},
    "billing.export_person": lambda world: {"account_id": world.account_id, "cursor": None},
    "billing.simulate_billing": lambda world: {
        "organization_id": world.organization_id,
        "until": datetime.now(UTC) + timedelta(days=60),
    },
    "billing.ensure_catalogue": lambda _: {},
    "billing.publish_catalogue": lambda _: {"text": None, "dry_run": True},
    "billing.verify_books": lambda world: {"organization_id": world.organization_id},
    "billing.replay_provider_events": lambda _: {"since": None, "quarantined": True},
    "billing.get_entitlements": lambda world: {"organization_ids": [world.organization_id]},
    "files.export_person": lambda world: {"account_id": world.account_id, "cursor": None},
    "files.get_files": lambda _: {"file_ids": [uuid4()]},
    "notifications.export_person": lambda world: {"account_id": world.account_id, "cursor": None},
    "notifications.get_unread_counts": lambda world: {"account_ids": [world.account_id]},
    "notifications.redeem_stream_ticket": lambda _: {"ticket": "never issued"},
}


def _seat_of(world):
    return {"organization_id": world.organization_id, "feature": "seats"}


@pytest.fixture
def world(db):
    """An account and an organization that it owns."""
    from domains.auth import interface as auth
    from domains.users import interface as users

    account = auth.ensure_account(email="ada@example.com", password=PASSWORD)
    organization = users.ensure_organization(account_id=account.id, name="Engines")
    return SimpleNamespace(account_id=account.id, organization_id=organization.id)


def call_of(operation):
    """Return the function as other domains see it."""
    import importlib

    return getattr(importlib.import_module(operation.function.__module__), operation.name)


def outcome(operation, asked):
    """Return what the call answers, or all that its error says."""
    try:
        return call_of(operation)(**asked)
    except DomainError as error:
        return type(error), error.detail, error.pointer, error.details


def test_every_function_is_asked_something_here():
    assert sorted(ASKED) == sorted(OPERATIONS)


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("name", ASKED)
def test_both_ways_give_the_same_answer(name, world, settings, monkeypatch):
    asked = ASKED[name](world)
    here = outcome(OPERATIONS[name], asked)
    with everything_remote(settings, monkeypatch):
        elsewhere = outcome(OPERATIONS[name], asked)
    assert elsewhere == here


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@settings(max_examples=25)
@given(data=st.data())
def test_any_value_of_the_annotated_types_survives_the_journey(name, data):
    operation = OPERATIONS[name]
    hints = hints_of(operation.function)
    result = data.draw(_values(hints.pop("return")))
    arguments = {name: data.draw(_values(hint)) for name, hint in hints.items()}
    codec = operation.codec
    assert codec.decode_result(codec.encode_result(result)) == result
    assert codec.decode_arguments(codec.encode_arguments(arguments)) == arguments


# JSON has no other numbers.
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))


def _values(hint):
    return st.none() if hint is type(None) else st.from_type(hint)
