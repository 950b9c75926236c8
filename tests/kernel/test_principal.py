"""Who may do what, and the errors that say so."""

import itertools

import pytest

from kernel import errors
from kernel.ids import uuid7
from kernel.permissions import EVERYBODY, Permission, Role, permissions_of, registry
from tests.principals import member_of

WRITE = Permission("kernel.tested:write", "Only in tests", roles=(Role.OWNER, Role.ADMIN))
READ = Permission("kernel.tested:read", "Only in tests", roles=EVERYBODY)


def test_a_permission_is_held_by_its_roles_alone():
    allowed = {role for role in Role if WRITE.name in permissions_of(role)}
    assert allowed == {Role.OWNER, Role.ADMIN}


def test_every_permission_of_a_role_is_held_by_every_stronger_role():
    held = [permissions_of(role) for role in Role]
    assert all(stronger >= weaker for stronger, weaker in itertools.pairwise(held))


def test_a_permission_is_declared_once():
    with pytest.raises(TypeError, match="declared twice"):
        Permission(WRITE.name, "Something else", roles=EVERYBODY)
    assert registry[WRITE.name] == WRITE


def test_a_member_without_the_permission_is_refused():
    viewer = member_of(uuid7(), Role.VIEWER)
    viewer.require(READ)
    with pytest.raises(errors.Forbidden):
        viewer.require(WRITE)


def test_a_permission_in_one_organization_is_none_in_another():
    owner = member_of(uuid7())
    owner.require(WRITE)
    with pytest.raises(errors.Forbidden):
        owner.require(WRITE, organization_id=uuid7())


def test_a_code_belongs_to_one_error():
    class Tested(errors.Conflict):
        code = "kernel.only_in_tests"
        title = "Only in tests"

    assert errors.by_code["kernel.only_in_tests"] is Tested
    with pytest.raises(TypeError, match="is taken"):
        type("Other", (errors.Conflict,), {"code": Tested.code, "title": "Other"})
