"""The reason without which staff change nothing: how it is asked for, and how it is read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

LONGEST_REASON = 500
# A field to begin with. The pages are hidden until their script has run, and a browser that drew
# one before has let go of `autofocus`: a hidden field takes none.
FOCUSED = {"autofocus": True, "x-init": "$nextTick(() => $el.focus())"}


def reason_field(*, focused: bool = False) -> forms.CharField:
    """Return the field that every form of staff has."""
    return forms.CharField(
        label="Reason",
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, **(FOCUSED if focused else {})}),
        help_text="Kept in the audit: whoever asks later reads this.",
    )


class ReasonForm(forms.Form):
    """Asks for nothing else."""

    reason = reason_field(focused=True)


class ReasonActionForm(ActionForm):
    """Asks beside the action of a list; `ReasonedAdmin` sees to it that there is one."""

    reason = forms.CharField(
        label="",
        required=False,
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget(
            attrs={"placeholder": "Reason", "aria-label": "Reason", "x-show": "action"}
        ),
    )


def reason_of(request: HttpRequest) -> str:
    """Return the reason that was sent; empty if there is none, or none that can be kept."""
    try:
        reason: str = reason_field().clean(request.POST.get("reason", ""))
    except ValidationError:
        return ""
    return reason


def changed_in(form: forms.ModelForm) -> dict[str, Any]:
    """Return what the form changes of the row, by name."""
    return {name: form.cleaned_data[name] for name in form.changed_data if name != "reason"}
