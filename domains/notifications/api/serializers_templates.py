"""The JSON of templates, of their versions, and of what they say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.notifications.models import Channel, VersionState
from domains.notifications.services.rendering.sandbox import LONGEST_SOURCE
from domains.notifications.services.templates.faults import GIVEN
from domains.notifications.services.templates.parts import LOCALE, misshapen
from domains.notifications.services.templates.variables import Type
from kernel.rest import Serializer, TimestampField

MOST_VARIABLES = 100
CHANNELS = [channel.value for channel in Channel]


class TemplateVariable(Serializer):
    """What a template may be filled with."""

    name = serializers.RegexField(r"^[a-z][a-z0-9_]{0,63}\Z")
    type = serializers.ChoiceField([each.value for each in Type])
    example = serializers.JSONField(
        help_text="Tried when the template is published, and shown in previews."
    )
    # DRF takes fields off the class.
    required = serializers.BooleanField(default=True)  # type: ignore[assignment]

    def validate_name(self, name: str) -> str:
        """Return the name unless every text has it already."""
        if name in GIVEN:
            raise serializers.ValidationError("Every text has this one already.", "reserved")
        return name


class TemplateDraftIn(Serializer):
    """What a version says."""

    default_locale = serializers.RegexField(LOCALE, required=False, help_text="BCP 47.")
    variables = TemplateVariable(many=True, required=False)
    parts = serializers.DictField(
        child=serializers.DictField(
            child=serializers.DictField(
                child=serializers.CharField(
                    allow_blank=True, trim_whitespace=False, max_length=LONGEST_SOURCE
                )
            )
        ),
        required=False,
        help_text="Liquid by channel, locale and part: title and body in the app and in a push; "
        "subject, text and html in a mail; text in SMS and chat.",
    )

    def validate_variables(self, variables: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the variables if each has its own name."""
        names = {variable["name"] for variable in variables}
        if len(names) < len(variables) or len(names) > MOST_VARIABLES:
            raise serializers.ValidationError("Names are unique, and 100 at most.", "unique")
        return [dict(variable) for variable in variables]

    def validate_parts(self, parts: dict[str, Any]) -> dict[str, Any]:
        """Return the parts if there are such channels, locales and parts."""
        if wrong := misshapen(parts):
            raise serializers.ValidationError(wrong, "parts")
        return parts


class TemplateIn(TemplateDraftIn):
    """A new template with its first draft."""

    key = serializers.RegexField(
        r"^[a-z][a-z0-9_-]{0,63}\Z", help_text="By which messages name it; it never changes."
    )
    category = serializers.RegexField(r"^[a-z][a-z0-9_-]{0,63}\Z", required=False)
    description = serializers.CharField(max_length=500, allow_blank=True, required=False)


class TemplatePatch(Serializer):
    category = serializers.RegexField(r"^[a-z][a-z0-9_-]{0,63}\Z", required=False)
    description = serializers.CharField(max_length=500, allow_blank=True, required=False)


class TemplateOut(Serializer):
    """A template; its texts are in its versions."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    key = serializers.CharField()
    category = serializers.CharField()
    description = serializers.CharField()
    created_at = TimestampField()


class TemplateVersionOut(Serializer):
    """What a template says, or said."""

    template_id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(VersionState.values)
    default_locale = serializers.CharField()
    variables = TemplateVariable(many=True)
    parts = serializers.DictField(
        child=serializers.DictField(child=serializers.DictField(child=serializers.CharField()))
    )
    created_at = TimestampField()
    updated_at = TimestampField()
    published_at = TimestampField(allow_null=True)


class TemplateRollbackIn(Serializer):
    number = serializers.IntegerField(min_value=1, help_text="The version to go back to.")


class TemplateTestIn(Serializer):
    locale = serializers.RegexField(LOCALE, required=False)
    values = serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        required=False,
        help_text="By variable; the examples, if left out.",
    )


class TemplatePreviewIn(TemplateTestIn):
    channel = serializers.ChoiceField(CHANNELS)


class TemplatePreviewOut(Serializer):
    """What would be said."""

    subject = serializers.CharField(help_text="The title, in the app and in a push.")
    text = serializers.CharField()
    html = serializers.CharField(help_text="The whole mail; empty in other channels.")
    version = serializers.CharField(help_text="Key and number of the version.")


class TemplateTestOut(Serializer):
    address = serializers.EmailField(help_text="Where the mail goes: to you.")
