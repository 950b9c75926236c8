"""The one table from events to notifications: who is told what, and through which channels."""

from __future__ import annotations

from domains.notifications.services.catalogue import readings
from domains.notifications.services.catalogue.billing import BILLING
from domains.notifications.services.catalogue.organizations import ORGANIZATIONS
from domains.notifications.services.catalogue.rules import (
    BOTH,
    EMAIL,
    IN_APP,
    Audience,
    Rule,
    Secret,
)
from domains.notifications.services.catalogue.security import SECURITY

RULES: tuple[Rule, ...] = (
    Rule(
        event="auth.account_registered.v1",
        reads=readings.AccountFact,
        kind="auth.email_verification",
        to=Audience.PERSON,
        channels=EMAIL,
        secret=Secret.EMAIL_VERIFICATION,
        to_unconfirmed=True,
    ),
    Rule(
        event="auth.registration_repeated.v1",
        reads=readings.AccountFact,
        kind="auth.registration_repeated",
        to=Audience.PERSON,
        channels=EMAIL,
    ),
    Rule(
        event="auth.email_verified.v1",
        reads=readings.AccountFact,
        kind="auth.welcome",
        to=Audience.PERSON,
        channels=IN_APP,
    ),
    *SECURITY,
    Rule(
        event="users.organization_created.v1",
        reads=readings.OrganizationFact,
        kind="users.organization_created",
        to=Audience.PERSON,
        channels=IN_APP,
        applies=lambda organization: not organization.personal,
    ),
    Rule(
        event="users.member_invited.v1",
        reads=readings.InvitationFact,
        kind="users.invitation",
        to=Audience.INVITEE,
        channels=EMAIL,
        secret=Secret.INVITATION,
        to_unconfirmed=True,
        names="account_id",
    ),
    Rule(
        event="users.member_invited.v1",
        reads=readings.InvitationFact,
        kind="users.invitation_sent",
        to=Audience.PERSON,
        channels=IN_APP,
    ),
    Rule(
        event="users.member_joined.v1",
        reads=readings.MemberFact,
        kind="users.member_joined",
        to=Audience.MANAGERS,
        channels=BOTH,
        names="account_id",
    ),
    Rule(
        event="users.owner_appointed.v1",
        reads=readings.OwnerFact,
        kind="users.owner_appointed",
        to=Audience.PERSON,
        channels=BOTH,
    ),
    *ORGANIZATIONS,
    Rule(
        event="users.person_export_ready.v1",
        reads=readings.ExportFact,
        kind="users.person_export_ready",
        to=Audience.PERSON,
        channels=BOTH,
    ),
    *BILLING,
    Rule(
        event="files.file_uploaded.v1",
        reads=readings.FileFact,
        kind="files.file_uploaded",
        to=Audience.PERSON,
        channels=IN_APP,
        applies=lambda file: file.account_id is not None,
    ),
    *(
        Rule(
            event="notifications.webhook_endpoint_disabled.v1",
            reads=readings.EndpointFact,
            kind=f"notifications.webhook_endpoint_{reason}",
            to=Audience.MANAGERS,
            channels=BOTH,
            applies=lambda endpoint, reason=reason: endpoint.reason == reason,  # type: ignore[misc]
        )
        for reason in ("failing", "gone")
    ),
)

BY_KIND: dict[str, Rule] = {rule.kind: rule for rule in RULES}
