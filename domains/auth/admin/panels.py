"""What auth shows of an organization on its page: its members' sessions, its keys and machines."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from domains.auth.models import ApiKey, ServiceAccount, Session
from kernel.clock import now
from kernel.staff.panels import PANEL_ROWS, Cell, Panel, Subject, organization_panel

# So many members' ids fit into the address of a list.
MEMBERS_IN_LINK = 50


def _page(model: str, row_id: object) -> str:
    return reverse(f"admin:domains_auth_{model}_change", args=[row_id])


def _list(model: str, **filters: object) -> str:
    return f"{reverse(f'admin:domains_auth_{model}_changelist')}?{urlencode(filters)}"


@organization_panel("Sessions", order=20, permission="domains_auth.view_session")
def sessions(subject: Subject) -> Panel:
    """Show where members are signed in, the latest used first."""
    alive = Session.objects.filter(
        account_id__in=subject.member_ids, revoked_at=None, expires_at__gt=now()
    ).select_related("account")
    few = ",".join(str(each) for each in subject.member_ids[:MEMBERS_IN_LINK])
    whole = len(subject.member_ids) <= MEMBERS_IN_LINK
    return Panel(
        columns=("Person", "Device", "Place", "Last used"),
        rows=[
            (
                Cell(row.account, url=_page("session", row.id)),
                Cell(row.device or None),
                Cell(row.place or row.network or None),
                Cell(row.refreshed_at),
            )
            for row in alive.order_by("-refreshed_at")[:PANEL_ROWS]
        ],
        link=_list("session", account__in=few, revoked_at__isempty=1) if whole else "",
        empty="Nobody is signed in.",
    )


@organization_panel("API keys", order=21, permission="domains_auth.view_apikey")
def api_keys(subject: Subject) -> Panel:
    """Show the newest keys."""
    rows = (
        ApiKey.objects.filter(organization_id=subject.organization_id)
        .select_related("account", "service_account")
        .order_by("-id")[:PANEL_ROWS]
    )
    return Panel(
        columns=("Key", "Whose", "Last used", "State"),
        rows=[
            (
                Cell(f"{row.name} ({row.prefix}…)", url=_page("apikey", row.id)),
                Cell(row.account or row.service_account or "the organization"),
                Cell(row.last_used_at),
                _state(row),
            )
            for row in rows
        ],
        link=_list("apikey", organization_id__exact=subject.organization_id),
    )


def _state(key: ApiKey) -> Cell:
    if key.revoked_at:
        return Cell("revoked", tone="danger")
    if key.expires_at and key.expires_at <= now():
        return Cell("expired", tone="warning")
    return Cell("active", tone="success")


@organization_panel("Service accounts", order=22, permission="domains_auth.view_serviceaccount")
def service_accounts(subject: Subject) -> Panel:
    """Show the newest machines."""
    rows = ServiceAccount.objects.filter(organization_id=subject.organization_id)
    return Panel(
        columns=("Name", "Permissions", "Since", "State"),
        rows=[
            (
                Cell(row.name, url=_page("serviceaccount", row.id)),
                Cell(len(row.permissions)),
                Cell(row.created_at),
                Cell("disabled", tone="danger")
                if row.disabled_at
                else Cell("active", tone="success"),
            )
            for row in rows.order_by("-id")[:PANEL_ROWS]
        ],
        link=_list("serviceaccount", organization_id__exact=subject.organization_id),
    )
