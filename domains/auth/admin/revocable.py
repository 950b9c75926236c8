from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from domains.auth.models import Account
from kernel.staff import ReadOnlyAdmin


class RevocableAdmin(ReadOnlyAdmin):
    """Rows that only the services write, and that staff may have revoked."""

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Ask for the right to change, which nothing else here needs."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def may_revoke_of(self, request: HttpRequest, owner: Account | None) -> bool:
        """Return whether the owner's rows may be revoked: those of other staff by superusers."""
        allowed = (
            owner is None
            or not owner.is_staff
            or owner.pk == request.user.pk
            or bool(request.user.is_superuser)
        )
        if not allowed:
            messages.error(request, f"Only superusers act on others of the staff: {owner}.")
        return allowed
