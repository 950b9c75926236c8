"""Rows that have had their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from domains.auth.models import (
    FederationFlow,
    MailProof,
    PasskeyChallenge,
    Registration,
    Session,
    SigningKey,
    SignInThrottle,
    SignInTicket,
    Totp,
    VerificationToken,
)
from domains.auth.services import refresh
from domains.auth.services.keys import OVERLAP
from kernel.db import transaction

# So long staff can see how a session ended.
SESSION_TRACE = timedelta(days=30)
# So long an authenticator app that was begun can be confirmed.
TOTP_SET_UP = timedelta(days=1)


def delete_expired(*, now: datetime) -> None:
    """Delete registrations, tokens, sessions and retired keys that nothing can use any more."""
    traced = now - SESSION_TRACE
    ended = (
        Q(expires_at__lt=traced)
        | Q(revoked_at__lt=traced)
        | Q(refreshed_at__lt=traced - settings.SESSION_IDLE)
    )
    with transaction("auth"):
        FederationFlow.objects.filter(expires_at__lte=now).delete()
        PasskeyChallenge.objects.filter(expires_at__lte=now).delete()
        SignInTicket.objects.filter(expires_at__lte=now).delete()
        SignInThrottle.objects.filter(expires_at__lte=now).delete()
        Totp.objects.filter(confirmed_at=None, created_at__lte=now - TOTP_SET_UP).delete()
        VerificationToken.objects.filter(expires_at__lte=now).delete()
        Registration.objects.filter(expires_at__lte=now).delete()
        MailProof.objects.filter(expires_at__lte=now).delete()
        Session.objects.filter(ended).delete()
        refresh.forget_successors(now=now)
        SigningKey.objects.filter(retired_at__lt=now - OVERLAP).delete()
