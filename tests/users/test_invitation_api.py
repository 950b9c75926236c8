"""Resending, and accepting without a token, as a client meets them."""

from __future__ import annotations

import pytest

from domains.users import interface as users
from gateway import credentials
from kernel.ids import uuid7
from tests.client import Api
from tests.users.people import PASSWORD, Person, member_of, organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _new_verifier():
    """The keys are made anew in every test, so nothing of the last one's may be remembered."""
    credentials.verifier.cache_clear()


def signed_in(someone: Person) -> Api:
    answer = Api().post("auth/login", {"email": someone.email, "password": PASSWORD})
    return Api().as_(token=answer.json()["access_token"])


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def path(organization_id):
    return f"users/organizations/{organization_id}/invitations"


def problem(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_invitation_is_resent_accepted_without_its_token_and_not_resent_again(ada, path):
    charles, me = person("charles"), signed_in(ada)
    invited = me.post(path, {"email": charles.email, "role": "member"}).json()
    old = users.issue_invitation_token(invitation_id=invited["id"])
    again = me.post(f"{path}/{invited['id']}/resend")
    assert again.status_code == 200
    assert again.json() == {**invited, "expires_at": again.json()["expires_at"]}
    assert again.json()["expires_at"] > invited["expires_at"]
    them = signed_in(charles)
    problem(them.post("users/invitations/accept", {"token": old}), 404, INVITATION_NOT_FOUND)
    answers = [them.post(f"users/invitations/{invited['id']}/accept") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    problem(me.post(f"{path}/{invited['id']}/resend"), 404, INVITATION_NOT_FOUND)


INVITATION_NOT_FOUND = "users.invitation_not_found"


def test_a_foreign_and_an_unknown_invitation_answer_alike(ada, organization_id, path):
    invited = signed_in(ada).post(path, {"email": "charles@example.com", "role": "member"}).json()
    eve = person("eve")
    eves = organization_of(eve, "Eve's")
    them, ids = signed_in(eve), (invited["id"], uuid7())
    for about in (
        "users/invitations/{}/accept",
        f"users/organizations/{eves}/invitations/{{}}/resend",
    ):
        documents = []
        for id_ in ids:
            answer = them.post(about.format(id_))
            problem(answer, 404, INVITATION_NOT_FOUND)
            documents.append({**answer.json(), "request_id": "", "instance": ""})
        assert documents[0] == documents[1]


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_and_viewers_resend_nothing(ada, organization_id, path, role):
    invited = signed_in(ada).post(path, {"email": "charles@example.com", "role": "member"}).json()
    them = signed_in(member_of(organization_id, "grace", role))
    problem(them.post(f"{path}/{invited['id']}/resend"), 403, "kernel.forbidden")
