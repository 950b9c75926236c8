from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q

from domains.users.models.validators import (
    LOCALE_LENGTH,
    NAME_LENGTH,
    TIME_ZONE_LENGTH,
    validate_locale,
    validate_one_line,
    validate_time_zone,
)
from kernel.privacy.marks import of_person


class Profile(models.Model):
    """A person, as others see them; one for each account, made when the account is first seen."""

    is_person = True

    account_id = of_person(models.UUIDField(primary_key=True, editable=False))
    display_name = of_person(
        models.CharField(
            max_length=NAME_LENGTH, blank=True, default="", validators=[validate_one_line]
        )
    )
    locale = of_person(
        models.CharField(max_length=LOCALE_LENGTH, default="en", validators=[validate_locale])
    )
    time_zone = of_person(
        models.CharField(
            max_length=TIME_ZONE_LENGTH, default="UTC", validators=[validate_time_zone]
        )
    )
    avatar_file_id = of_person(models.UUIDField(null=True, blank=True))
    preferences = of_person(models.JSONField(default=dict, blank=True))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "profile"
        indexes = [
            GinIndex(SearchVector("display_name", config="simple"), name="profile_by_words"),
            models.Index(
                fields=["avatar_file_id"],
                condition=Q(avatar_file_id__isnull=False),
                name="profile_by_avatar",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or str(self.account_id)
