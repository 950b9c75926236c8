"""A person's phone number: told, proven by a code that comes there, and forgotten."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from domains.notifications.contract.channel_errors import (
    PhoneCodeInvalid,
    PhoneCodeTooSoon,
    PhoneNumberNotFound,
    SmsNotConfigured,
)
from domains.notifications.models import PhoneNumber
from domains.notifications.services.channels import sms
from domains.notifications.services.channels.port import AttemptFailed
from domains.notifications.services.channels.subscriptions import require_owner
from domains.notifications.services.feed.reading import require_person
from domains.notifications.services.rendering.rendering import product_name
from domains.notifications.services.sending import gate
from domains.users import interface as users
from kernel import crypto
from kernel.db import transaction
from kernel.errors import Unavailable
from kernel.jobs import ring
from kernel.principal import Principal

PURPOSE = "notifications.phone-code"
CODE_LASTS = timedelta(minutes=10)
BETWEEN_CODES = timedelta(seconds=60)
MOST_ATTEMPTS = 5
WORDS = {
    "en": "{code} is your code for {product}. It holds for 10 minutes.",
    "de": "{code} ist Ihr Code für {product}. Er gilt 10 Minuten.",
}


def get_number(*, principal: Principal) -> PhoneNumber:
    """Return the person's; raise `PersonRequired` or `PhoneNumberNotFound`."""
    found = PhoneNumber.objects.filter(account_id=require_person(principal)).first()
    if found is None:
        raise PhoneNumberNotFound
    return found


def put_number(*, principal: Principal, number: str, now: datetime) -> PhoneNumber:
    """Send a code to the number (E.164); it counts once that is shown, the former one until then.

    Raises `PersonRequired`, `NotByStaff`, `SmsNotConfigured` or `PhoneCodeTooSoon`.
    """
    account_id = require_owner(principal)
    if sms.adapter() is None:
        raise SmsNotConfigured
    with transaction("notifications"):
        new = {"created_at": now}
        PhoneNumber.objects.get_or_create(account_id=account_id, defaults=new)
        row = PhoneNumber.objects.select_for_update().get(account_id=account_id)
        if row.code_sent_at and row.code_sent_at > now - BETWEEN_CODES:
            seconds = (row.code_sent_at + BETWEEN_CODES - now).total_seconds()
            raise PhoneCodeTooSoon(retry_after=max(1, int(seconds)))
        row.new_number, row.code_hash, row.code_attempts = number, "", 0
        row.code_sent_at, row.code_expires_at = now, now + CODE_LASTS
        row.save()
        ring("notifications.send_phone_code", str(account_id))
    return row


def send_code(*, account_id: UUID, now: datetime) -> None:
    """Send a fresh code to the number that waits for its proof, if none was sent to it yet."""
    gateway = sms.adapter()
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction("notifications", final=False):
        waiting = PhoneNumber.objects.filter(account_id=account_id, code_hash="")
        waiting = waiting.filter(code_expires_at__gt=now).exclude(new_number="")
        row = waiting.select_for_update().first()
        if row is None or gateway is None:
            return
        row.code_hash = _hash(row, code)
        row.save(update_fields=["code_hash"])
    text = _words(account_id).format(code=code, product=product_name())
    admission = gate.admit(provider=gateway, now=now)
    if isinstance(admission, gate.Refusal):
        raise Unavailable(f"SMS wait: {admission.rule}")
    try:
        # Keyed by what is stored of the code: a repeat would carry another.
        gateway.send(reference=row.code_hash, number=row.new_number, text=text)
    except AttemptFailed as error:
        gate.record_failure(provider=gateway, error=error, now=now)
        raise
    gate.record_success(provider=gateway, admission=admission)


def confirm(*, principal: Principal, code: str, now: datetime) -> PhoneNumber:
    """Have the number count from now on; raise `PhoneCodeInvalid` or `PhoneNumberNotFound`.

    Each code may be tried a few times, wrongly or not, so that it can't be guessed.
    """
    account_id = require_owner(principal)
    # A wrong one is counted although the answer is an error.
    with transaction("notifications", final=False):
        row = PhoneNumber.objects.select_for_update().filter(account_id=account_id).first()
        if row is None or not row.new_number:
            raise PhoneNumberNotFound
        right = _is_right(row, code, now)
        if right:
            row.number, row.new_number, row.confirmed_at = row.new_number, "", now
            row.code_hash, row.code_expires_at, row.code_sent_at = "", None, None
        else:
            row.code_attempts += 1
        row.save()
    if not right:
        raise PhoneCodeInvalid(pointer="/code")
    return row


def delete_number(*, principal: Principal) -> None:
    """Forget the number; raise `PersonRequired` or `PhoneNumberNotFound`."""
    with transaction("notifications"):
        deleted, _ = PhoneNumber.objects.filter(account_id=require_person(principal)).delete()
        if not deleted:
            raise PhoneNumberNotFound


def _is_right(row: PhoneNumber, code: str, now: datetime) -> bool:
    lives = row.code_hash and row.code_expires_at and row.code_expires_at > now
    if not lives or row.code_attempts >= MOST_ATTEMPTS:
        return False
    return crypto.equal(_hash(row, code), row.code_hash)


def _hash(row: PhoneNumber, code: str) -> str:
    """Return the code's keyed hash: a million codes are quickly tried against a plain one."""
    asked = row.code_sent_at.isoformat() if row.code_sent_at else ""
    told = f"{row.account_id}:{row.new_number}:{asked}:{code}"
    return crypto.sign(PURPOSE, told.encode())


def _words(account_id: UUID) -> str:
    profiles = users.get_profiles(account_ids=[account_id])
    language = profiles[0].locale.partition("-")[0] if profiles else "en"
    return WORDS.get(language, WORDS["en"])
