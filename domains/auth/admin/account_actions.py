"""The pages on which staff do something to one account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.enums import ActionVariant

from domains.auth.admin import deeds
from domains.auth.models import Account
from kernel.staff import NOT_DONE, DeedsAdmin

MAY_IMPERSONATE = "domains_auth.impersonate_account"
DEEDS = {
    "unlock": deeds.UNLOCK,
    "force_reset": deeds.FORCE_RESET,
    "revoke_sessions": deeds.REVOKE,
    "ban": deeds.BAN,
    "unban": deeds.UNBAN,
    "impersonate": deeds.IMPERSONATE,
}


def may_act_on(request: HttpRequest, account: Account) -> bool:
    """Return whether this member of staff may do something to the account.

    Nobody may to themselves, and nobody but a superuser to others of the staff.
    """
    if account.pk == request.user.pk:
        return False
    return bool(request.user.is_superuser) or not account.is_staff


class AccountActions(DeedsAdmin):
    """Each action asks for a reason on a page of its own, and is logged with it."""

    table = DEEDS
    actions_detail = tuple(DEEDS)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Let those who may change the account act on it, within `may_act_on`."""
        account = self.find(request, object_id)
        return may_act_on(request, account) and self.has_change_permission(request, account)

    def has_impersonate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Let only those who were given this act as somebody, and never as staff."""
        account = self.find(request, object_id)
        return not account.is_staff and request.user.has_perm(MAY_IMPERSONATE)

    @action(description=deeds.UNLOCK.title, permissions=["act"])
    def unlock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.UNLOCK)

    @action(description="Force reset", permissions=["act"])
    def force_reset(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.FORCE_RESET)

    @action(description="Revoke sessions", permissions=["act"])
    def revoke_sessions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.REVOKE)

    @action(
        description=deeds.BAN.title,
        permissions=["act"],
        variant=ActionVariant.DANGER,
    )
    def ban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.BAN)

    @action(description=deeds.UNBAN.title, permissions=["act"])
    def unban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.UNBAN)

    @action(description="Act as them", permissions=["impersonate"])
    def impersonate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account, deed = self.find(request, object_id), deeds.IMPERSONATE
        form = deed.form(request.POST or None, row=account)
        tokens = self.carry_out(request, account, deed, form)
        if tokens is NOT_DONE:
            return self.deed_page(request, account, deed, "kernel/staff/deed.html", form=form)
        shown = (("Access token", tokens.access_token), ("Refresh token", tokens.refresh_token))
        return self.deed_page(request, account, deed, "auth_admin/impersonation.html", shown=shown)
