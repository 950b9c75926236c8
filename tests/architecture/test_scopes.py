"""Rows of an organization are read within it: by every model that has such rows, and everywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import Model

from kernel.managers import is_scoped

ROOT = Path(__file__).parents[2]

# Models with an organization's column whose manager asks for no organization, and why.
EXEMPT = {
    "domains_billing.Finding": "what a provider's book says otherwise, whose it is or nobody's; "
    "staff and the comparison alone read it",
    "domains_notifications.Digest": "what is gathered for a person, which the sweep and staff "
    "alone read",
    "domains_notifications.Message": "work of the sweeps and of staff, which no request reads; as "
    "many are about a person alone",
    "domains_notifications.Notification": "an item in a person's own feed, whatever it is about",
    "domains_notifications.Suppression": "addresses that nothing goes to, for one organization or "
    "all; sending and staff alone read it",
    "domains_users.AuditChain": "the head of every trail, the installation's own among them; "
    "no facts of anybody",
}

# Where rows of all organizations are read, and why `within` can't say it.
EVERYWHERE = {
    "auth/services/api_key_use.py: _live": "whose a key is, the key itself is asked",
    "auth/services/api_keys.py: revoke_by_staff": "staff, and whoever takes an account back",
    "auth/services/ways_in.py: drop_unproven": "a person's own keys, wherever they lead",
    "auth/services/ways_in.py: remove_made_since": "a person's own keys, wherever they lead",
    "billing/services/entitlements/plans.py: announce_products": "everybody on a product",
    "billing/services/entitlements/sweeping.py: forget_keys": "the sweep of everybody's old keys",
    "billing/services/entitlements/sweeping.py: lapse_reservations": "the sweep of what expired",
    "billing/services/catalogue/coupons.py: count_used": "the redemptions that invoices used",
    "billing/services/payments/collecting.py: _open": "rows that it has just written itself",
    "billing/services/payments/collecting.py: _waiting": "how many wait, to bound the rate",
    "billing/services/payments/comparing.py: _refunded": "what a provider tells of everybody",
    "billing/services/payments/comparing.py: pair": "what a provider tells of everybody",
    "billing/services/payments/dunning_steps.py: find_due": "the sweep of everybody's dunning",
    "billing/services/payments/expiry.py: tell_of_expiry": "the sweep of everybody's cards",
    "billing/services/payments/reconciling.py: _of_our_own": "everybody's payments, daily",
    "billing/services/payments/refunds.py: claim_due": "the sweep of everybody's open refunds",
    "billing/services/payments/webhook_application.py: _look_at_method": "whose a card is, the "
    "provider tells",
    "billing/services/payments/intents.py: claim_due": "the sweep of everybody's open payments",
    "billing/services/subscriptions/expiring.py: expire_due": "the sweep of what was never paid",
    "billing/services/subscriptions/renewal.py: _owners_due": "the billing run asks for taxes",
    "billing/services/subscriptions/renewal.py: _renew_alone": "the billing run, by id",
    "billing/services/subscriptions/renewing.py: renew_all": "the billing run, by ids",
    "billing/services/subscriptions/trials.py: tell_of_ends": "the sweep of everybody's trials",
    "billing/services/usage/forgetting.py: find_erased": "the sweep of erased organizations",
    "billing/services/payments/leaving.py: find_erased": "the same, of their cards",
    "billing/services/invoicing/verification/books.py: rows": "an operator compares all books",
    "files/services/catalogue.py: get_files": "other domains name files of several organizations",
    "files/services/removal.py: overdue_uploads": "the sweep of everybody's open uploads",
    "files/services/removal.py: to_purge": "the sweep of everybody's removed files",
    "files/services/uploads.py: receive_upload": "a link names a file; its signature is the right",
    "notifications/services/privacy.py: ": "what names a person, wherever",
    "notifications/services/webhooks/claims.py: _in_flight": "of the endpoints it has locked",
    "notifications/services/webhooks/claims.py: _take": "what it has just found, of everybody",
    "notifications/services/webhooks/claims.py: _waiting": "the sweep of everybody's webhooks",
    "notifications/services/webhooks/claims.py: is_due": "the sweep of everybody's webhooks",
    "notifications/services/webhooks/retention.py: forget_old": "the sweep of everybody's log",
    "notifications/services/webhooks/settling.py: _lock": "what was claimed, of everybody",
    "notifications/services/webhooks/settling.py: _lock_endpoints": "whose they are",
    "notifications/services/webhooks/settling.py: _take_note": "what was claimed, of everybody",
    "notifications/admin/templates.py: clean_key": "the product's own texts, which staff write",
    "notifications/services/templates/authoring.py: lock": "the product's own texts",
    "notifications/services/templates/lookup.py: in_force": "the product's own texts",
    "notifications/services/deciding/throttles.py: forget_old": "the sweep of everybody's counts",
    "users/services/acceptance.py: _find": "whose an invitation is, it is asked itself",
    "users/services/audit/entries.py: _find_people": "people's personal organizations, by them",
    "users/services/audit/export_files.py: expire_exports": "the sweep of everybody's exports",
    "users/services/audit/export_files.py: waiting_exports": "the sweep of everybody's exports",
    "users/services/audit/export_files.py: write_export": "a job, also of the sweep",
    "users/services/audit/exports.py: open_export": "a link names an export; it is the right",
    "users/services/belonging.py: _invitations": "to a person's own address",
    "users/services/belonging.py: _memberships_and_more": "a person's own memberships",
    "users/services/belonging.py: _offers": "to a person themselves",
    "users/services/closing.py: erase_due": "the sweep of everybody's closed organizations",
    "users/services/founding.py: _founded_by": "what somebody founded, wherever",
    "users/services/invitations.py: _opened": "its mail names an invitation by its id alone",
    "users/services/memberships.py: require_room": "a person's own memberships",
    "users/services/ownership.py: end_expired_offers": "the sweep of everybody's offers",
    "users/services/pictures.py: forget_picture": "whoever showed the file",
    "users/services/sweeping.py: sweep_invitations": "the sweep of everybody's invitations",
}

# Where domains ask PostgreSQL by hand, which no manager sees, and what keeps to one organization.
SQL_BY_HAND = {
    "auth/services/decoy_hashes.py": "no rows of organizations",
    "auth/services/keys.py": "no rows of organizations",
    "billing/services/catalogue/publication.py": "no rows of organizations",
    "billing/services/entitlements/standings.py": "those of the organizations that are asked of",
    "billing/services/usage/aggregation.py": "those of the organizations that are asked of",
    "billing/services/usage/forgetting.py": "the sweep of everybody's old events",
    "billing/services/usage/recording.py": "those of the organizations that are told of",
    "billing/services/invoicing/crediting.py": "lines by id, which reading found within one",
    "billing/services/invoicing/ledger.py": "adds to the books what each group names",
    "billing/services/invoicing/numbers.py": "a sequence, whose scope names the organization",
    "billing/services/subscriptions/renewal.py": "the billing run takes up what is due",
    "billing/services/subscriptions/seats.py": "the sweep of everybody's seats",
    "billing/services/subscriptions/renewal_rows.py": "rows by the ids that the run has claimed",
    "billing/services/figures.py": "sums over everybody, for the first page of staff",
    "notifications/services/feed/adding.py": "the feeds of the people who are told",
    "notifications/services/feed/live.py": "the feeds of the people who are connected",
    "notifications/services/feed/removing.py": "items that reading found, and their feeds",
    "notifications/services/channels/subscriptions.py": "no rows at all",
    "notifications/services/deciding/preferences.py": "no rows at all",
    "notifications/services/sending/gate.py": "no rows of organizations",
    "notifications/services/webhooks/endpoints.py": "no rows at all",
    "notifications/services/deciding/digests.py": "gathers for those whom a message reaches",
    "notifications/services/deciding/throttles.py": "counts within the throttle's organization",
    "notifications/services/fanout/writing.py": "adds the deliveries of a message, reads none",
    "notifications/services/messages/sending.py": "no rows at all",
    "users/services/audit/anchor_check.py": "the installation's anchors, by every trail",
    "users/services/audit/export_files.py": "no rows at all",
    "users/services/audit/retention.py": "each trail by its own plan",
    "users/services/audit/verification.py": "each trail by its id, and what has none",
    "users/services/audit/chain.py": "appends to the trail that each new entry names",
    "users/services/audit_erasure.py": "a person's erasure, in every trail",
    "users/services/inviting.py": "no rows at all",
    "users/services/standing.py": "an account's own memberships, before anything is in context",
}

# Where what is in context is set: the entries, and what must not read it.
ENTRIES = {
    "billing/services/portal/visiting.py: visit": "a page, whose pass names its organization",
    "config/staff.py: answered": "staff see everything",
    "gateway/entry.py: _pass": "a request",
    "kernel/boundary/exposure.py: call": "a call from another domain, in this process",
    "kernel/boundary/server.py: _carry_out": "the same from another process",
    "kernel/events/consumer.py: _run": "an event",
    "kernel/jobs.py: work": "a job",
    "kernel/periodic.py: run": "periodic work",
    "kernel/privacy/holdings.py: export_page": "a person's rows are in any organization",
    "kernel/privacy/holdings.py: erase": "the same",
    "kernel/queries.py: _compiled": "a query that is compiled for every context",
}


def test_every_model_of_an_organization_is_read_within_it():
    theirs = {m._meta.label for m in apps.get_models() if _is_of_organization(m)}
    scoped = {label for label in theirs if is_scoped(apps.get_model(label))}
    assert theirs - scoped == set(EXEMPT)
    assert scoped


def test_a_model_has_no_second_manager_that_asks_for_nothing():
    scoped = [model for model in apps.get_models() if is_scoped(model)]
    assert [m._meta.label for m in scoped if len(m._meta.managers) != 1] == []
    assert [m._meta.label for m in scoped if m._meta.base_manager_name] == []


def test_migrations_know_nothing_of_the_manager():
    states = [m for m in apps.get_models() if is_scoped(m) and m._default_manager.use_in_migrations]
    assert states == []


def test_whoever_reads_everywhere_says_why():
    assert set(_uses("everywhere")) == set(EVERYWHERE)


def test_only_entries_say_what_is_in_context():
    used = set(_uses("use", of="scope"))
    assert used == set(ENTRIES)


def test_nobody_goes_around_the_manager():
    assert list(_uses("_base_manager")) == []
    assert list(_uses("raw")) == []


def test_whoever_writes_sql_says_whose_rows_it_finds():
    places = {use.partition(":")[0] for use in _uses("cursor")}
    by_domains = {place for place in places if (ROOT / "domains" / place).exists()}
    assert {place for place in by_domains if "/migrations/" not in place} == set(SQL_BY_HAND)


def _is_of_organization(model: type[Model]) -> bool:
    if not model.__module__.startswith("domains."):
        return False
    names = {field.attname for field in model._meta.concrete_fields}
    return model.__name__ == "Organization" or "organization_id" in names


def _uses(name: str, *, of: str | None = None) -> Iterator[str]:
    """Yield the functions of the product in which that attribute is named."""
    for root in (ROOT / "domains", ROOT / "platform"):
        for path in sorted(root.rglob("*.py")):
            tree = ast.parse(path.read_text())
            place = path.relative_to(root).as_posix()
            if place != "kernel/managers.py":
                yield from (f"{place}: {where}" for where in _within(tree, name, of))


def _within(tree: ast.AST, name: str, of: str | None, where: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inner = where
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inner = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            inner = where or node.targets[0].id
        if isinstance(node, ast.Attribute) and node.attr == name and _is(node.value, of):
            yield where
        yield from _within(node, name, of, inner)


def _is(node: ast.AST, of: str | None) -> bool:
    return of is None or (isinstance(node, ast.Name) and node.id == of)
