"""ASVS 5.0, chapter V8: who may do what is written down, and held to on every request."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from domains.users import models as users
from domains.users.contract.permissions import AUDIT_READ
from kernel.permissions import Role, registry
from tests.client import Api
from tests.isolation import test_matrix as matrix
from tests.isolation.operations import described
from tests.isolation.table import TABLE

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.xdist_group("isolation-asvs"),
]
SECURITY = (Path(__file__).parents[3] / "docs/SECURITY.md").read_text()
PERMISSION = re.compile(r"^\| `([a-z_]+\.[a-z_]+:[a-z_]+)` \| .+ \| (.+) \|$", re.MULTILINE)


def as_(world, actor: str) -> Api:
    return Api().as_(token=world.people[actor].token, organization_id=world.ours.id)


def test_asvs_v5_0_0_8_1_1():
    """What is written down of permissions and roles is what holds."""
    written = {name: set(roles.split(", ")) for name, roles in PERMISSION.findall(SECURITY)}
    declared = [p for p in registry.values() if p.name.partition(".")[0] in settings.ALL_DOMAINS]
    assert written == {p.name: {role.value for role in p.roles} for p in declared}
    assert "answered like what never was" in SECURITY


def test_asvs_v5_0_0_8_1_2():
    """The fields that only some may read or set are written down, with the operations for them."""
    section = SECURITY.partition("### Fields")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z]+[A-Z]\w+)`", section))
    assert named >= {"setOrganizationPolicy", "offerOwnership", "listAuditLog"}
    assert named <= {*described()}


@pytest.mark.parametrize(
    "name", ["createInvitation", "openUpload", "changeSubscription", "createRole", "listAuditLog"]
)
def test_asvs_v5_0_0_8_2_1(world, watch, name):
    """Functions are for those who hold the permission; the whole table is held in the matrix."""
    assert {403, 401} <= set(TABLE[name].answers.values())
    matrix.test_every_actor_is_answered_as_declared(world, watch, name, TABLE[name])


@pytest.mark.parametrize("name", ["getFile", "getTeam", "revokeApiKey", "endSession"])
def test_asvs_v5_0_0_8_2_2(world, watch, name):
    """What is somebody else's is answered like what never was."""
    matrix.test_what_is_not_ones_own_is_answered_like_what_never_was(
        world, watch, name, TABLE[name]
    )


def test_asvs_v5_0_0_8_2_3(world, watch):
    """Fields that are not for whoever sends them change nothing: they are refused."""
    admin, path = as_(world, "admin"), f"users/organizations/{world.ours.id}"
    for field, value in {
        "personal": True,
        "created_by": str(world.people["admin"].account.id),
        "closed_at": None,
        "mfa_required": False,
        "allowed_networks": [],
    }.items():
        answer = admin.patch(path, {field: value})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert admin.patch(f"{path}/policy", {"mfa_required": False}).status_code == 403
    assert watch.written() == set()


def test_asvs_v5_0_0_8_3_1(world, watch):
    """Nothing that a client says of itself makes it more than it is."""
    viewer = as_(world, "viewer")
    said = {"X_Role": "owner", "X_Permissions": AUDIT_READ.name, "X_Account_Id": "owner"}
    assert viewer.get("users/audit-log", **said).status_code == 403
    assert viewer.get(f"users/audit-log?role=owner&permission={AUDIT_READ.name}").status_code >= 400
    header, _, signature = world.people["viewer"].token.split(".")
    forged = f"{header}.{world.people['owner'].token.split('.')[1]}.{signature}"
    forger = Api().as_(token=forged, organization_id=world.ours.id)
    assert forger.get("users/audit-log").status_code == 401


def test_asvs_v5_0_0_8_3_2(world, watch):
    """A role counts, and counts no more, from the next request on."""
    member = as_(world, "member")
    assert member.get("users/audit-log").status_code == 403
    rows = users.Membership.objects.filter(
        organization_id=world.ours.id, account_id=world.people["member"].account.id
    )
    rows.update(role=Role.ADMIN)
    assert member.get("users/audit-log").status_code == 200
    rows.update(role=Role.VIEWER)
    assert member.get("users/audit-log").status_code == 403
    rows.delete()
    assert member.get("users/audit-log").status_code == 404
    watch.take_back(watch.written())


@pytest.mark.parametrize("name", ["listFiles", "createTeam", "changeSubscription"])
def test_asvs_v5_0_0_8_4_1(world, watch, name):
    """No organization is entered, shown or changed by who has no part in it."""
    matrix.test_no_organization_is_entered_by_naming_it_in_the_header(
        world, watch, name, TABLE[name]
    )
