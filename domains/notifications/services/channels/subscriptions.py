"""The browsers that a person wants messages pushed to."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.db import connections
from django.db.models import QuerySet

from domains.notifications.contract.channel_errors import (
    NotByStaff,
    PushEndpointRefused,
    PushKeyInvalid,
    PushSubscriptionLimitReached,
    PushSubscriptionNotFound,
)
from domains.notifications.models import PushSubscription, VapidKey
from domains.notifications.services.channels import vapid
from domains.notifications.services.feed.reading import require_person
from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import Refused
from kernel.crypto import encrypt
from kernel.db import transaction
from kernel.principal import Principal

MOST = 20
AUTH_BYTES = 16  # RFC 8291, 3.2


def get_public_key(*, principal: Principal, now: datetime) -> str:
    """Return the key that a browser subscribes with, in base64url; raise `PersonRequired`."""
    require_person(principal)
    return vapid.present_key(now=now).public_key


def list_subscriptions(*, principal: Principal) -> QuerySet[PushSubscription]:
    """Return the person's; raise `PersonRequired`."""
    return PushSubscription.objects.filter(account_id=require_person(principal))


def subscribe(
    *,
    principal: Principal,
    endpoint: str,
    p256dh: str,
    auth: str,
    application_server_key: str,
    device: str,
    now: datetime,
) -> PushSubscription:
    """Push to the browser from now on; a browser that subscribes again, or somebody else's, moves.

    Raises `PersonRequired`, `NotByStaff`, `PushEndpointRefused`, `PushKeyInvalid` or
    `PushSubscriptionLimitReached`.
    """
    account_id = require_owner(principal)
    _check(endpoint, p256dh, auth)
    key = VapidKey.objects.filter(public_key=application_server_key.rstrip("=")).first()
    if key is None:
        raise PushKeyInvalid("Subscribe with the present key.", pointer="/application_server_key")
    with transaction("notifications"):
        _one_at_a_time(account_id)
        # Who holds the browser now, gets what it is told: nobody who used it before.
        PushSubscription.objects.filter(endpoint=endpoint).delete()
        if PushSubscription.objects.filter(account_id=account_id).count() >= MOST:
            raise PushSubscriptionLimitReached
        return PushSubscription.objects.create(
            account_id=account_id,
            endpoint=endpoint,
            keys_encrypted=encrypt(json.dumps({"p256dh": p256dh, "auth": auth})),
            vapid_key=key,
            device=device,
            created_at=now,
        )


def unsubscribe(*, principal: Principal, subscription_id: UUID) -> None:
    """Push to the browser no more; raise `PersonRequired` or `PushSubscriptionNotFound`."""
    with transaction("notifications"):
        deleted, _ = list_subscriptions(principal=principal).filter(id=subscription_id).delete()
        if not deleted:
            raise PushSubscriptionNotFound


def require_owner(principal: Principal) -> UUID:
    """Return whose destinations they are; raise `PersonRequired`, or `NotByStaff` for staff."""
    account_id = require_person(principal)
    if principal.impersonator_id is not None:
        raise NotByStaff
    return account_id


def _one_at_a_time(account_id: UUID) -> None:
    """Have the person's new subscriptions counted one after the other, until the commit."""
    with connections["notifications"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"push:{account_id}"])


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        client.check_url(url=endpoint)
    except Refused as error:
        raise PushEndpointRefused(str(error), pointer="/endpoint") from error
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _decoded(p256dh))
    except ValueError as error:
        raise PushKeyInvalid("It is no point of P-256.", pointer="/keys/p256dh") from error
    try:
        fits = len(_decoded(auth)) == AUTH_BYTES
    except ValueError:
        fits = False
    if not fits:
        raise PushKeyInvalid("It is not a secret of 16 bytes.", pointer="/keys/auth")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
