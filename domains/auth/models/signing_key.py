from __future__ import annotations

from django.db import models
from django.db.models import Q


class SigningKey(models.Model):
    """A key pair for access tokens.

    The next one is published before it signs, so that whoever verifies knows it in time. A
    retired one signs no more, but verifies for a while.
    """

    kid = models.CharField("key id", max_length=64, primary_key=True, editable=False)
    algorithm = models.CharField(max_length=10, default="ES256", editable=False)
    public_key_pem = models.TextField(editable=False)
    private_key_encrypted = models.TextField(editable=False)
    created_at = models.DateTimeField(editable=False)
    activated_at = models.DateTimeField(null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "signing_key"
        constraints = [
            models.UniqueConstraint(
                fields=["algorithm"],
                condition=Q(activated_at__isnull=False, retired_at__isnull=True),
                name="signing_key_one_signs",
            ),
            models.UniqueConstraint(
                fields=["algorithm"],
                condition=Q(activated_at__isnull=True, retired_at__isnull=True),
                name="signing_key_one_waits",
            ),
        ]
