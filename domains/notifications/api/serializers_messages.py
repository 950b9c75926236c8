"""The JSON of messages that organizations send, and of what became of them."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from domains.notifications.models import Channel, DeliveryState, MessageState, Priority
from domains.notifications.services.messages.sending import LONGEST_SUBJECT, MOST_RECIPIENTS
from domains.notifications.services.trace import Decision, Step
from kernel.rest import Serializer, TimestampField

LONGEST_TEXT, LARGEST_VALUES = 20_000, 20_000
TEMPLATE, CONTENT = frozenset({"template", "values"}), frozenset({"subject", "text"})


class RecipientsIn(Serializer):
    """Whom it is for: members by themselves, by team or all, and addresses without an account."""

    account_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=MOST_RECIPIENTS, default=list
    )
    team_ids = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=MOST_RECIPIENTS,
        default=list,
        help_text="Whoever is in one of them, or in one within it.",
    )
    organization = serializers.BooleanField(default=False, help_text="All members.")
    addresses = serializers.ListField(
        child=serializers.EmailField(max_length=254),
        max_length=MOST_RECIPIENTS,
        default=list,
        help_text="By e-mail alone.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a message to nobody."""
        if not any(attrs.values()):
            raise serializers.ValidationError("Name a recipient at least.")
        return attrs


class MessageIn(Serializer):
    """A message: a template with values, or a subject and a text."""

    recipients = RecipientsIn()
    channels = serializers.ListField(
        child=serializers.ChoiceField(Channel.choices),
        max_length=len(Channel.choices),
        allow_empty=False,
        default=[Channel.IN_APP.value, Channel.EMAIL.value],
    )
    category = serializers.CharField(
        max_length=64, default="product", help_text="The key of a category; not the product's own."
    )
    priority = serializers.ChoiceField(
        Priority.choices,
        default=Priority.NORMAL,
        help_text="Critical: at once, in quiet hours and for those who have others gathered, too.",
    )
    template = serializers.RegexField(r"^[a-z0-9][a-z0-9_-]{0,79}\Z", required=False)
    values = serializers.DictField(required=False)
    subject = serializers.CharField(max_length=LONGEST_SUBJECT, required=False)
    text = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    subject_id = serializers.UUIDField(
        required=False, help_text="What it is about: who has muted that isn't told."
    )
    reference = serializers.RegexField(
        r"^[ -~]{1,100}\Z", required=False, help_text="Yours: it is sent once for each."
    )

    def validate_values(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is too large, or no text."""
        said = json.dumps(values)
        if len(said) > LARGEST_VALUES or "\\u0000" in said:
            raise serializers.ValidationError("At most 20 kB of values without NUL are taken.")
        return values

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what says two things, or nothing."""
        said = attrs.keys() & (TEMPLATE | CONTENT)
        if not (said == CONTENT or (said <= TEMPLATE and "template" in said)):
            raise serializers.ValidationError("Give a template with values, or subject and text.")
        return attrs


class MessageOut(Serializer):
    """A message of the organization's."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="The template, or notifications.custom.")
    category = serializers.CharField()
    priority = serializers.ChoiceField(Priority.choices)
    channels = serializers.ListField(child=serializers.ChoiceField(Channel.choices))
    reference = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(
        MessageState.choices, help_text="Pending until all recipients are found."
    )
    recipients = serializers.IntegerField(help_text="How many were found so far.")
    created_at = TimestampField()
    expanded_at = TimestampField(allow_null=True)
    note = serializers.CharField(allow_blank=True, help_text="Why it reached nobody, or failed.")


class StepOut(Serializer):
    """What a step decided about a delivery, and by which rule."""

    step = serializers.ChoiceField([step.value for step in Step])
    decision = serializers.ChoiceField([decision.value for decision in Decision])
    rule = serializers.CharField()
    at = serializers.CharField(help_text="RFC 3339.")
    details = serializers.DictField()


class TracedOut(Serializer):
    """A delivery of the message, and all that was decided about it."""

    id = serializers.UUIDField()
    channel = serializers.ChoiceField(Channel.choices)
    account_id = serializers.UUIDField(allow_null=True)
    address = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(DeliveryState.choices)
    reason = serializers.CharField(allow_blank=True)
    attempts = serializers.IntegerField()
    due_at = TimestampField(help_text="When it goes on, while it is pending or deferred.")
    sent_at = TimestampField(allow_null=True)
    digest_id = serializers.UUIDField(allow_null=True, help_text="What it was merged into.")
    steps = StepOut(many=True)
