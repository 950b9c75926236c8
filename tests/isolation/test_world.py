"""The matrix is worth what its world holds: nothing of either organization may be missing."""

from __future__ import annotations

import pytest

from tests.isolation.effects import belongings
from tests.isolation.naming import OURS, THEIRS

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.xdist_group("isolation-world"),
]
NOBODYS = {
    "auth.signing_key": "the installation's",
    "billing.catalogue_release": "the installation's: what is for sale",
    "billing.meter": "the installation's",
    "billing.number_sequence": "the installation's: one issuer's invoices",
    "billing.price": "the installation's",
    "billing.product": "the installation's",
    "billing.reconciliation": "the installation's: a provider's whole book",
    "notifications.provider": "the installation's: how providers do",
    "notifications.sent_sms": "the installation's: SMS that went nowhere",
    "notifications.vapid_key": "the installation's",
    "users.audit_anchor": "the installation's: all trails of a day",
    "auth.account_groups": "of staff, who have a page of their own",
    "auth.account_user_permissions": "of staff",
    "auth.auth_group": "of staff",
    "auth.auth_group_permissions": "of staff",
    "auth.django_admin_log": "of staff",
    "auth.django_session": "of staff",
}
# The kernel's, in every schema: they tell what happened, and each request writes them anew.
KERNELS = (
    "aggregate_position",
    "failed_event",
    "idempotency_record",
    "inbox",
    "outbox",
    "periodic_run",
    "rate_counter",
)


def test_both_organizations_have_a_row_in_every_table(world):
    for mark in (OURS, THEIRS):
        empty = {table for table, digest in belongings(mark).items() if digest.startswith("0:")}
        assert {t for t in empty if not t.endswith(KERNELS)} == set(NOBODYS), (
            "Add a row of it to tests/isolation/organizations.py, or say here whose it is"
        )
