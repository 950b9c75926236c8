"""No column that tells of a person is unmarked, unexported or forgotten by an erasure."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from kernel.privacy import Fate, Holding, is_personal, of_person
from kernel.privacy.holdings import problems_of

MODELS = [
    m
    for m in apps.get_models()
    if m.__module__.startswith(("domains.", "kernel.")) and not m._meta.proxy
]
WORDS = frozenset(
    {
        "account",
        "actor",
        "address",
        "agent",
        "avatar",
        "birthday",
        "body",
        "by",
        "city",
        "context",
        "device",
        "email",
        "facts",
        "html",
        "impersonator",
        "ip",
        "locale",
        "name",
        "network",
        "nick",
        "person",
        "personal",
        "phone",
        "place",
        "preferences",
        "recipient",
        "street",
        "subject",
        "text",
        "zone",
    }
)
KINDS = (models.EmailField, models.GenericIPAddressField)

# What sounds like a person and is none, with the reason.
MACHINES = "It names a machine or a thing of the organization, which its people chose for it."
FLAG = "It says whether or when, not who."
ORGANIZATIONS = "It is the organization's, as it wants to be billed, and goes with it."
TABLES = "It names a kind of thing, not a person."
ON_THEIR_WAY = "Events on their way: cleared away seven days after they were handled."
NOT_PERSONAL = {
    "domains_auth.Account.email_verified_at": FLAG,
    "domains_auth.Account.email_sign_in": FLAG,
    "domains_auth.SignInThrottle.subject_hash": "A keyed hash, by which nobody is found.",
    "domains_users.Organization.personal": FLAG,
    "domains_auth.ServiceAccount.name": MACHINES,
    "domains_auth.ApiKey.service_account": MACHINES,
    "domains_users.Organization.name": MACHINES,
    "domains_users.Organization.allowed_email_domains": "Domains, not addresses.",
    "domains_users.Organization.allowed_networks": "Networks of the organization.",
    "domains_users.CustomRole.name": MACHINES,
    "domains_users.Team.name": MACHINES,
    "domains_users.AuditEntry.actor_kind": TABLES,
    "domains_users.AuditEntry.facts": "Ids and masked fields: events name nobody.",
    "domains_users.AuditEntry.personal_salt": "It is random.",
    "domains_users.AuditEntry.personal_digest": "Its salt goes with the person.",
    "domains_notifications.Notification.organization_name": MACHINES,
    "domains_notifications.ChatEndpoint.name": MACHINES,
    "domains_notifications.Category.name": MACHINES,
    "domains_notifications.Message.recipients": "It says how many, not who.",
    "domains_billing.CatalogueRelease.text": TABLES,
    "domains_billing.Customer.time_zone": ORGANIZATIONS,
    "domains_billing.Customer.locale": ORGANIZATIONS,
    "domains_billing.Customer.name": ORGANIZATIONS,
    "domains_billing.Customer.email": ORGANIZATIONS,
    "domains_billing.Customer.address": ORGANIZATIONS,
    "domains_billing.Invoice.time_zone": ORGANIZATIONS,
    "domains_billing.Invoice.locale": ORGANIZATIONS,
    "domains_billing.Meter.name": TABLES,
    "domains_billing.Posting.account": "An account of the books.",
    "domains_billing.Price.name": TABLES,
    "domains_billing.Product.name": TABLES,
    "domains_billing.Subscription.time_zone": ORGANIZATIONS,
    "kernel.Outbox.name": TABLES,
    "kernel.Outbox.actor_id": ON_THEIR_WAY,
}


def tables_of(domain: str) -> tuple[Holding, ...]:
    return import_module(f"domains.{domain}.services.privacy").HOLDINGS


ALL_HOLDINGS = [holding for domain in settings.ALL_DOMAINS for holding in tables_of(domain)]


def label_of(column) -> str:
    return f"{column.model._meta.label}.{column.name}"


def suspicious(model: type[models.Model]) -> set[str]:
    """Return the unmarked columns of the model that sound like a person."""
    return {
        label_of(column)
        for column in model._meta.concrete_fields
        if not is_personal(column) and _sounds_like_a_person(column)
    }


def _sounds_like_a_person(column) -> bool:
    words = set(re.split(r"_+|(?<=s)$", column.name))
    words |= {word.removesuffix("s") for word in words}
    return bool(words & WORDS) or isinstance(column, KINDS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_marked_column_is_known_to_the_export_and_to_the_erasure(model):
    assert list(problems_of(model, ALL_HOLDINGS)) == []


def test_every_unmarked_column_that_sounds_like_a_person_has_a_reason():
    found = set().union(*(suspicious(model) for model in MODELS))
    assert found - NOT_PERSONAL.keys() == set()
    assert NOT_PERSONAL.keys() - found == set(), "these reasons are stale"


@pytest.mark.parametrize("domain", settings.ALL_DOMAINS)
def test_a_domains_table_speaks_of_columns_that_exist(domain):
    for holding in tables_of(domain):
        columns = holding.model._meta.concrete_fields
        known = {name for column in columns for name in (column.name, column.attname)}
        named = {*holding.shows, *holding.withholds, *holding.clears, *holding.keeps}
        assert named <= known, holding.name


@pytest.mark.parametrize("domain", settings.ALL_DOMAINS)
def test_a_domains_table_gives_reasons_for_what_stays(domain):
    for holding in tables_of(domain):
        assert holding.fate is Fate.ERASED or holding.why, holding.name
        assert all(holding.keeps.values()), holding.name
        assert all(holding.withholds.values()), holding.name
    names = [holding.name for holding in tables_of(domain)]
    assert len(names) == len(set(names))


class TestAPlantedColumn:
    """The guards see what they must: each model here has one thing wrong."""

    @pytest.fixture
    def plant(self):
        """Make a model that no other test sees."""
        made = []

        def make(**columns):
            meta = type("Meta", (), {"app_label": "planted"})
            model = type(
                "Planted", (models.Model,), {"__module__": "planted", "Meta": meta, **columns}
            )
            made.append(model)
            return model

        yield make
        apps.all_models.pop("planted", None)
        apps.clear_cache()

    def holding(self, model, **changes):
        said = {"name": "planted", "description": "", "model": model, "of": None, "shows": ()}
        return Holding(**{**said, "fate": Fate.ERASED, **changes})

    def test_that_is_marked_and_in_no_table_is_seen_twice(self, plant):
        model = plant(nickname=of_person(models.TextField()))
        problems = list(problems_of(model, ALL_HOLDINGS))
        assert len(problems) == 2
        assert "no export knows it" in problems[0]
        assert "no erasure knows it" in problems[1]

    def test_that_is_erased_but_not_exported_is_seen(self, plant):
        model = plant(nickname=of_person(models.TextField()))
        [problem] = problems_of(model, [self.holding(model)])
        assert "no export knows it" in problem

    def test_that_is_exported_but_neither_cleared_nor_kept_is_seen(self, plant):
        model = plant(nickname=of_person(models.TextField()))
        forgotten = self.holding(model, shows=("nickname",), fate=Fate.ANONYMIZED, clears={"x": 1})
        [problem] = problems_of(model, [forgotten])
        assert "neither clears nor keeps it" in problem
        settled = self.holding(model, shows=("nickname",), fate=Fate.KEPT, keeps={"nickname": "y"})
        assert list(problems_of(model, [settled])) == []

    def test_that_is_unmarked_and_sounds_like_a_person_is_seen(self, plant):
        model = plant(
            nick_name=models.TextField(),
            reached_at=models.EmailField(),
            account_id=models.UUIDField(),
            opened_by=models.UUIDField(),
            user_agent=models.TextField(),
            colour=models.TextField(),
        )
        names = {label.rpartition(".")[2] for label in suspicious(model)}
        assert names == {"nick_name", "reached_at", "account_id", "opened_by", "user_agent"}

    def test_a_mark_changes_no_migration_and_survives_inheritance(self):
        marked, plain = of_person(models.EmailField(max_length=9)), models.EmailField(max_length=9)
        assert marked.deconstruct()[1:] == plain.deconstruct()[1:]
        base = type(
            "Base",
            (models.Model,),
            {
                "__module__": "planted",
                "email": marked,
                "Meta": type("Meta", (), {"abstract": True, "app_label": "planted"}),
            },
        )
        heir = type(
            "Heir",
            (base,),
            {"__module__": "planted", "Meta": type("Meta", (), {"app_label": "planted"})},
        )
        try:
            assert is_personal(heir._meta.get_field("email"))
        finally:
            apps.all_models.pop("planted", None)
            apps.clear_cache()
