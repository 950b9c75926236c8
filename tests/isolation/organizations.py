"""Organizations of the world, with one of everything that an organization can have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

from django.core.files.storage import storages

from domains.auth import models as auth
from domains.files import models as files
from domains.notifications import models as notifications
from domains.users import models as users
from kernel.clock import now
from kernel.crypto import hash_secret
from kernel.permissions import Role
from tests.isolation.bought import bought
from tests.isolation.filling import make
from tests.isolation.naming import Mark
from tests.isolation.people import Person, api_key, join, person

CONTENT = b"%s wrote this"
_numbers = count(1)


@dataclass
class Organization:
    """An organization, its people by role, and by their names the ids of what it has."""

    mark: Mark
    id: UUID
    people: dict[str, Person]
    has: dict[str, object] = field(default_factory=dict)


def organization(mark: Mark) -> Organization:
    """Return an organization with a member of each role, and one of everything."""
    people = {role.value: person(mark, role.value) for role in Role}
    # Whom the others remove, and give roles.
    people["colleague"] = person(mark, "colleague")
    row = make(
        mark,
        users.Organization,
        slug=mark.word,
        created_by=people["owner"].account.id,
        closed_at=None,
    )
    members = {
        name: join(mark, row, who.account.id, name if name != "colleague" else Role.MEMBER)
        for name, who in people.items()
    }
    made = Organization(mark=mark, id=row.id, people=people)
    made.has = {
        "organization_id": row.id,
        "colleague_id": people["colleague"].account.id,
        "colleague_membership_id": members["colleague"].id,
        **_invited(mark, row, people),
        **_roles_and_teams(mark, row, members),
        **_trail(mark, row, people),
        **bought(mark, row.id, people),
        **_files(mark, row, people),
        **_machines(mark, row, people),
        **_chat(mark, row, people),
        **_messages(mark, row),
    }
    for someone in people.values():
        someone.own |= told(mark, row.id, someone) | exported(mark, someone)
    return made


def _invited(mark: Mark, row: users.Organization, people: dict[str, Person]) -> dict[str, object]:
    token = f"invited-to-{mark.word}"
    invitation = make(
        mark,
        users.Invitation,
        organization=row,
        email=mark.email("invited"),
        role=Role.VIEWER,
        custom_role=None,
        token_hash=hash_secret(token),
        invited_by=people["owner"].account.id,
    )
    make(
        mark,
        users.OwnershipTransfer,
        organization=row,
        from_account_id=people["owner"].account.id,
        to_account_id=people["admin"].account.id,
    )
    return {"invitation_id": invitation.id, "invitation_token": token}


def _roles_and_teams(
    mark: Mark, row: users.Organization, members: dict[str, users.Membership]
) -> dict[str, object]:
    role = make(mark, users.CustomRole, organization=row, permissions=["files.file:read"])
    team = _team(mark, row)
    inner = _team(mark, row, team)
    make(
        mark,
        users.TeamMembership,
        organization=row,
        team=team,
        membership=members["colleague"],
    )
    assignment = make(
        mark,
        users.RoleAssignment,
        organization=row,
        membership=members["colleague"],
        role="",
        custom_role=role,
        scope=inner,
    )
    other = _team(mark, row)
    # Nobody has it, so that it can be deleted; it allows nothing, so that anybody can give it.
    spare = make(mark, users.CustomRole, organization=row, permissions=[])
    return {
        "role_id": role.id,
        "spare_role_id": spare.id,
        "team_id": team.id,
        "inner_team_id": inner.id,
        "other_team_id": other.id,
        "assignment_id": assignment.id,
    }


def _team(mark: Mark, row: users.Organization, parent: users.Team | None = None) -> users.Team:
    id_ = mark.new_id()
    path = [*(parent.path if parent else []), id_]
    return make(mark, users.Team, id=id_, organization=row, parent=parent, path=path)


def _trail(mark: Mark, row: users.Organization, people: dict[str, Person]) -> dict[str, object]:
    head = hashlib.sha256(mark.word.encode()).digest()
    # A trail begins empty, and grows: its table takes it no other way.
    begun = {"sequence": 0, "head": bytes(32), "floor": 0, "floor_head": bytes(32)}
    make(mark, users.AuditChain, organization_id=row.id, **begun)
    trail = users.AuditChain.objects.filter(organization_id=row.id)
    trail.update(sequence=1, head=head)
    entry = make(
        mark,
        users.AuditEntry,
        organization_id=row.id,
        sequence=1,
        action="users.organization_renamed.v1",
        actor_kind="account",
        actor_id=people["owner"].account.id,
        target_id=str(row.id),
        personal={"client_address": mark.text("address")},
        personal_salt=bytes(16),
        hash=head,
    )
    export = make(
        mark,
        users.AuditExport,
        organization_id=row.id,
        account_id=people["owner"].account.id,
        format="csv",
        state=users.AuditExport.State.PENDING,
    )
    return {"entry_id": entry.id, "audit_export_id": export.id}


def _files(mark: Mark, row: users.Organization, people: dict[str, Person]) -> dict[str, object]:
    content = CONTENT % mark.word.encode()
    size = len(content)
    make(mark, files.StorageUsage, organization_id=row.id, reserved_bytes=size, used_bytes=size)
    facts = {
        "organization_id": row.id,
        "account_id": people["owner"].account.id,
        "size": size,
        "content_type": "text/plain",
        "sha256": hashlib.sha256(content).hexdigest(),
        "upload_expires_at": now() + timedelta(hours=1),
    }
    ready = make(mark, files.File, state="ready", ready_at=now(), **facts)
    pending = make(mark, files.File, state="pending", **facts)
    image = make(mark, files.File, state="ready", ready_at=now(), **facts)
    image.content_type = "image/png"
    image.save()
    _store("sealed", ready.storage_key, content)
    _store("incoming", pending.storage_key, content)
    return {"file_id": ready.id, "pending_file_id": pending.id, "image_id": image.id}


def _store(folder: str, key: str, content: bytes) -> None:
    path = Path(storages["files"].path(f"{folder}/{key[:2]}/{key}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _chat(mark: Mark, row: users.Organization, people: dict[str, Person]) -> dict[str, object]:
    owner = people["owner"].account.id
    endpoint = make(mark, notifications.ChatEndpoint, organization_id=row.id, created_by=owner)
    make(
        mark,
        notifications.Suppression,
        organization_id=row.id,
        channel=notifications.Channel.EMAIL,
        cause=notifications.Cause.UNSUBSCRIBED,
        address=mark.email("unsubscribed"),
    )
    return {"chat_endpoint_id": endpoint.id}


def _machines(mark: Mark, row: users.Organization, people: dict[str, Person]) -> dict[str, object]:
    owner = people["owner"]
    machine = make(
        mark,
        auth.ServiceAccount,
        organization_id=row.id,
        created_by=owner.account.id,
        permissions=["files.file:read"],
        disabled_at=None,
    )
    facts = {"by": owner, "permissions": ["files.file:read"]}
    key, _ = api_key(mark, row.id, name="machine", service_account=machine, **facts)
    return {"service_account_id": machine.id, "api_key_id": key}


def _messages(mark: Mark, row: users.Organization) -> dict[str, object]:
    """Have the organization send a message, and set all that it can of notifications."""
    here = {"organization_id": row.id}
    message = make(
        mark,
        notifications.Message,
        event_id=mark.new_id(),
        source=notifications.Source.CUSTOMER,
        state=notifications.MessageState.EXPANDED,
        audience={},
        **here,
    )
    category = make(mark, notifications.Category, **here)
    of = {"category": str(category.id), **here}
    make(mark, notifications.Throttle, most=1, period=60, **of)
    make(mark, notifications.DefaultPreference, channel="email", frequency="off", **of)
    make(mark, notifications.Passed, channel="email", times=[now()], **of)
    return {"message_id": message.id, "category_key": category.key}


def told(mark: Mark, organization_id: UUID | None, someone: Person) -> dict[str, object]:
    """Tell the person something, in the feed and by mail."""
    message = make(
        mark,
        notifications.Message,
        event_id=mark.new_id(),
        organization_id=organization_id,
        state=notifications.MessageState.EXPANDED,
    )
    told = make(
        mark,
        notifications.Notification,
        message=message,
        account_id=someone.account.id,
        organization_id=organization_id,
    )
    theirs = {"account_id": someone.account.id}
    wanted = {"category": "product", "channel": "email", "frequency": "daily"}
    make(mark, notifications.Preference, **wanted, **theirs)
    make(mark, notifications.Rhythm, **theirs)
    muted = make(mark, notifications.Mute, subject_id=mark.new_id(), **theirs)
    digest = make(mark, notifications.Digest, organization_id=organization_id, **wanted, **theirs)
    make(
        mark,
        notifications.Delivery,
        message=message,
        digest=digest,
        channel=notifications.Channel.EMAIL,
        recipient=str(someone.account.id),
        account_id=someone.account.id,
        state=notifications.DeliveryState.SENT,
    )
    mine = {"notification_id": told.id, "muted_id": muted.subject_id}
    return {**mine, **reached(mark, someone)}


def reached(mark: Mark, someone: Person) -> dict[str, object]:
    """Let the person be reached by pushes, and by SMS, as far as there are some."""
    if "subscription_id" in someone.own:
        return {}
    owner = {"account_id": someone.account.id}
    # The installation's: nothing in it says whose side it is.
    key, _ = notifications.VapidKey.objects.get_or_create(
        public_key="key", defaults={"created_at": now()}
    )
    push = make(mark, notifications.PushSubscription, vapid_key=key, **owner)
    make(mark, notifications.PhoneNumber, number=_number(), new_number=_number(), **owner)
    return {"subscription_id": push.id}


def _number() -> str:
    return f"+49{next(_numbers):011d}"


def exported(mark: Mark, someone: Person) -> dict[str, object]:
    """Have the person's data exported, and a receipt kept of what was erased."""
    export = make(
        mark,
        users.PersonExport,
        account_id=someone.account.id,
        state=users.PersonExport.State.FAILED,
    )
    return {"person_export_id": export.id}
