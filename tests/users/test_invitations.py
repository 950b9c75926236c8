"""Inviting: by whom, as what, and for how many seats."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import IntegrityError, connections, transaction

from domains.users import interface as users
from domains.users import models
from domains.users.contract.errors import OrganizationClosed
from domains.users.services import invitations, inviting, sweeping
from kernel import periodic
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.permissions import Role
from kernel.rest import timestamp
from tests.users.people import member_of, organization_of, person
from tests.users.together import at_once, meeting

pytestmark = pytest.mark.django_db(databases="__all__")


def invite(someone, organization_id, email="charles@example.com", role="member", at=None):
    return invitations.invite(
        principal=someone.principal(),
        organization_id=organization_id,
        email=email,
        role=Role(role),
        now=at or now(),
    )


def opened(organization_id):
    return models.Invitation.objects.filter(organization_id=organization_id, accepted_at=None)


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


def test_an_invitation_is_good_for_seven_days(ada, organization_id):
    at = now()
    invitation = invite(ada, organization_id, at=at)
    assert invitation.expires_at == at + timedelta(days=7)
    assert (invitation.email, invitation.role) == ("charles@example.com", "member")
    assert invitation.invited_by == ada.account_id


def test_an_invitation_is_told_without_address_or_secret(ada, organization_id):
    invitation = invite(ada, organization_id)
    [told] = Outbox.objects.using("users").filter(name="users.member_invited.v1")
    assert told.payload == {
        "organization_id": str(organization_id),
        "invitation_id": str(invitation.id),
        "account_id": str(ada.account_id),
        "expires_at": timestamp(invitation.expires_at),
    }


def test_inviting_the_same_address_again_renews_the_invitation(ada, organization_id):
    first = invite(ada, organization_id, at=now() - timedelta(days=3))
    users.issue_invitation_token(invitation_id=first.id)
    second = invite(ada, organization_id, "Charles@Example.com", "viewer")
    assert second.id == first.id
    renewed = opened(organization_id).get()
    assert (renewed.role, renewed.email) == ("viewer", "Charles@Example.com")
    assert renewed.expires_at > first.expires_at
    assert renewed.token_hash == ""
    assert Outbox.objects.using("users").filter(name="users.member_invited.v1").count() == 2


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_and_viewers_invite_nobody(organization_id, role):
    grace = member_of(organization_id, "grace", role)
    with pytest.raises(Forbidden):
        invite(grace, organization_id)
    assert not opened(organization_id).exists()


def test_an_admin_makes_no_owner(organization_id):
    grace = member_of(organization_id, "grace", "admin")
    with pytest.raises(users.RoleAboveOwn):
        invite(grace, organization_id, role="owner")
    assert invite(grace, organization_id, role="admin").role == "admin"


def test_an_owner_may_invite_another_owner(ada, organization_id):
    assert invite(ada, organization_id, role="owner").role == "owner"


def test_an_api_key_grants_no_more_than_its_person(organization_id):
    grace = member_of(organization_id, "grace", "admin")
    key = grace.key(organization_id, users.MEMBER_INVITE.name)
    with pytest.raises(users.RoleAboveOwn):
        invitations.invite(
            principal=key,
            organization_id=organization_id,
            email="charles@example.com",
            role=Role.OWNER,
            now=now(),
        )


def test_a_member_is_not_invited_again(ada, organization_id):
    member_of(organization_id, "grace")
    with pytest.raises(users.AlreadyMember):
        invite(ada, organization_id, "GRACE@example.com")


def test_members_and_open_invitations_fill_the_plan(ada, organization_id):
    invite(ada, organization_id, "one@example.com")
    invite(ada, organization_id, "two@example.com")
    with pytest.raises(users.SeatLimitReached) as refusal:
        invite(ada, organization_id, "three@example.com")
    assert refusal.value.details["seats"] == 3
    assert opened(organization_id).count() == 2


def test_renewing_takes_no_second_seat(ada, organization_id):
    invite(ada, organization_id, "one@example.com")
    invite(ada, organization_id, "two@example.com")
    invite(ada, organization_id, "two@example.com", role="admin")
    assert opened(organization_id).get(email="two@example.com").role == "admin"


def test_an_expired_invitation_holds_no_seat_and_needs_one_to_be_renewed(ada, organization_id):
    invite(ada, organization_id, "late@example.com", at=now() - timedelta(days=8))
    invite(ada, organization_id, "one@example.com")
    invite(ada, organization_id, "two@example.com")
    with pytest.raises(users.SeatLimitReached):
        invite(ada, organization_id, "late@example.com")


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_several_invitations_for_the_last_seat_one_is_made(monkeypatch):
    ada = person()
    organization_id = organization_of(ada)
    member_of(organization_id, "grace")
    monkeypatch.setattr(invitations, "get_seats", meeting(invitations.get_seats, 4))

    def inviting(name):
        return lambda: invite(ada, organization_id, f"{name}@example.com")

    outcomes = at_once(*[inviting(name) for name in ("one", "two", "three", "four")])
    assert sum(isinstance(o, users.SeatLimitReached) for o in outcomes) == 3
    assert opened(organization_id).count() == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_one_address_invited_at_once_by_several_has_one_invitation(monkeypatch):
    ada = person()
    organization_id = organization_of(ada)
    monkeypatch.setattr(invitations, "get_seats", meeting(invitations.get_seats, 4))
    outcomes = at_once(*[lambda: invite(ada, organization_id)] * 4)
    assert len({invitation.id for invitation in outcomes}) == 1
    assert opened(organization_id).count() == 1


def test_the_database_refuses_a_second_open_invitation_of_an_address(ada, organization_id):
    first = invite(ada, organization_id)
    with pytest.raises(IntegrityError), transaction.atomic(using="users"):
        models.Invitation.objects.create(
            organization_id=organization_id,
            email=first.email.upper(),
            role="member",
            invited_by=ada.account_id,
            expires_at=now(),
        )


def test_a_revoked_invitation_frees_its_seat(ada, organization_id):
    invitation = invite(ada, organization_id)
    token = users.issue_invitation_token(invitation_id=invitation.id)
    invitations.revoke_invitation(
        principal=ada.principal(), organization_id=organization_id, invitation_id=invitation.id
    )
    assert token
    assert not opened(organization_id).exists()
    with pytest.raises(users.InvitationNotFound):
        users.get_invitation(invitation_id=invitation.id)


def resend(someone, organization_id, invitation_id, at=None):
    return invitations.resend_invitation(
        principal=someone.principal(),
        organization_id=organization_id,
        invitation_id=invitation_id,
        now=at or now(),
    )


def test_an_invitation_revoked_is_told_once(ada, organization_id):
    invitation = invite(ada, organization_id)
    revoke = {
        "principal": ada.principal(),
        "organization_id": organization_id,
        "invitation_id": invitation.id,
    }
    invitations.revoke_invitation(**revoke)
    with pytest.raises(users.InvitationNotFound):
        invitations.revoke_invitation(**revoke)
    [told] = Outbox.objects.using("users").filter(name="users.invitation_revoked.v1")
    assert told.payload == {
        "organization_id": str(organization_id),
        "invitation_id": str(invitation.id),
    }


def test_an_invitation_resent_has_a_new_time_and_another_secret(ada, organization_id):
    grace = member_of(organization_id, "grace", "admin")
    first = invite(ada, organization_id, role="viewer", at=now() - timedelta(days=9))
    models.Invitation.objects.filter(id=first.id).update(token_hash="x")
    at = now()
    again = resend(grace, organization_id, first.id, at=at)
    kept = opened(organization_id).get()
    assert kept.id == again.id == first.id
    assert (kept.expires_at, kept.token_hash, kept.role) == (at + timedelta(days=7), "", "viewer")
    assert (kept.invited_by, kept.created_at) == (grace.account_id, first.created_at)
    told = Outbox.objects.using("users").filter(name="users.member_invited.v1").order_by("id")
    assert [event.payload["account_id"] for event in told] == [
        str(ada.account_id),
        str(grace.account_id),
    ]


def test_an_accepted_or_foreign_invitation_is_not_resent(ada, organization_id):
    eve = person("eve")
    eves = organization_of(eve, "Eve's")
    invitation = invite(ada, organization_id)
    for someone, where in ((eve, eves), (ada, organization_of(ada, "Other"))):
        with pytest.raises(users.InvitationNotFound):
            resend(someone, where, invitation.id)
    models.Invitation.objects.filter(id=invitation.id).update(accepted_at=now())
    for unknown in (invitation.id, uuid7()):
        with pytest.raises(users.InvitationNotFound):
            resend(ada, organization_id, unknown)
    assert Outbox.objects.using("users").filter(name="users.member_invited.v1").count() == 1


def test_nobody_resends_what_they_could_not_grant(ada, organization_id):
    grace = member_of(organization_id, "grace", "admin")
    invitation = invite(ada, organization_id, role="owner")
    with pytest.raises(users.RoleAboveOwn):
        resend(grace, organization_id, invitation.id)


def test_who_became_a_member_meanwhile_gets_no_second_mail(ada, organization_id):
    invitation = invite(ada, organization_id, "grace@example.com")
    member_of(organization_id, "grace")
    with pytest.raises(users.AlreadyMember):
        resend(ada, organization_id, invitation.id)


def test_an_expired_invitation_needs_a_seat_to_be_resent(ada, organization_id):
    late = invite(ada, organization_id, "late@example.com", at=now() - timedelta(days=8))
    for name in ("one", "two"):
        invite(ada, organization_id, f"{name}@example.com")
    with pytest.raises(users.SeatLimitReached):
        resend(ada, organization_id, late.id)


def test_only_addresses_of_allowed_domains_are_invited(ada, organization_id):
    before = invite(ada, organization_id, "charles@elsewhere.org")
    models.Organization.objects.filter(id=organization_id).update(
        allowed_email_domains=["example.com", "xn--bcher-kva.example"]
    )
    for allowed in ("a@Example.COM", "b@BÜCHER.example"):
        invite(ada, organization_id, allowed)
        opened(organization_id).filter(email=allowed).delete()
    for refused in ("c@example.org", "d@mail.example.com", "e@notexample.com"):
        with pytest.raises(users.EmailDomainNotAllowed):
            invite(ada, organization_id, refused)
    with pytest.raises(users.EmailDomainNotAllowed):
        resend(ada, organization_id, before.id)


def test_a_closed_organization_invites_nobody(ada, organization_id):
    invitation = invite(ada, organization_id)
    principal = ada.principal()
    close(organization_id)
    about = {"principal": principal, "organization_id": organization_id, "now": now()}
    with pytest.raises(OrganizationClosed):
        invitations.invite(**about, email="x@example.com", role="member")
    with pytest.raises(OrganizationClosed):
        invitations.resend_invitation(**about, invitation_id=invitation.id)
    with pytest.raises(Forbidden):
        invite(ada, organization_id, "x@example.com")


def close(organization_id):
    models.Organization.objects.filter(id=organization_id).update(
        closed_at=now(), erase_at=now() + timedelta(days=30)
    )


@pytest.fixture
def plenty(monkeypatch):
    """The plan has seats for everybody."""
    monkeypatch.setattr(invitations, "get_seats", lambda _: 100)


@pytest.mark.usefixtures("plenty")
def test_invitations_of_long_ago_are_swept(ada, organization_id):
    at = now()
    ages = {"old": 90, "accepted": 90, "young": 89, "open": 0}
    for name, days in ages.items():
        sent = at - timedelta(days=days + 7)
        invite(ada, organization_id, f"{name}@example.com", at=sent if days else at)
    models.Invitation.objects.filter(email="accepted@example.com").update(
        accepted_at=at - timedelta(days=92)
    )
    assert sweeping.sweep_invitations(now=at) == 2
    left = models.Invitation.objects.values_list("email", flat=True)
    assert set(left) == {"young@example.com", "open@example.com"}
    assert sweeping.sweep_invitations(now=at) == 0


@pytest.mark.usefixtures("plenty")
def test_any_number_is_swept(ada, organization_id, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 2)
    for number in range(5):
        at = now() - timedelta(days=100)
        invite(ada, organization_id, f"p{number}@example.com", at=at)
    assert sweeping.sweep_invitations(now=now()) == 5


def test_the_sweep_is_done_every_day():
    named = "users.delete_old_invitations"
    [task] = [task for task in periodic.of_domain("users") if task.name == named]
    assert task.every == timedelta(days=1)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_an_invitation_renewed_while_it_is_swept_stays(monkeypatch):
    ada = person()
    organization_id = organization_of(ada)
    old = invite(ada, organization_id, at=now() - timedelta(days=100))
    decided, swept = Event(), []
    save = inviting.Desk.save

    def save_late(desk):
        sweeper = Thread(target=lambda: swept.append(sweep_elsewhere()))
        sweeper.start()
        decided.wait(timeout=0.5)
        save(desk)

    monkeypatch.setattr(inviting.Desk, "save", save_late)
    resend(ada, organization_id, old.id)
    while not swept:
        decided.wait(timeout=0.05)
    assert swept == [0]
    assert opened(organization_id).get().expires_at > now()


def sweep_elsewhere():
    try:
        return sweeping.sweep_invitations(now=now())
    finally:
        connections.close_all()


def test_an_invitation_of_another_organization_is_not_revoked(ada, organization_id):
    eve = person("eve")
    eves = organization_of(eve, "Eve's")
    invitation = invite(ada, organization_id)
    for principal, where, error in (
        (eve.principal(), eves, users.InvitationNotFound),
        (eve.principal(), organization_id, users.OrganizationNotFound),
    ):
        with pytest.raises(error):
            invitations.revoke_invitation(
                principal=principal, organization_id=where, invitation_id=invitation.id
            )
    assert opened(organization_id).exists()


def test_a_member_sees_no_invitations(organization_id):
    grace = member_of(organization_id, "grace")
    with pytest.raises(Forbidden):
        invitations.list_invitations(principal=grace.principal(), organization_id=organization_id)


def test_only_the_newest_secret_is_kept_and_only_as_a_hash(ada, organization_id):
    invitation = invite(ada, organization_id)
    first = users.issue_invitation_token(invitation_id=invitation.id)
    second = users.issue_invitation_token(invitation_id=invitation.id)
    stored = opened(organization_id).get().token_hash
    assert first != second
    assert len(second) >= 43
    assert second not in stored
    assert len(stored) == 64


def test_an_expired_invitation_gets_no_secret(ada, organization_id):
    invitation = invite(ada, organization_id, at=now() - timedelta(days=7))
    with pytest.raises(users.InvitationExpired):
        users.issue_invitation_token(invitation_id=invitation.id)


def test_an_unknown_invitation_gets_no_secret():
    with pytest.raises(users.InvitationNotFound):
        users.issue_invitation_token(invitation_id=uuid7())
