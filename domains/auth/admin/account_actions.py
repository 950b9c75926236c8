"""The pages on which staff do something to one account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action
from unfold.enums import ActionVariant

from domains.auth.admin import deeds
from domains.auth.admin.deeds import Deed
from domains.auth.models import Account
from kernel.clock import now
from kernel.db import transaction
from kernel.errors import DomainError
from kernel.staff import ReasonedAdmin, ReasonForm

MAY_IMPERSONATE = "domains_auth.impersonate_account"
DEEDS = {
    "unlock": deeds.UNLOCK,
    "force_reset": deeds.FORCE_RESET,
    "revoke_sessions": deeds.REVOKE,
    "ban": deeds.BAN,
    "unban": deeds.UNBAN,
    "impersonate": deeds.IMPERSONATE,
}
NOT_DONE = object()


def may_act_on(request: HttpRequest, account: Account) -> bool:
    """Return whether this member of staff may do something to the account.

    Nobody may to themselves, and nobody but a superuser to others of the staff.
    """
    if account.pk == request.user.pk:
        return False
    return bool(request.user.is_superuser) or not account.is_staff


class AccountActions(ReasonedAdmin):
    """Each action asks for a reason on a page of its own, and is logged with it."""

    actions_detail = tuple(DEEDS)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Let those who may change the account act on it, within `may_act_on`."""
        account = self._find(request, object_id)
        return may_act_on(request, account) and self.has_change_permission(request, account)

    def has_impersonate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Let only those who were given this act as somebody, and never as staff."""
        account = self._find(request, object_id)
        return not account.is_staff and request.user.has_perm(MAY_IMPERSONATE)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Return those that the account's state leaves something to do for."""
        try:
            account = self._find(request, object_id)
        except Http404:
            return []
        allowed: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return [each for each in allowed if self._fits(each, account)]

    def _fits(self, each: UnfoldAction, account: Account) -> bool:
        return DEEDS[each.method.__name__].fits(account)

    @action(description=deeds.UNLOCK.title, permissions=["act"])
    def unlock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(request, object_id, deeds.UNLOCK)

    @action(description="Force reset", permissions=["act"])
    def force_reset(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(request, object_id, deeds.FORCE_RESET)

    @action(description="Revoke sessions", permissions=["act"])
    def revoke_sessions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(request, object_id, deeds.REVOKE)

    @action(
        description=deeds.BAN.title,
        permissions=["act"],
        variant=ActionVariant.DANGER,
    )
    def ban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(request, object_id, deeds.BAN)

    @action(description=deeds.UNBAN.title, permissions=["act"])
    def unban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(request, object_id, deeds.UNBAN)

    @action(description="Act as them", permissions=["impersonate"])
    def impersonate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account, form = self._find(request, object_id), ReasonForm(request.POST or None)
        tokens = self._carry_out(request, account, deeds.IMPERSONATE, form)
        if tokens is NOT_DONE:
            return self._page(request, account, deeds.IMPERSONATE, "reason.html", form=form)
        shown = (("Access token", tokens.access_token), ("Refresh token", tokens.refresh_token))
        return self._page(request, account, deeds.IMPERSONATE, "impersonation.html", shown=shown)

    def _do(self, request: HttpRequest, object_id: str, deed: Deed) -> HttpResponse:
        account, form = self._find(request, object_id), ReasonForm(request.POST or None)
        if self._carry_out(request, account, deed, form) is NOT_DONE:
            return self._page(request, account, deed, "reason.html", form=form)
        messages.success(request, f"{deed.done}.")
        return HttpResponseRedirect(_page_of(account))

    def _carry_out(
        self, request: HttpRequest, account: Account, deed: Deed, form: ReasonForm
    ) -> Any:
        """Do it and log it, in one transaction, if a reason was given."""
        if request.method != "POST" or not form.is_valid():
            return NOT_DONE
        reason = form.cleaned_data["reason"]
        try:
            with transaction("auth"):
                result = deed.do(account, reason=reason, staff_id=request.user.pk, now=now())
                self.log_deed(request, account, deed.done)
        except DomainError as error:
            form.add_error(None, error.detail or error.title)
            return NOT_DONE
        return result

    def _page(
        self, request: HttpRequest, account: Account, deed: Deed, template: str, **context: Any
    ) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": deed.title,
            "deed": deed,
            "original": account,
            "back": _page_of(account),
            **context,
        }
        return TemplateResponse(request, f"auth_admin/{template}", shown)

    def _find(self, request: HttpRequest, object_id: Any) -> Account:
        if isinstance(object_id, Account):
            return object_id
        if not self.has_view_permission(request):
            raise PermissionDenied
        account = self.get_object(request, str(object_id))
        if account is None:
            raise Http404
        return account


def _page_of(account: Account) -> str:
    return reverse("admin:domains_auth_account_change", args=[account.pk])
