"""System checks that keep every domain in its own schema."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from kernel import checks
from kernel.routing import DomainRouter, domain_of_app


def ids(messages):
    return [message.id for message in messages]


def test_the_models_as_they_are_pass():
    assert checks.models_stay_in_their_domain(None) == []
    assert checks.aliases_are_apart(None) == []


@isolate_apps("domains.billing", "domains.files")
def test_a_relation_to_another_domain_is_refused():
    class Theirs(models.Model):
        class Meta:
            app_label = "domains_files"
            db_table = "theirs"

    class Ours(models.Model):
        theirs = models.ForeignKey(Theirs, on_delete=models.CASCADE)

        class Meta:
            app_label = "domains_billing"
            db_table = "ours"

    assert ids(checks._relations(Ours)) == ["kernel.E003"]
    assert ids(checks._relations(Theirs)) == []


@isolate_apps("domains.billing")
def test_a_table_that_names_a_schema_is_refused():
    class Elsewhere(models.Model):
        class Meta:
            app_label = "domains_billing"
            db_table = 'files"."file'

    assert ids(checks._table(Elsewhere)) == ["kernel.E001"]


def test_two_domains_with_one_role_are_refused(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES, "users", settings.DATABASES["auth"])
    assert ids(checks.aliases_are_apart(None)) == ["kernel.E004"]


@pytest.mark.parametrize(
    ("app", "domain"),
    [
        ("domains_billing", "billing"),
        ("admin", "auth"),
        ("sessions", "auth"),
        ("contenttypes", "auth"),
        ("kernel", None),
    ],
)
def test_every_app_has_its_place(app, domain):
    assert domain_of_app(app) == domain


def test_a_query_that_is_routed_nowhere_fails_loudly():
    from django.core.exceptions import ImproperlyConfigured

    from kernel.models import Outbox

    with pytest.raises(ImproperlyConfigured):
        Outbox.objects.count()


def test_nothing_of_another_domain_is_migrated_on_an_alias():
    router = DomainRouter()
    assert router.allow_migrate("billing", "domains_billing")
    assert not router.allow_migrate("billing", "domains_files")
    assert not router.allow_migrate("default", "kernel")
    assert router.allow_migrate("files", "kernel")
