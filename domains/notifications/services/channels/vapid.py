"""The keys by which push services know us, and their rotation."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import IntegrityError

from domains.notifications.models import VapidKey
from kernel.crypto import decrypt, encrypt
from kernel.db import transaction


def present_key(*, now: datetime) -> VapidKey:
    """Return the key that new subscriptions are made with, made on first need."""
    found = VapidKey.objects.filter(retired_at=None).first()
    if found is not None:
        return found
    try:
        with transaction("notifications", final=False):
            return _make(now)
    except IntegrityError:
        # Somebody else made the first one at the same moment.
        return VapidKey.objects.get(retired_at=None)


def rotate(*, now: datetime) -> VapidKey:
    """Give out a new key from now on; former ones sign on for the subscriptions made with them."""
    with transaction("notifications"):
        # Two at once: the second waits here, and retires what the first has made.
        list(VapidKey.objects.select_for_update().filter(retired_at=None))
        VapidKey.objects.filter(retired_at=None).update(retired_at=now)
        return _make(now)


def renew(*, now: datetime) -> None:
    """Rotate once the present key is old, and forget former ones without a subscription."""
    present = VapidKey.objects.filter(retired_at=None).first()
    if present is not None and present.created_at <= now - settings.WEB_PUSH_KEY_LIFETIME:
        rotate(now=now)
    with transaction("notifications"):
        VapidKey.objects.filter(retired_at__isnull=False, subscriptions=None).delete()


def sign(*, key: VapidKey, audience: str, subject: str) -> dict[str, str]:
    """Return the header that says who pushes (RFC 8292), good for a day at that push service."""
    from py_vapid import Vapid02

    signer = Vapid02.from_string(decrypt(key.private_key_encrypted))
    signed: dict[str, str] = signer.sign({"aud": audience, "sub": subject})
    return signed


def _make(now: datetime) -> VapidKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from py_vapid.utils import b64urlencode

    pair = ec.generate_private_key(ec.SECP256R1())
    point = pair.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = pair.private_numbers().private_value.to_bytes(32, "big")
    return VapidKey.objects.create(
        public_key=b64urlencode(point),
        private_key_encrypted=encrypt(b64urlencode(secret)),
        created_at=now,
    )
