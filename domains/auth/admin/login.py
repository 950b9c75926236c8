"""The login page of the staff, in two steps where there is a second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from domains.auth.contract.errors import CredentialsInvalid, TicketInvalid
from domains.auth.models import Account, Session
from domains.auth.services import staff_login
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.errors import DomainError
from kernel.staff import FOCUSED

SESSION_ID = "auth_session_id"


class StaffLoginForm(AuthenticationForm):
    """Address and password first; then, with the ticket for that, a code."""

    ticket = forms.CharField(required=False, widget=forms.HiddenInput)
    code = forms.CharField(
        required=False,
        max_length=64,
        help_text="From your authenticator app, or one of your recovery codes.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                **FOCUSED,
                "class": " ".join(BASE_INPUT_CLASSES),
            }
        ),
    )
    # What the second step is shown with; empty in the first one.
    open_ticket = ""

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if self.data.get("ticket"):
            self.fields["username"].required = self.fields["password"].required = False

    def is_valid(self) -> bool:
        """Return whether somebody has come in; being asked for a code is no error either."""
        return super().is_valid() and self.user_cache is not None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("ticket"):
            self._step(self._finish)
        elif given.get("username") and given.get("password"):
            self._step(self._begin)
        return given

    def _begin(self) -> Session | str:
        return staff_login.begin(
            email=self.cleaned_data["username"],
            password=self.cleaned_data["password"],
            client=present_client(),
            now=now(),
        )

    def _finish(self) -> Session | str:
        ticket = self.cleaned_data["ticket"]
        self.open_ticket = ticket if staff_login.is_open(ticket, now=now()) else ""
        return staff_login.finish(
            ticket=ticket,
            code=self.cleaned_data.get("code", ""),
            client=present_client(),
            now=now(),
        )

    def _step(self, take: Callable[[], Session | str]) -> None:
        try:
            outcome = take()
        except CredentialsInvalid as error:
            raise self.get_invalid_login_error() from error
        except TicketInvalid as error:
            raise ValidationError(self._about_ticket(), code="invalid_code") from error
        except DomainError as error:
            raise ValidationError(error.detail or error.title, code="refused") from error
        if isinstance(outcome, str):
            self.open_ticket = outcome
            return
        self.user_cache = outcome.account
        # Django hands it to the signal below once its own session has begun.
        self.user_cache.began = outcome.id  # type: ignore[attr-defined]

    def _about_ticket(self) -> str:
        if self.open_ticket:
            return "The code is wrong, or was used already."
        return "That took too long; log in again."


admin.site.login_form = StaffLoginForm


@receiver(user_logged_in)
def _remember_session(request: HttpRequest, user: Account, **_: Any) -> None:
    """Tie Django's session to the one that began: with that it ends."""
    began = getattr(user, "began", None)
    if began is not None:
        request.session[SESSION_ID] = str(began)


@receiver(user_logged_out)
def _end_session(request: HttpRequest, **_: Any) -> None:
    began = request.session.get(SESSION_ID)
    if began:
        staff_login.end(UUID(began), now=now())
