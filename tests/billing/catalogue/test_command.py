"""`manage.py billing publish`, as operators run it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from domains.billing.models import CatalogueRelease
from domains.billing.services import catalogue
from domains.billing.services.catalogue.publication import publish
from tests.billing.catalogue.documents import plan, price, written
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def run(tmp_path):
    """Publish the text as a file; return what is said."""

    def publish_file(text: str | None = None, *options: str) -> str:
        arguments = []
        if text is not None:
            (file := tmp_path / "catalogue.yaml").write_text(text)
            arguments = [str(file)]
        call_command("billing", "publish", *arguments, *options, stdout=(out := StringIO()))
        return out.getvalue()

    return publish_file


def pro(amount):
    return written(plan(), plan("pro", price("pro-monthly", amount=amount)))


def test_the_shipped_file_is_published_unless_another_is_named(run):
    assert "+ plan" not in run()
    assert [p.name for p in catalogue.get_plans()] == ["free", "pro", "business", "scale"]
    assert run() == "This is what is sold already.\n"


def test_what_changes_is_shown_field_by_field(run):
    publish(text=pro(100), now=NOW)
    assert run(pro(250)).splitlines() == [
        "~ price pro-monthly",
        "    terms.EUR.amount: 100 → 250",
        "Published as release 2: 1 changed.",
    ]
    assert run(written()).splitlines() == [
        "- product pro",
        "- price pro-monthly",
        "Published as release 3: 2 changed.",
    ]


def test_a_dry_run_shows_the_same_and_changes_nothing(run):
    publish(text=pro(100), now=NOW)
    shown = run(pro(250), "--dry-run").splitlines()
    assert shown[:2] == ["~ price pro-monthly", "    terms.EUR.amount: 100 → 250"]
    assert shown[2] == "1 would change; nothing was published."
    assert CatalogueRelease.objects.count() == 1
    assert catalogue.get_plan("pro").price.amount == 100


def test_an_invalid_file_is_refused_with_place_and_reason(run):
    with pytest.raises(CommandError) as caught:
        run(pro(-1))
    assert "plans.1.prices.0.terms.EUR.flat.amount: " in str(caught.value)
    assert not CatalogueRelease.objects.exists()


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("billing", "publish", str(tmp_path / "nothing.yaml"))


def test_a_process_without_billing_publishes_nothing(settings, run):
    settings.DOMAINS = ("auth",)
    with pytest.raises(CommandError, match="DOMAINS"):
        run()
