"""Accepting an invitation: by the invited person alone, in time, once or again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domains.auth import interface as auth
from domains.users import interface as users
from domains.users import models
from domains.users.contract.errors import OrganizationClosed
from domains.users.services import acceptance, invitations, memberships
from kernel.clock import now
from kernel.crypto import new_secret
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.permissions import Role
from tests.users.people import member_of, organization_of, person
from tests.users.teams import custom_role
from tests.users.together import at_once, meeting

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def charles():
    return person("charles")


def invited(ada, organization_id, email="charles@example.com", role="member", at=None):
    invitation = invitations.invite(
        principal=ada.principal(),
        organization_id=organization_id,
        email=email,
        role=role,
        now=at or now(),
    )
    return users.issue_invitation_token(invitation_id=invitation.id)


def accept(someone, token, at=None):
    return acceptance.accept_invitation(principal=someone.principal(), token=token, now=at or now())


def is_member(someone, organization_id):
    return models.Membership.objects.filter(
        organization_id=organization_id, account_id=someone.account_id
    ).exists()


def joined():
    return Outbox.objects.using("users").filter(name="users.member_joined.v1")


def test_the_invited_person_joins_with_the_role_offered(ada, organization_id, charles):
    membership = accept(charles, invited(ada, organization_id, role="admin"))
    invitation = models.Invitation.objects.get()
    assert (membership.organization_id, membership.role) == (organization_id, "admin")
    assert charles.principal(organization_id).may(users.MEMBER_INVITE)
    assert joined().get().payload == {
        "organization_id": str(organization_id),
        "account_id": str(charles.account_id),
        "role": "admin",
        "invitation_id": str(invitation.id),
    }


def test_the_address_may_be_written_in_any_case(ada, organization_id, charles):
    accept(charles, invited(ada, organization_id, "CHARLES@Example.COM"))
    assert is_member(charles, organization_id)


def test_accepting_again_answers_the_same_and_changes_nothing(ada, organization_id, charles):
    token = invited(ada, organization_id)
    first = accept(charles, token)
    again = accept(charles, token, at=now() + timedelta(days=30))
    assert again.id == first.id
    assert joined().count() == 1


def test_nobody_else_can_accept_it(ada, organization_id):
    eve = person("eve")
    token = invited(ada, organization_id)
    with pytest.raises(users.InvitedAnotherAddress):
        accept(eve, token)
    assert not is_member(eve, organization_id)


def test_an_address_that_is_not_verified_accepts_nothing(
    ada, organization_id, charles, monkeypatch
):
    token = invited(ada, organization_id)
    [account] = auth.get_accounts(account_ids=[charles.account_id])
    unverified = replace(account, email_verified=False)
    monkeypatch.setattr(auth, "get_accounts", lambda *, account_ids: [unverified])
    with pytest.raises(auth.EmailNotVerified):
        accept(charles, token)


def test_an_api_key_accepts_nothing(ada, organization_id, charles):
    token = invited(ada, organization_id)
    key = charles.key(charles.principal().organization_id)
    with pytest.raises(auth.SessionRequired):
        acceptance.accept_invitation(principal=key, token=token, now=now())


def test_an_expired_invitation_is_refused_to_the_second(ada, organization_id, charles):
    at = now()
    token = invited(ada, organization_id, at=at)
    with pytest.raises(users.InvitationExpired):
        accept(charles, token, at=at + timedelta(days=7))
    assert not is_member(charles, organization_id)
    accept(charles, token, at=at + timedelta(days=7, seconds=-1))
    assert is_member(charles, organization_id)


@pytest.mark.parametrize("token", ["", "guess", "ø" * 100])
def test_a_guessed_secret_opens_nothing(ada, organization_id, charles, token):
    invited(ada, organization_id)
    with pytest.raises(users.InvitationNotFound):
        accept(charles, token)


def test_an_invitation_without_a_mail_yet_opens_to_no_secret(ada, organization_id, charles):
    invitations.invite(
        principal=ada.principal(),
        organization_id=organization_id,
        email=charles.email,
        role=Role.MEMBER,
        now=now(),
    )
    for token in ("", new_secret()):
        with pytest.raises(users.InvitationNotFound):
            accept(charles, token)


def test_a_renewed_invitation_leaves_the_old_secret_worthless(ada, organization_id, charles):
    old = invited(ada, organization_id)
    new = invited(ada, organization_id)
    with pytest.raises(users.InvitationNotFound):
        accept(charles, old)
    accept(charles, new)


def test_a_plan_that_has_become_too_small_keeps_people_out(ada, organization_id, charles):
    token = invited(ada, organization_id)
    member_of(organization_id, "grace")
    member_of(organization_id, "alan")
    with pytest.raises(users.SeatLimitReached):
        accept(charles, token)
    assert not is_member(charles, organization_id)


def test_a_person_with_too_many_memberships_joins_nothing_more(
    ada, organization_id, charles, monkeypatch
):
    token = invited(ada, organization_id)
    charles.principal()
    monkeypatch.setattr(memberships, "MEMBERSHIPS_PER_ACCOUNT", 1)
    with pytest.raises(users.MembershipLimitReached):
        accept(charles, token)
    assert models.Invitation.objects.get().accepted_at is None


def test_a_member_who_accepts_keeps_the_role_and_uses_the_invitation_up(
    ada, organization_id, charles
):
    token = invited(ada, organization_id, role="admin")
    users.ensure_member(
        organization_id=organization_id, account_id=charles.account_id, role="viewer"
    )
    assert accept(charles, token).role == "viewer"
    assert models.Invitation.objects.get().accepted_at is not None


def test_a_used_secret_brings_nobody_back(ada, organization_id, charles):
    token = invited(ada, organization_id)
    accept(charles, token).delete()
    with pytest.raises(users.InvitationNotFound):
        accept(charles, token)
    assert not is_member(charles, organization_id)


def test_who_has_left_can_be_invited_again(ada, organization_id, charles):
    accept(charles, invited(ada, organization_id)).delete()
    accept(charles, invited(ada, organization_id))
    assert is_member(charles, organization_id)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_one_invitation_accepted_at_once_by_one_person_makes_one_member(monkeypatch):
    ada, charles = person(), person("charles")
    organization_id = organization_of(ada)
    token = invited(ada, organization_id)
    monkeypatch.setattr(acceptance, "get_seats", meeting(acceptance.get_seats, 5))
    outcomes = at_once(*[lambda: accept(charles, token)] * 5)
    assert len({membership.id for membership in outcomes}) == 1
    assert joined().count() == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_the_last_seat_is_taken_once_by_people_who_accept_at_once(monkeypatch):
    ada = person()
    organization_id = organization_of(ada)
    people = [person("charles"), person("grace")]
    tokens = [invited(ada, organization_id, someone.email) for someone in people]
    member_of(organization_id, "alan")
    monkeypatch.setattr(acceptance, "get_seats", meeting(acceptance.get_seats, 2))
    outcomes = at_once(
        *[lambda s=s, t=t: accept(s, t) for s, t in zip(people, tokens, strict=True)]
    )
    assert sum(isinstance(outcome, users.SeatLimitReached) for outcome in outcomes) == 1
    assert models.Membership.objects.filter(organization_id=organization_id).count() == 3


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_an_invitation_revoked_while_it_is_accepted_does_one_or_the_other():
    ada, charles = person(), person("charles")
    organization_id = organization_of(ada)
    token = invited(ada, organization_id)
    invitation = models.Invitation.objects.get()

    def revoke():
        invitations.revoke_invitation(
            principal=ada.principal(),
            organization_id=organization_id,
            invitation_id=invitation.id,
        )

    accepted, revoked = at_once(lambda: accept(charles, token), revoke)
    assert isinstance(accepted, users.InvitationNotFound) == (revoked is None)
    assert is_member(charles, organization_id) == isinstance(revoked, users.InvitationNotFound)


def accept_own(someone, invitation_id, at=None):
    return acceptance.accept_own_invitation(
        principal=someone.principal(), invitation_id=invitation_id, now=at or now()
    )


@pytest.fixture
def invitation(ada, organization_id):
    invited(ada, organization_id, "CHARLES@example.com")
    return models.Invitation.objects.get()


def test_the_owner_of_the_address_needs_no_secret_and_may_ask_again(
    organization_id, charles, invitation
):
    first = accept_own(charles, invitation.id)
    again = accept_own(charles, invitation.id, at=now() + timedelta(days=30))
    assert again.id == first.id
    assert is_member(charles, organization_id)
    assert joined().count() == 1


def test_nobody_else_finds_it(organization_id, invitation):
    eve = person("eve")
    refusals = []
    for id_ in (invitation.id, uuid7()):
        with pytest.raises(users.InvitationNotFound) as refusal:
            accept_own(eve, id_)
        refusals.append((refusal.value.detail, refusal.value.details))
    assert refusals[0] == refusals[1]
    assert not is_member(eve, organization_id)


def test_without_a_verified_address_no_invitation_is_found_or_not(charles, invitation, monkeypatch):
    [account] = auth.get_accounts(account_ids=[charles.account_id])
    unverified = replace(account, email_verified=False)
    monkeypatch.setattr(auth, "get_accounts", lambda *, account_ids: [unverified])
    for id_ in (invitation.id, uuid7()):
        with pytest.raises(auth.EmailNotVerified):
            accept_own(charles, id_)


def test_an_api_key_accepts_nothing_by_its_id_either(charles, invitation):
    key = charles.key(charles.principal().organization_id)
    with pytest.raises(auth.SessionRequired):
        acceptance.accept_own_invitation(principal=key, invitation_id=invitation.id, now=now())


def test_an_expired_or_revoked_one_is_not_accepted_by_its_id(charles, invitation):
    with pytest.raises(users.InvitationExpired):
        accept_own(charles, invitation.id, at=invitation.expires_at)
    invitation.delete()
    with pytest.raises(users.InvitationNotFound):
        accept_own(charles, invitation.id)


def test_nobody_joins_a_closed_organization(organization_id, charles, invitation):
    token = users.issue_invitation_token(invitation_id=invitation.id)
    models.Organization.objects.filter(id=organization_id).update(
        closed_at=now(), erase_at=now() + timedelta(days=30)
    )
    for attempt in (lambda: accept(charles, token), lambda: accept_own(charles, invitation.id)):
        with pytest.raises(OrganizationClosed):
            attempt()
    assert not is_member(charles, organization_id)


def test_nobody_joins_from_a_domain_that_is_no_longer_allowed(organization_id, charles, invitation):
    token = users.issue_invitation_token(invitation_id=invitation.id)
    models.Organization.objects.filter(id=organization_id).update(
        allowed_email_domains=["elsewhere.org"]
    )
    for attempt in (lambda: accept(charles, token), lambda: accept_own(charles, invitation.id)):
        with pytest.raises(users.EmailDomainNotAllowed):
            attempt()
    models.Organization.objects.filter(id=organization_id).update(
        allowed_email_domains=["elsewhere.org", "example.com"]
    )
    accept(charles, token)


def test_a_custom_role_is_had_by_who_accepts(ada, organization_id, charles):
    role = custom_role(organization_id, "users.team:write")
    accept(charles, invited(ada, organization_id, role=str(role.id)))
    assert charles.principal(organization_id).may(users.TEAM_WRITE)
    assert joined().get().payload["role"] == str(role.id)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_both_ways_at_once_make_one_member(monkeypatch):
    ada, charles = person(), person("charles")
    organization_id = organization_of(ada)
    token = invited(ada, organization_id)
    invitation = models.Invitation.objects.get()
    monkeypatch.setattr(acceptance, "get_seats", meeting(acceptance.get_seats, 4))
    outcomes = at_once(
        *[lambda: accept(charles, token)] * 2, *[lambda: accept_own(charles, invitation.id)] * 2
    )
    assert len({membership.id for membership in outcomes}) == 1
    assert joined().count() == 1
