"""How staff get another password: by a mail, as everybody does.

Django's own page would take a stolen login and a guessed password for proof, and tell nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from domains.auth.services import password_reset
from kernel.clock import now
from kernel.db import transaction

if TYPE_CHECKING:
    from domains.auth.models import Account


def change_own_password(
    request: HttpRequest, extra_context: dict[str, Any] | None = None
) -> HttpResponse:
    """Have the mail sent to whoever is logged in."""
    first_page = reverse("admin:index")
    if request.method == "POST":
        account = cast("Account", request.user)
        with transaction("auth"):
            password_reset.request_for(account, now=now())
        messages.success(request, "The mail is on its way.")
        return HttpResponseRedirect(first_page)
    shown = {
        **admin.site.each_context(request),
        **(extra_context or {}),
        "title": "Change password",
        "back": first_page,
    }
    return TemplateResponse(request, "auth_admin/own_password.html", shown)


admin.site.own_password_page = change_own_password  # type: ignore[attr-defined]
