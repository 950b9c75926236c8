"""A row of every kind of notifications; each secret in them has the word "hidden" in it."""

from __future__ import annotations

from uuid import UUID

from domains.notifications import models
from kernel.clock import now
from kernel.ids import uuid7

WANTED = {"category": "product", "channel": "email", "frequency": "daily"}


def make(organization_id: UUID, account_id: UUID) -> None:
    """Make a row of every model of notifications', of the organization where it is of one."""
    _of_feeds(account_id)
    _of_preferences(organization_id, account_id)
    _of_channels(organization_id, account_id)
    _of_templates(organization_id)
    _of_webhooks(organization_id)


def _of_feeds(account_id: UUID) -> None:
    born, theirs = {"created_at": now()}, {"account_id": account_id}
    message = models.Message.objects.create(
        event_id=uuid7(), kind="auth.welcome", occurred_at=now(), due_at=now(), **born
    )
    models.Notification.objects.create(
        message=message, sequence=1, kind="auth.welcome", title="Welcome", **theirs, **born
    )
    models.Feed.objects.create(last_sequence=1, unread=1, unseen=1, **theirs)
    models.StreamTicket.objects.create(
        ticket_hash="hidden",
        session_id=uuid7(),
        proven_at=now(),
        mfa=False,
        expires_at=now(),
        **theirs,
    )
    models.Delivery.objects.create(
        message=message,
        channel="email",
        recipient=str(account_id),
        address="ada@example.com",
        subject="Welcome",
        text="Hello",
        html="<p>Hello</p>",
        due_at=now(),
        **born,
    )


def _of_preferences(organization_id: UUID, account_id: UUID) -> None:
    of, theirs = {"organization_id": organization_id}, {"account_id": account_id}
    models.Category.objects.create(key="news", name="News", created_at=now(), **of)
    models.Throttle.objects.create(category="product", most=1, period=60, **of)
    models.DefaultPreference.objects.create(**WANTED, **of)
    models.Preference.objects.create(changed_at=now(), **WANTED, **theirs)
    models.Rhythm.objects.create(**theirs)
    models.Mute.objects.create(subject_id=uuid7(), created_at=now(), **theirs)
    models.Digest.objects.create(
        recipient=str(account_id), due_at=now(), created_at=now(), **WANTED, **of, **theirs
    )


def _of_channels(organization_id: UUID, account_id: UUID) -> None:
    born, theirs = {"created_at": now()}, {"account_id": account_id}
    key = models.VapidKey.objects.create(
        public_key="BPoint", private_key_encrypted="hidden", **born
    )
    models.PushSubscription.objects.create(
        endpoint="https://push.example.com/hidden",
        keys_encrypted="hidden",
        vapid_key=key,
        **theirs,
        **born,
    )
    models.PhoneNumber.objects.create(number="+4915112345678", code_hash="hidden", **theirs, **born)
    models.SentSms.objects.create(
        reference="r", recipient="+4915112345678", text="Hello", segments=1, **born
    )
    models.ChatEndpoint.objects.create(
        organization_id=organization_id,
        name="#team",
        host="chat.example.com",
        url_encrypted="hidden",
        **born,
    )
    models.Provider.objects.create(key="email:smtp", failures=5, openings=1, retry_at=now())
    models.Suppression.objects.create(
        channel="email", address="grace@example.com", cause="bounce", **born
    )


def _of_templates(organization_id: UUID) -> None:
    of = {"organization_id": organization_id, "created_at": now()}
    template = models.Template.objects.create(key="order-shipped", **of)
    models.TemplateVersion.objects.create(
        template=template,
        number=1,
        state="published",
        published_at=now(),
        updated_at=now(),
        parts={},
        **of,
    )


def _of_webhooks(organization_id: UUID) -> None:
    of = {"organization_id": organization_id, "created_at": now()}
    endpoint = models.WebhookEndpoint.objects.create(
        url="https://hooks.example.com/hidden",
        event_types=["*"],
        claimed_at=now(),
        secret_encrypted="hidden",
        updated_at=now(),
        **of,
    )
    sent = models.WebhookDelivery.objects.create(
        endpoint=endpoint,
        event_id=uuid7(),
        event_type="users.member_joined.v1",
        body="{}",
        account_ids=[],
        due_at=now(),
        **of,
    )
    models.WebhookAttempt.objects.create(delivery=sent, attempted_at=now(), request_headers={})
