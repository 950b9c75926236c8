"""A person who did everything: the archive has all of it, the erasure leaves what it says."""

from __future__ import annotations

import json
from collections import Counter
from uuid import UUID

import pytest
from django.conf import settings as django_settings

from domains.users import models
from domains.users.services import assignments, ownership, person_exports, team_members, teams
from domains.users.services.person_export_job import write_export
from kernel import scope
from kernel.clock import now
from kernel.privacy import Fate, Person, is_personal
from tests.architecture.test_personal_columns import tables_of
from tests.files.conftest import local_storage
from tests.users.people import PASSWORD
from tests.users.privacy.conftest import body_of, newest, path_of, unpacked
from tests.users.test_erasure_everywhere import ADDRESS, FORMER, NAME, lived, standing_in

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["lived", "local_storage"]

BROWSER = "MarkedBrowser/7.5"
NETWORK = "198.51.100"
ON_THEIR_WAY = {"outbox", "inbox", "failed_event", "idempotency_record", "periodic_run"}


def browsing(path: str, body, token: str = "", method: str = "post"):
    from tests.client import Api

    api = Api(**{"User-Agent": BROWSER}, **({"Authorization": f"Bearer {token}"} if token else {}))
    api.client.defaults["REMOTE_ADDR"] = f"{NETWORK}.9"
    return getattr(api, method)(path, body) if body is not None else api.get(path)


@pytest.fixture
def everything(lived, records, deliver_events):
    """Return the person and their token, after teams, roles, offers and a trail as well."""
    ada, grace = lived
    shared = models.Organization.objects.get(name="Compilers")
    giver = grace.principal(shared.id)
    team = teams.create_team(principal=giver, organization_id=shared.id, name="Core")
    team_members.add_team_member(
        principal=giver, organization_id=shared.id, team_id=team.id, account_id=ada.account_id
    )
    assignments.assign_role(
        principal=giver, organization_id=shared.id, role="viewer", account_id=ada.account_id
    )
    mine = ada.principal(shared.id)
    assignments.assign_role(
        principal=mine, organization_id=shared.id, role="viewer", team_id=team.id
    )
    ownership.offer_ownership(
        principal=giver, organization_id=shared.id, account_id=ada.account_id, now=now()
    )
    token = browsing("auth/login", {"email": ADDRESS, "password": PASSWORD}).json()["access_token"]
    changed = browsing("users/me", {"locale": "de"}, token, method="patch")
    assert changed.status_code == 200
    models.AuditExport.objects.create(
        organization_id=shared.id,
        account_id=ada.account_id,
        format="csv",
        filters={"actor": str(ada.account_id)},
        created_at=now(),
    )
    deliver_events()
    return ada, token


def archive_of(token: str, deliver_events) -> dict[str, str]:
    asked = browsing("users/me/export", {}, token)
    assert asked.status_code == 202, asked.content
    deliver_events()
    shown = browsing("users/me/export", None, token).json()
    assert shown["state"] == "ready"
    return unpacked(body_of(browsing(path_of(shown["download_url"]), None)))


def lasting(word: str) -> set[str]:
    """Return the tables that hold the word and are not cleared by themselves."""
    return {name for name in standing_in(word) if name.split(".")[1] not in ON_THEIR_WAY}


def tables_shown(files: dict[str, str]) -> set[str]:
    """Return the tables of which the archive has a record."""
    return {
        f"{domain}.{holding.model._meta.db_table}"
        for domain in django_settings.ALL_DOMAINS
        for holding in tables_of(domain)
        if json.loads(files[f"{domain}/{holding.name}.json"])
    }


def test_the_archive_has_something_of_every_table_that_knows_the_person(everything, deliver_events):
    ada, token = everything
    known = set().union(
        *(lasting(word) for word in (str(ada.account_id), ADDRESS, NAME, BROWSER, f"{NETWORK}."))
    )
    assert {"users.team_membership", "users.role_assignment"} - known, "by their membership alone"
    assert {"users.ownership_transfer", "users.audit_entry", "users.audit_export"} <= known
    files = archive_of(token, deliver_events)
    assert known - tables_shown(files) == set()
    for section in ("team_memberships", "roles_given_to_you", "roles_given_by_you"):
        assert len(json.loads(files[f"users/{section}.json"])) == 1
    text = "".join(files.values())
    for word in (ADDRESS, FORMER, NAME, BROWSER, NETWORK, "laptop", "Engines", "Compilers", "pro"):
        assert word.lower() in text.lower(), word


# What the making of an archive itself adds to.
GROWING = {"audit_entries", "exports", "feed", "mails", "messages_about_you"}


def test_every_marked_value_that_is_shown_stands_in_the_archive(everything, deliver_events):
    ada, token = everything
    files = archive_of(token, deliver_events)
    person = Person(account_id=ada.account_id, addresses=(ADDRESS, FORMER))
    looked_at = set()
    for domain in django_settings.ALL_DOMAINS:
        for holding in tables_of(domain):
            text = files[f"{domain}/{holding.name}.json"]
            columns = [c for c in holding.model._meta.concrete_fields if is_personal(c)]
            shown = [c.attname for c in columns if {c.name, c.attname} & {*holding.shows}]
            passed_over = holding.name in GROWING or not shown
            for row in () if passed_over else holding.of(person).values(*shown):
                for column, value in row.items():
                    if isinstance(value, str | UUID):
                        said = json.dumps(str(value), ensure_ascii=False)
                        assert said in text, (holding.name, column)
                        looked_at.add(f"{holding.name}.{column}")
    assert len(looked_at) > 30


def test_nothing_secret_is_in_the_archive(everything, deliver_events):
    from domains.auth.models import Account, ApiKey, Session

    ada, token = everything
    secrets = [Account.objects.get(id=ada.account_id).password]
    secrets += ApiKey.objects.values_list("key_hash", flat=True)
    secrets += Session.objects.values_list("refresh_hash", flat=True)
    secrets += Session.objects.values_list("family_hash", flat=True)
    text = "".join(archive_of(token, deliver_events).values())
    assert len(secrets) > 5
    assert [secret for secret in secrets if secret in text] == []


def test_the_erasure_leaves_the_person_only_where_the_receipt_says(everything, api, deliver_events):
    ada, token = everything
    files = archive_of(token, deliver_events)
    asked = browsing("users/me/erase", {"immediately": True}, token)
    assert asked.status_code == 202
    deliver_events()
    deliver_events(sweeps=True)
    for word in (ADDRESS, FORMER, NAME, BROWSER, f"{NETWORK}."):
        assert lasting(word) == set(), word

    shown = api.post("users/erasure-receipts", {"token": asked.json()["receipt_token"]}).json()
    assert shown["complete"]
    items = {(a["domain"], i["what"]): i for a in shown["answers"] for i in a["items"]}
    staying = {
        f"{domain}.{holding.model._meta.db_table}"
        for domain in django_settings.ALL_DOMAINS
        for holding in tables_of(domain)
        if items[domain, holding.name]["how"] != Fate.ERASED
    }
    kept = lasting(str(ada.account_id))
    assert kept <= staying | {"users.erasure_answer"}
    assert "users.audit_entry" in kept
    assert "billing.payment_intent" in kept

    # What the receipt counts is what the archive showed, where nothing happens in between.
    for what in (
        ("users", "memberships"),
        ("users", "team_memberships"),
        ("users", "roles_given_to_you"),
        ("users", "roles_given_by_you"),
        ("users", "invitations_by_you"),
        ("users", "invitations_to_you"),
        ("users", "profile"),
        ("users", "audit_exports"),
        ("auth", "api_keys"),
        ("auth", "account"),
        ("billing", "payments"),
        ("files", "files"),
    ):
        assert items[what]["count"] == len(json.loads(files["/".join(what) + ".json"])) > 0, what


def test_of_the_person_nothing_that_should_be_erased_is_found_by_any_table(
    everything, deliver_events
):
    ada, token = everything
    browsing("users/me/erase", {"immediately": True}, token)
    deliver_events()
    deliver_events(sweeps=True)
    person = Person(account_id=ada.account_id, addresses=(ADDRESS, FORMER))
    with scope.use(scope.EVERYWHERE):
        left = Counter()
        for domain in django_settings.ALL_DOMAINS:
            for holding in tables_of(domain):
                if holding.fate is Fate.ERASED:
                    left[f"{domain}.{holding.name}"] += holding.of(person).count()
    assert {name: count for name, count in left.items() if count} == {}


def test_the_archive_is_the_same_with_every_domain_elsewhere(everything, boundary, deliver_events):
    ada, _ = everything
    person_exports.request_export(principal=ada.principal(), now=now())
    write_export(export_id=newest().id, now=now())
    assert newest().state == "ready"
    from domains.users.services.person_exports import get_latest_export

    url = get_latest_export(principal=ada.principal(), now=now()).download_url
    files = unpacked(body_of(browsing(path_of(url), None)))
    counts = {name: len(json.loads(text)) for name, text in files.items() if "/" in name}
    assert counts["auth/api_keys.json"] == counts["users/profile.json"] == 1
    assert counts["billing/payments.json"] == 1
    assert counts["notifications/mails.json"] > 0
    assert len(counts) == sum(len(tables_of(d)) for d in django_settings.ALL_DOMAINS)
