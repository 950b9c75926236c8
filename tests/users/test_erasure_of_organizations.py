"""What is left of an organization once it is erased: its trail, and what the books need."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps

from domains.files.models import File
from domains.users import models
from domains.users.services import closing
from kernel import scope
from kernel.clock import now
from tests.files.conftest import local_storage
from tests.isolation.naming import OURS, THEIRS
from tests.isolation.organizations import Organization, organization

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["local_storage"]

# Why rows that name an erased organization stay.
KEPT = {
    "users.audit_chain": "the trail is kept as long as the plan says",
    "users.audit_entry": "the trail is kept as long as the plan says",
    "users.audit_export": "copies of the trail, whose files go after a week",
    "billing.subscription": "that it ended, so that nothing begins it again",
    "billing.subscription_item": "what was charged by it",
    "billing.scheduled_change": "what was to become of it",
    "billing.customer": "that it ended; its profile is empty",
    "billing.provider_customer": "by it the provider's book is compared with ours",
    "billing.coupon_redemption": "how often a coupon was used",
    **dict.fromkeys(
        [
            "billing.payment_intent",
            "billing.invoice",
            "billing.invoice_line",
            "billing.credit_note",
            "billing.credit_note_line",
            "billing.posting_group",
            "billing.posting",
            "billing.refund",
            "billing.dispute",
            "billing.dunning",
            "billing.finding",
        ],
        "the books",
    ),
    "files.file": "by a row without a name the bytes are found and removed",
}


def tables_of(made: Organization) -> set[str]:
    """Return the tables of the domains with rows of the organization."""
    with scope.use(scope.EVERYWHERE):
        return {
            f"{model.__module__.split('.')[1]}.{model._meta.db_table}"
            for model in apps.get_models()
            if model.__module__.startswith("domains.")
            if {"organization_id"} & {column.attname for column in model._meta.concrete_fields}
            if model.objects.filter(organization_id=made.id).exists()
        }


def files_of(made: Organization) -> list[File]:
    return list(File.objects.within(made.id))


def test_every_domain_erases_what_it_has_and_says_what_it_keeps(local_storage, deliver_events):
    with scope.use(scope.EVERYWHERE):
        ours, theirs = organization(OURS), organization(THEIRS)
    before = tables_of(theirs)
    assert tables_of(ours) == before > {*KEPT}
    long_ago = now() - timedelta(days=31)
    closed = models.Organization.objects.within(ours.id)
    closed.update(closed_at=long_ago, erase_at=long_ago + closing.TIME_TO_UNDO)
    closing.erase_due(now=now())
    deliver_events()
    assert tables_of(ours) == {*KEPT}
    assert not models.Organization.objects.within(ours.id).exists()
    assert {(f.name, f.sha256, f.state, f.purged_at is None) for f in files_of(ours)} == {
        ("", "", "deleted", False)
    }
    assert tables_of(theirs) == before
