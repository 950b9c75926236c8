"""A person whose account was closed for a week stands in no table of any domain any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connections
from psycopg import sql

from domains.auth.models import Account, MailProof, Session
from domains.auth.services import closing, email_change, erasure, mail_proofs, sign_in
from domains.auth.services.api_keys import create_api_key
from domains.auth.services.clients import Client
from domains.billing.services.subscriptions.changing import change_subscription
from domains.billing.services.subscriptions.wishes import Wish
from domains.files.models import File
from domains.notifications.models import Notification
from domains.users import interface as users
from domains.users.models import Organization
from domains.users.services.acceptance import accept_invitation
from domains.users.services.founding import found_organization
from domains.users.services.invitations import invite
from domains.users.services.me import update_me
from domains.users.services.organizations import get_organizations
from kernel.clock import now
from kernel.context import ActorKind, RequestContext, use
from kernel.permissions import Role
from kernel.preconditions import ANY
from kernel.principal import Principal
from tests.files.conftest import local_storage, uploaded
from tests.users.people import Person, person

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["local_storage"]

NAME = "Augusta Ada Byron"
TOLD = {"notifications.message", "notifications.notification", "notifications.delivery"}
FORMER, ADDRESS, LATER = "augusta@example.com", "Countess@example.org", timedelta(days=7, minutes=1)


def session_of(who: Person, organization_id=None) -> Principal:
    """Return the person in a session that really began."""
    account = Account.objects.get(id=who.account_id)
    client = Client(address="203.0.113.7", user_agent="Mozilla/5.0 Firefox/140.0")
    sign_in.conclude(account, proven=("password",), client=client, now=now())
    principal = who.principal(organization_id)
    newest = Session.objects.filter(account=account).latest("created_at", "id")
    return Principal(**{**vars(principal), "session_id": newest.id})


def token_of(subject: str, address: str) -> str:
    [sent] = [m for m in mail.outbox if subject in m.subject and m.to == [address]]
    return sent.body.split("?token=")[1].split()[0]


def tables() -> Iterator[tuple[str, str]]:
    """Return every domain with each of the tables in its schema."""
    for domain in settings.ALL_DOMAINS:
        for table in connections[domain].introspection.table_names():
            yield domain, table


def standing_in(word: str) -> set[str]:
    """Return the tables with a row that holds the word, however it is cased."""
    found = set()
    for domain, table in tables():
        with connections[domain].cursor() as cursor:
            rows = sql.SQL("SELECT 1 FROM {t} AS r WHERE to_jsonb(r)::text ILIKE %s LIMIT 1")
            cursor.execute(rows.format(t=sql.Identifier(table)), [f"%{word}%"])
            if cursor.fetchone():
                found.add(f"{domain}.{table}")
    return found


def erase(who: Person, *, at: datetime, deliver_events) -> None:
    closing.close(session_of(who), now=now())
    deliver_events()
    assert erasure.erase_due(now=at) == 1
    deliver_events()
    deliver_events(sweeps=True)


@pytest.fixture
def lived(local_storage, deliver_events) -> tuple[Person, Person]:
    """Two people, after all that one of them could leave behind."""
    ada, grace = person("augusta"), person("grace")
    deliver_events()
    update_me(principal=session_of(ada), wanted={"display_name": NAME}, expected=ANY, now=now())

    alone = found_organization(principal=session_of(ada), name="Engines").organization_id
    change_subscription(
        principal=session_of(ada, alone),
        wish=Wish(plan="pro"),
        payment_method="pm_card_visa",
        now=now(),
    )
    hers = session_of(ada, alone)
    with use(RequestContext(actor_id=ada.account_id, actor_kind=ActorKind.ACCOUNT)):
        uploaded(hers, b"notes", name=f"{NAME}.txt", now=now())
        create_api_key(hers, name=f"{NAME}'s laptop", permissions=[], expires_at=None, now=now())
    invite(
        principal=session_of(ada, alone),
        organization_id=alone,
        email="bob@example.com",
        role=Role.MEMBER,
        now=now(),
    )

    shared = found_organization(principal=session_of(grace), name="Compilers").organization_id
    change_subscription(
        principal=session_of(grace, shared),
        wish=Wish(plan="pro"),
        payment_method="pm_card_visa",
        now=now(),
    )
    invite(
        principal=session_of(grace, shared),
        organization_id=shared,
        email=FORMER,
        role=Role.ADMIN,
        now=now(),
    )
    deliver_events()
    accept_invitation(
        principal=session_of(ada), token=token_of("invites you to Compilers", FORMER), now=now()
    )
    uploaded(session_of(ada, shared), b"shared", name="shared.txt", now=now())

    email_change.request_change(session_of(ada), email=ADDRESS, now=now())
    deliver_events()
    email_change.confirm(token=token_of("Confirm your new", ADDRESS), now=now())
    other = found_organization(principal=session_of(grace), name="Third").organization_id
    invite(
        principal=session_of(grace, other),
        organization_id=other,
        email=ADDRESS.lower(),
        role=Role.MEMBER,
        now=now(),
    )
    LogEntry.objects.create(
        user_id=grace.account_id,
        object_id=str(ada.account_id),
        object_repr=ADDRESS,
        action_flag=2,
    )
    deliver_events()
    return ada, grace


def test_nothing_that_names_an_erased_person_is_left_in_any_table(lived, deliver_events):
    ada, _ = lived
    assert standing_in(FORMER) == {"auth.mail_proof", "users.invitation", *TOLD}
    assert standing_in(ADDRESS) == {
        "auth.account",
        "auth.mail_proof",
        "auth.django_admin_log",
        "users.invitation",
        *TOLD,
    }
    assert standing_in(NAME) >= {"auth.api_key", "users.profile", "files.file", *TOLD}
    erase(ada, at=now() + LATER, deliver_events=deliver_events)

    assert standing_in(FORMER) == set()
    assert standing_in(ADDRESS) == set()
    # People's own words for keys and files stay in told events until those are cleared away.
    assert standing_in(NAME) <= {"auth.outbox", "files.outbox"}
    # The tombstone; the audit, of staff too; the receipt; books that the law wants kept; and what
    # was told, by ids.
    assert standing_in(str(ada.account_id)) <= {
        "auth.account",
        "auth.django_admin_log",
        "auth.outbox",
        "users.outbox",
        "users.audit_entry",
        "users.erasure_receipt",
        "users.erasure_answer",
        "billing.payment_intent",
        "billing.subscription",
        "billing.payment_method",  # the organization's
        "billing.entitlement_allocation",  # a freed seat, forgotten after 35 days
        "billing.outbox",
        "files.outbox",
        "notifications.outbox",
    }


def test_what_others_own_outlives_an_erased_person(lived, deliver_events):
    ada, grace = lived
    ids = dict(Organization.objects.values_list("name", "id"))
    erase(ada, at=now() + LATER, deliver_events=deliver_events)
    known = {o.name for o in get_organizations(organization_ids=list(ids.values()))}
    assert known == {"Personal", "Compilers", "Third"}
    [member] = users.get_members(organization_id=ids["Compilers"], roles=None)
    assert (member.account_id, member.role) == (grace.account_id, "owner")
    [file] = File.objects.exclude(state="deleted")
    assert (file.name, file.account_id) == ("shared.txt", None)
    assert Notification.objects.filter(account_id=grace.account_id).exists()


def test_an_account_that_was_opened_again_in_time_is_not_erased(lived, deliver_events):
    ada, _ = lived
    closing.close(session_of(ada), now=now())
    proof = MailProof.objects.get(purpose=MailProof.Purpose.CLOSING_UNDO)
    token = mail_proofs.issue_secret(proof_id=proof.id, now=now()).token
    closing.reopen(token=token, now=now())
    assert erasure.erase_due(now=now() + LATER) == 0
    deliver_events()
    assert "users.profile" in standing_in(NAME)


@pytest.mark.parametrize("domain", settings.ALL_DOMAINS)
def test_no_event_tells_an_address(lived, domain):
    """Facts and ids travel; addresses are asked for by whoever needs them."""
    assert f"{domain}.outbox" not in standing_in("@example")
