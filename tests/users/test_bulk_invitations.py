"""Inviting many at once: every row is answered, and the whole costs a handful of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from domains.auth import interface as auth
from domains.users import interface as users
from domains.users import models
from domains.users.contract.errors import CsvInvalid, OrganizationClosed, TooManyRows
from domains.users.services import bulk_invitations, invitations
from domains.users.services.invitation_csv import MOST_ROWS, read_rows
from gateway import credentials
from kernel.clock import now
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.client import Api
from tests.users.people import PASSWORD, Person, member_of, organization_of, person
from tests.users.teams import custom_role
from tests.users.together import at_once, meeting

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
def me(ada):
    return signed_in(ada)


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def plenty(monkeypatch):
    """The plan has seats for everybody."""
    monkeypatch.setattr(invitations, "get_seats", lambda _: 5_000)


def upload(api, organization_id, content, *, content_type="text/csv", **headers):
    data = content.encode() if isinstance(content, str) else content
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.generic(
        "POST",
        f"/api/v1/users/organizations/{organization_id}/invitations/bulk",
        data,
        content_type=content_type,
        headers={**api.headers, **named},
    )


def csv_of(*rows):
    return "\n".join(["email,role", *rows])


def in_bulk(someone, organization_id, *rows):
    return bulk_invitations.invite_by_csv(
        principal=someone.principal(),
        organization_id=organization_id,
        content=csv_of(*rows).encode(),
        now=now(),
    )


def opened(organization_id):
    return models.Invitation.objects.filter(organization_id=organization_id, accepted_at=None)


def told():
    return Outbox.objects.using("users").filter(name="users.member_invited.v1")


def problem(answer, status, code):
    document = answer.json()
    assert (answer.status_code, document["code"]) == (status, code)
    return document


@pytest.mark.usefixtures("plenty")
def test_every_row_is_answered_in_its_order(ada, organization_id, me):
    member_of(organization_id, "grace")
    former = invitations.invite(
        principal=ada.principal(),
        organization_id=organization_id,
        email="known@example.com",
        role="admin",
        now=now() - timedelta(days=2),
    )
    role = custom_role(organization_id, "users.team:read")
    foreign = custom_role(organization_of(person("eve"), "Eve's"), "users.team:read")
    answer = upload(
        me,
        organization_id,
        csv_of(
            "one@example.com,viewer",
            "  two@example.com ,",
            "",
            "KNOWN@example.com,member",
            "Grace@example.com,member",
            "no address,member",
            "three@example.com,emperor",
            f"four@example.com,{foreign.id}",
            f"five@example.com,{str(role.id).upper()}",
            "ONE@example.com,member",
            "six@example.com,member,surplus",
            f"{'x' * 250}@example.com,member",
        ),
    )
    assert answer.status_code == 200
    rows = answer.json()["data"]
    assert [row["row"] for row in rows] == list(range(1, 12))
    assert [(row["status"], row["code"]) for row in rows] == [
        ("invited", None),
        ("invited", None),
        ("renewed", None),
        ("refused", "users.already_member"),
        ("refused", "users.address_invalid"),
        ("refused", "users.role_not_found"),
        ("refused", "users.role_not_found"),
        ("invited", None),
        ("refused", "users.address_repeated"),
        ("refused", "users.csv_invalid"),
        ("refused", "users.address_invalid"),
    ]
    assert all((row["invitation_id"] is None) == (row["status"] == "refused") for row in rows)
    assert all((row["detail"] is None) == (row["status"] != "refused") for row in rows)
    kept = {row.email: row for row in opened(organization_id)}
    assert {email: row.role_key for email, row in kept.items()} == {
        "one@example.com": "viewer",
        "two@example.com": "member",
        "KNOWN@example.com": "member",
        "five@example.com": str(role.id),
    }
    assert rows[2]["invitation_id"] == str(former.id)
    assert {row["invitation_id"] for row in rows} - {None} == {str(r.id) for r in kept.values()}
    assert kept["KNOWN@example.com"].expires_at > former.expires_at
    assert told().count() == 5


def test_seats_are_taken_in_the_order_of_the_rows_until_none_is_left(ada, organization_id):
    rows = [f"p{number}@example.com,member" for number in range(4)]
    answered = in_bulk(ada, organization_id, *rows)
    assert [each.status for each in answered] == ["invited", "invited", "refused", "refused"]
    assert {each.answer.refusal.code for each in answered[2:]} == {"users.seat_limit_reached"}
    again = in_bulk(ada, organization_id, *reversed(rows))
    assert [each.status for each in again] == ["refused", "refused", "renewed", "renewed"]
    assert opened(organization_id).count() == 2


@pytest.mark.usefixtures("plenty")
def test_nobody_grants_in_bulk_what_they_may_not_grant_alone(organization_id):
    grace = member_of(organization_id, "grace", "admin")
    answered = in_bulk(grace, organization_id, "a@example.com,owner", "b@example.com,admin")
    assert answered[0].answer.refusal.code == "users.role_above_own"
    assert answered[1].status == "invited"


@pytest.mark.usefixtures("plenty")
def test_only_allowed_domains_are_invited_in_bulk(ada, organization_id):
    allow(organization_id, "example.com", "xn--bcher-kva.example")
    answered = in_bulk(
        ada,
        organization_id,
        "a@EXAMPLE.com,",
        "b@sub.example.com,",
        "c@example.com.evil.org,",
        "d@Bücher.example,",
    )
    codes = [each.answer.refusal and each.answer.refusal.code for each in answered]
    refused = "users.email_domain_not_allowed"
    assert codes == [None, refused, refused, None]


def allow(organization_id, *domains):
    models.Organization.objects.filter(id=organization_id).update(
        allowed_email_domains=list(domains)
    )


def costs(call):
    """Return how many queries the call asks of users, and how often it asks auth and billing."""
    with (
        CaptureQueriesContext(connections["users"]) as of_users,
        CaptureQueriesContext(connections["auth"]) as of_auth,
        CaptureQueriesContext(connections["billing"]) as of_billing,
    ):
        call()
    return len(of_users), len(of_auth), len(of_billing)


def test_a_thousand_cost_the_queries_of_ten(ada, organization_id, monkeypatch):
    monkeypatch.setattr(invitations, "get_seats", lambda _: 5_000)
    asked = []
    get_accounts = auth.get_accounts
    monkeypatch.setattr(
        auth, "get_accounts", lambda **about: asked.append(about) or get_accounts(**about)
    )
    principal = ada.principal()
    few = [f"few{number}@example.com,member" for number in range(10)]
    many = [f"many{number}@example.com,member" for number in range(MOST_ROWS)]

    def inviting(rows):
        return lambda: bulk_invitations.invite_by_csv(
            principal=principal,
            organization_id=organization_id,
            content=csv_of(*rows).encode(),
            now=now(),
        )

    cheap, dear = costs(inviting(few)), costs(inviting(many))
    assert dear[0] <= 20
    assert (dear[0] - cheap[0], dear[1:]) == (0, cheap[1:])
    assert len(asked) == 2
    assert opened(organization_id).count() == MOST_ROWS + 10
    assert costs(inviting(many))[0] <= 30
    assert told().count() == 2 * MOST_ROWS + 10


UNREADABLE = [
    b"",
    b"\n\n",
    b"email,role\n",
    b"one@example.com,member\n",
    b"email;role\none@example.com;member\n",
    b"email,role,name\none@example.com,member,One\n",
    b"email,email\none@example.com,member\n",
    b"role\nmember\n",
    b"email,role\none@example.com,m\x00ember\n",
    b"\x00",
    "email,role\ngrö@example.com,member\n".encode("latin-1"),
    "email,role\none@example.com,member\n".encode("utf-16"),
    b'email,role\n"one@example.com,member\n',
    b'email,role\n"one"x@example.com,member\n',
    b"email,role\n" + b"x" * 200_000,
    b"PK\x03\x04\x14\x00\x06\x00",
]


@pytest.mark.parametrize("content", UNREADABLE)
def test_what_cannot_be_read_invites_nobody(organization_id, me, content):
    problem(upload(me, organization_id, content), 400, "users.csv_invalid")
    assert not opened(organization_id).exists()


@pytest.mark.usefixtures("plenty")
def test_a_spreadsheet_s_own_spelling_is_read(organization_id, me):
    content = b'\xef\xbb\xbf"Email","ROLE"\r\n"one@example.com","admin"\r\n\r\n,\r\n'
    answer = upload(me, organization_id, content, content_type="text/csv; charset=UTF-8")
    [row] = answer.json()["data"]
    assert (row["row"], row["status"]) == (1, "invited")
    assert opened(organization_id).get().role == "admin"


@pytest.mark.usefixtures("plenty")
def test_without_roles_all_are_to_be_members(ada, organization_id, me):
    upload(me, organization_id, "email\none@example.com\ntwo@example.com")
    assert {row.role for row in opened(organization_id)} == {"member"}


@pytest.mark.usefixtures("plenty")
def test_one_row_too_many_invites_nobody(organization_id, me):
    rows = [f"p{number}@example.com,member" for number in range(MOST_ROWS + 1)]
    document = problem(upload(me, organization_id, csv_of(*rows)), 422, "users.too_many_rows")
    assert document["most"] == MOST_ROWS
    assert not opened(organization_id).exists()
    assert not told().exists()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(organization_id, me):
    huge = b"email\n" + b"x" * 10_000_000
    problem(upload(me, organization_id, huge), 413, "gateway.body_too_large")


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("application/json", "gateway.content_type_unsupported"),
        ("text/plain", "gateway.content_type_unsupported"),
        ("multipart/form-data; boundary=x", "gateway.content_type_unsupported"),
        ("text/csv; charset=latin-1", "users.charset_unsupported"),
        ("text/csv; charset=utf-7", "users.charset_unsupported"),
    ],
)
def test_another_type_of_body_is_refused(organization_id, me, content_type, code):
    answer = upload(me, organization_id, csv_of("a@example.com,"), content_type=content_type)
    problem(answer, 415, code)


@pytest.mark.usefixtures("plenty")
def test_a_repeat_with_its_key_has_one_effect(organization_id, me):
    content = csv_of("one@example.com,member")
    first = upload(me, organization_id, content, Idempotency_Key="k-1")
    again = upload(me, organization_id, content, Idempotency_Key="k-1")
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert told().count() == 1
    other = upload(me, organization_id, csv_of("two@example.com,"), Idempotency_Key="k-1")
    problem(other, 422, "gateway.idempotency_key_reused")


def test_members_viewers_and_strangers_upload_nothing(organization_id):
    for role in ("member", "viewer"):
        them = signed_in(member_of(organization_id, f"a-{role}", role))
        problem(upload(them, organization_id, csv_of("x@example.com,")), 403, "kernel.forbidden")
    eve = signed_in(person("eve"))
    documents = []
    for target in (organization_id, uuid7()):
        answer = upload(eve, target, csv_of("x@example.com,"))
        document = problem(answer, 404, "users.organization_not_found")
        documents.append({**document, "request_id": "", "instance": ""})
    assert documents[0] == documents[1]
    assert not opened(organization_id).exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_uploads_at_once_take_no_seat_twice_and_invite_nobody_twice(monkeypatch):
    ada = person()
    organization_id = organization_of(ada)
    principal = ada.principal()
    asking = meeting(lambda _: 11, 2)
    monkeypatch.setattr(invitations, "get_seats", asking)

    def uploading(*names):
        content = csv_of(*(f"{name}@example.com,member" for name in names)).encode()
        return lambda: bulk_invitations.invite_by_csv(
            principal=principal, organization_id=organization_id, content=content, now=now()
        )

    shared = [f"shared{number}" for number in range(4)]
    own = [[f"{side}{number}" for number in range(8)] for side in "ab"]
    one, two = at_once(uploading(*shared, *own[0]), uploading(*reversed(shared), *own[1]))
    assert opened(organization_id).count() == 10
    statuses = [each.status for each in (*one, *two)]
    assert (statuses.count("invited"), statuses.count("renewed")) == (10, 4)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_twenty_single_ones_and_an_upload_at_once_take_no_more_seats_than_there_are(monkeypatch):
    ada = person()
    organization_id = organization_of(ada)
    principal = ada.principal()
    monkeypatch.setattr(invitations, "get_seats", meeting(lambda _: 16, 21))

    def single(number):
        return lambda: invitations.invite(
            principal=principal,
            organization_id=organization_id,
            email=f"single{number}@example.com",
            role="member",
            now=now(),
        )

    def bulk():
        content = csv_of(*(f"bulk{number}@example.com," for number in range(20))).encode()
        return bulk_invitations.invite_by_csv(
            principal=principal, organization_id=organization_id, content=content, now=now()
        )

    rows, *singles = at_once(bulk, *[single(number) for number in range(20)])
    invited = [each for each in rows if each.status == "invited"]
    alone = [each for each in singles if isinstance(each, models.Invitation)]
    assert len(invited) + len(alone) == opened(organization_id).count() == 15
    refused = [each for each in singles if not isinstance(each, models.Invitation)]
    assert all(isinstance(each, users.SeatLimitReached) for each in refused)


def test_a_closed_organization_invites_nobody(ada, organization_id):
    principal = ada.principal()
    close(organization_id)
    with pytest.raises(OrganizationClosed):
        bulk_invitations.invite_by_csv(
            principal=principal,
            organization_id=organization_id,
            content=b"email\none@example.com",
            now=now(),
        )
    assert not opened(organization_id).exists()


def close(organization_id):
    models.Organization.objects.filter(id=organization_id).update(
        closed_at=now(), erase_at=now() + timedelta(days=30)
    )


@given(content=st.binary(max_size=300))
def test_any_bytes_are_rows_or_refused(content):
    try:
        rows = read_rows(content)
    except (CsvInvalid, TooManyRows):
        return
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters='\0\r\n",'), max_size=20)


@given(emails=st.lists(TEXT.map(str.strip).filter(bool), min_size=1, max_size=20))
def test_every_address_comes_out_as_it_went_in(emails):
    content = "email\n" + "".join(f'"{email}"\n' for email in emails)
    assert [row.email for row in read_rows(content.encode())] == emails
