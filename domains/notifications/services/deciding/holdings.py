"""What is kept of how a person wants to be told, and of what was counted and gathered for them."""

from __future__ import annotations

from django.db.models import Model

from domains.notifications.models import Digest, Mute, Passed, Preference, Rhythm
from kernel.privacy import Fate, Holding


def _erased(name: str, description: str, model: type[Model], *shows: str) -> Holding:
    return Holding(
        name=name,
        description=description,
        model=model,
        of=lambda person: model.objects.filter(account_id=person.account_id),  # type: ignore[attr-defined]
        shows=shows,
        fate=Fate.ERASED,
    )


SAID: tuple[Holding, ...] = (
    _erased(
        "preferences",
        "What you want to be told, and how soon",
        Preference,
        "account_id",
        "category",
        "channel",
        "frequency",
        "changed_at",
    ),
    _erased(
        "rhythm",
        "Your quiet hours, and when you want to be told what was gathered",
        Rhythm,
        "account_id",
        "quiet_from",
        "quiet_until",
        "quiet_days",
        "digest_hour",
        "digest_day",
    ),
    _erased("mutes", "What you have muted", Mute, "account_id", "subject_id", "created_at"),
    _erased(
        "throttles",
        "When you were last told of what is told only so often",
        Passed,
        "account_id",
        "recipient",
        "category",
        "channel",
        "times",
    ),
    _erased(
        "digests",
        "What was gathered for you",
        Digest,
        "account_id",
        "recipient",
        "address",
        "category",
        "channel",
        "frequency",
        "due_at",
        "items",
    ),
)
