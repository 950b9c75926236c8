"""The one table from events to notifications: who is told what, and through which channels."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from domains.notifications.models import Channel, Message, Priority, Source
from domains.notifications.services.catalogue import categories, readings
from domains.notifications.services.catalogue.billing import BILLING
from domains.notifications.services.catalogue.organizations import ORGANIZATIONS
from domains.notifications.services.catalogue.rules import (
    EMAIL,
    IN_APP,
    PERSONAL,
    SHARED,
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
        category=categories.SECURITY,
        critical=True,
        to=Audience.PERSON,
        channels=EMAIL,
        secret=Secret.EMAIL_VERIFICATION,
        to_unconfirmed=True,
    ),
    Rule(
        event="auth.registration_repeated.v1",
        reads=readings.AccountFact,
        kind="auth.registration_repeated",
        category=categories.SECURITY,
        critical=True,
        to=Audience.PERSON,
        channels=EMAIL,
    ),
    Rule(
        event="auth.email_verified.v1",
        reads=readings.AccountFact,
        kind="auth.welcome",
        category=categories.PRODUCT,
        to=Audience.PERSON,
        channels=IN_APP,
    ),
    *SECURITY,
    Rule(
        event="users.organization_created.v1",
        reads=readings.OrganizationFact,
        kind="users.organization_created",
        category=categories.TEAM,
        to=Audience.PERSON,
        channels=IN_APP,
        applies=lambda organization: not organization.personal,
    ),
    Rule(
        event="users.member_invited.v1",
        reads=readings.InvitationFact,
        kind="users.invitation",
        category=categories.TEAM,
        mandatory=True,
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
        category=categories.TEAM,
        to=Audience.PERSON,
        channels=IN_APP,
    ),
    Rule(
        event="users.member_joined.v1",
        reads=readings.MemberFact,
        kind="users.member_joined",
        category=categories.TEAM,
        to=Audience.MANAGERS,
        channels=SHARED,
        names="account_id",
    ),
    Rule(
        event="users.owner_appointed.v1",
        reads=readings.OwnerFact,
        kind="users.owner_appointed",
        category=categories.TEAM,
        to=Audience.PERSON,
        channels=PERSONAL,
    ),
    *ORGANIZATIONS,
    Rule(
        event="users.person_export_ready.v1",
        reads=readings.ExportFact,
        kind="users.person_export_ready",
        category=categories.SECURITY,
        to=Audience.PERSON,
        channels=PERSONAL,
    ),
    *BILLING,
    Rule(
        event="files.file_uploaded.v1",
        reads=readings.FileFact,
        kind="files.file_uploaded",
        category=categories.FILES,
        to=Audience.PERSON,
        channels=IN_APP,
        applies=lambda file: file.account_id is not None,
    ),
    *(
        Rule(
            event="notifications.webhook_endpoint_disabled.v1",
            reads=readings.EndpointFact,
            kind=f"notifications.webhook_endpoint_{reason}",
            category=categories.PRODUCT,
            to=Audience.MANAGERS,
            channels=SHARED,
            applies=lambda endpoint, reason=reason: endpoint.reason == reason,  # type: ignore[misc]
        )
        for reason in ("failing", "gone")
    ),
)

# What follows from no event: an organization says it, or it was gathered.
CUSTOM_KIND, DIGEST_KIND = "notifications.custom", "notifications.digest"
_own = partial(Rule, event="", reads=object, channels=(), category=categories.PRODUCT)
CUSTOM = _own(kind=CUSTOM_KIND, to=Audience.CHOSEN)
DIGEST = _own(kind=DIGEST_KIND, to=Audience.PERSON)

BY_KIND: dict[str, Rule] = {rule.kind: rule for rule in RULES}


def rule_of(message: Message) -> Rule:
    """Return the rule that the message follows: what a customer says follows one of its own."""
    if message.source == Source.EVENT:
        return BY_KIND[message.kind]
    own = CUSTOM if message.source == Source.CUSTOMER else DIGEST
    return replace(
        own,
        kind=message.kind,
        channels=tuple(Channel(channel) for channel in message.channels),
        category=message.category,
        critical=message.priority == Priority.CRITICAL,
    )
