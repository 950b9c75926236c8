"""What users shows of an organization on its page."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count
from django.urls import reverse

from domains.users.admin.memberships import LABELS, STATES, role_name, state_of
from domains.users.admin.structure import receiver_of
from domains.users.models import (
    AuditEntry,
    CustomRole,
    Invitation,
    Membership,
    Organization,
    RoleAssignment,
    Team,
)
from domains.users.services.people_search import addresses_of
from kernel.staff.panels import PANEL_ROWS, Cell, Panel, Subject, organization_panel, pairs


def _page(model: str, row_id: object) -> str:
    return reverse(f"admin:domains_users_{model}_change", args=[row_id])


def _list(model: str, **filters: object) -> str:
    return f"{reverse(f'admin:domains_users_{model}_changelist')}?{urlencode(filters)}"


def _of(organization_id: UUID) -> dict[str, object]:
    return {"organization__id__exact": organization_id}


@organization_panel("Members", order=10, permission="domains_users.view_membership")
def members(subject: Subject) -> Panel:
    """Show who joined last, with roles."""
    rows = list(
        Membership.objects.filter(organization_id=subject.organization_id)
        .select_related("account", "custom_role")
        .order_by("-id")[:PANEL_ROWS]
    )
    addresses = addresses_of([row.account_id for row in rows])
    return Panel(
        columns=("Person", "E-mail", "Role", "Since"),
        rows=[
            (
                Cell(row.account, url=_page("profile", row.account_id)),
                Cell(addresses.get(row.account_id)),
                Cell(role_name(row), tone=LABELS.get(row.role, "primary")),
                Cell(row.created_at),
            )
            for row in rows
        ],
        link=_list("membership", **_of(subject.organization_id)),
    )


@organization_panel("Open invitations", order=11, permission="domains_users.view_invitation")
def invitations(subject: Subject) -> Panel:
    """Show who was invited last and has not come."""
    rows = (
        Invitation.objects.filter(organization_id=subject.organization_id, accepted_at=None)
        .select_related("custom_role")
        .order_by("-id")[:PANEL_ROWS]
    )
    return Panel(
        columns=("Address", "Role", "State", "Expires"),
        rows=[
            (
                Cell(row.email, url=_page("invitation", row.id)),
                Cell(role_name(row)),
                Cell(state_of(row), tone=STATES[state_of(row)]),
                Cell(row.expires_at),
            )
            for row in rows
        ],
        link=_list("invitation", **_of(subject.organization_id), accepted_at__isempty=1),
        empty="Nobody is invited.",
    )


@organization_panel("Teams", order=12, permission="domains_users.view_team")
def teams(subject: Subject) -> Panel:
    """Show the newest teams."""
    rows = (
        Team.objects.filter(organization_id=subject.organization_id)
        .select_related("parent")
        .annotate(members=Count("memberships"))
        .order_by("-id")[:PANEL_ROWS]
    )
    return Panel(
        columns=("Team", "Within", "Members", "Since"),
        rows=[
            (
                Cell(row.name, url=_page("team", row.id)),
                Cell(row.parent),
                Cell(row.members),
                Cell(row.created_at),
            )
            for row in rows
        ],
        link=_list("team", **_of(subject.organization_id)),
    )


@organization_panel("Roles of its own", order=13, permission="domains_users.view_customrole")
def roles(subject: Subject) -> Panel:
    """Show the newest roles that the organization made."""
    rows = CustomRole.objects.filter(organization_id=subject.organization_id).order_by("-id")
    return Panel(
        columns=("Role", "Permissions", "Changed"),
        rows=[
            (
                Cell(row.name, url=_page("customrole", row.id)),
                Cell(len(row.permissions)),
                Cell(row.updated_at),
            )
            for row in rows[:PANEL_ROWS]
        ],
        link=_list("customrole", **_of(subject.organization_id)),
    )


@organization_panel("Assigned roles", order=14, permission="domains_users.view_roleassignment")
def assignments(subject: Subject) -> Panel:
    """Show which roles were given last, beside those of memberships."""
    rows = (
        RoleAssignment.objects.filter(organization_id=subject.organization_id)
        .select_related("membership__account", "team", "scope", "custom_role")
        .order_by("-id")[:PANEL_ROWS]
    )
    return Panel(
        columns=("Given to", "Role", "Where", "Since"),
        rows=[
            (
                Cell(receiver_of(row), url=_page("roleassignment", row.id)),
                Cell(role_name(row)),
                Cell(row.scope or "everywhere"),
                Cell(row.created_at),
            )
            for row in rows
        ],
        link=_list("roleassignment", **_of(subject.organization_id)),
    )


@organization_panel("Policy", order=15, permission="domains_users.view_organization")
def policy(subject: Subject) -> Panel:
    """Show what the organization asks of its members."""
    row = Organization.objects.get(id=subject.organization_id)
    lifetime = f"{row.session_lifetime} s" if row.session_lifetime else "as long as they last"
    return Panel(
        columns=("Setting", "Value"),
        rows=pairs(
            who_may_invite=row.who_may_invite,
            second_factor="required" if row.mfa_required else "not required",
            session_lifetime=lifetime,
            allowed_networks=", ".join(row.allowed_networks) or "all",
            allowed_email_domains=", ".join(row.allowed_email_domains) or "all",
        ),
    )


@organization_panel("Audit", order=90, permission="domains_users.view_auditentry")
def audit(subject: Subject) -> Panel:
    """Show the end of the trail."""
    rows = AuditEntry.objects.filter(organization_id=subject.organization_id)
    return Panel(
        columns=("When", "What", "Who", "On what"),
        rows=[
            (
                Cell(row.occurred_at, url=_page("auditentry", row.id)),
                Cell(row.action),
                Cell(f"{row.actor_kind} {row.actor_id}"),
                Cell(f"{row.target_kind} {row.target_id}"),
            )
            for row in rows.order_by("-sequence")[:PANEL_ROWS]
        ],
        link=_list("auditentry", organization_id__exact=subject.organization_id),
        empty="Nothing was recorded yet.",
    )
