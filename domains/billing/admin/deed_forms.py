"""What billing's deeds ask for, beside the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from domains.billing.admin import seen
from domains.billing.admin.money import amount_field, shown, to_major, to_minor
from domains.billing.models import Invoice, InvoiceLine
from domains.billing.services import catalogue
from domains.billing.services.invoicing import credit_notes
from domains.billing.services.payments import giving_back
from kernel.clock import now
from kernel.staff import DeedForm

# Nobody gives away more at once: a slip of the keyboard is more likely.
LONGEST_EXTENSION = timedelta(days=366)
_INPUT = "%Y-%m-%dT%H:%M"


def _moment_field(**options: Any) -> forms.DateTimeField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
    return forms.DateTimeField(widget=widget, **options)


class SeenForm(DeedForm):
    """Remembers how the row stood when the form was opened: a second click does nothing more."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = seen.of(self.row)


class AmountForm(SeenForm):
    """Asks for an amount up to `most` minor units of the row's currency, which it begins with."""

    amount = amount_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency: str = self.row.currency
        self.limit = self.most()
        self.initial["amount"] = to_major(self.limit, self.currency)
        self.fields["amount"].help_text = f"At most {shown(self.limit, self.currency)}."

    def most(self) -> int:
        """Return the limit, in minor units."""
        raise NotImplementedError

    def clean_amount(self) -> int:
        """Return the amount in minor units; refuse more than there is."""
        amount = to_minor(self.cleaned_data["amount"], self.currency)
        if amount > self.limit:
            raise forms.ValidationError(f"{shown(self.limit, self.currency)} are left.")
        return amount


class RefundForm(AmountForm):
    def most(self) -> int:
        """Return what is left of what the payment paid."""
        return giving_back.refundable(self.row)


class CreditRefundForm(AmountForm):
    def most(self) -> int:
        """Return what can be sent back of the customer's credit."""
        return giving_back.refundable_credit(self.row)


class CreditForm(AmountForm):
    """Asks how much of an invoice is taken back, with tax, and of which lines."""

    lines = forms.MultipleChoiceField(
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="The amount is divided by what is left of them.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = _lines_of(self.row)
        lines: Any = self.fields["lines"]
        lines.choices = choices
        self.initial["lines"] = [value for value, _ in choices]
        self.fields["amount"].help_text += " With tax."

    def most(self) -> int:
        """Return what is left of the invoice's lines, with tax."""
        left = credit_notes.creditable(self.row).values()
        return sum(line.gross.rounded for line in left)


def _lines_of(invoice: Invoice) -> list[tuple[str, str]]:
    left = credit_notes.creditable(invoice)
    rows = InvoiceLine.objects.within(invoice.organization_id).filter(id__in=left)
    return [
        (str(row.id), f"{row.description}: {shown(left[row.id].gross.rounded, invoice.currency)}")
        for row in rows.order_by("position")
    ]


class TrialForm(SeenForm):
    """Asks until when a trial goes on."""

    until = _moment_field(help_text="UTC. Later than it ends now, and within a year.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["until"] = f"{self.row.period_end:{_INPUT}}"

    def clean_until(self) -> datetime:
        """Return the new end; refuse what is no extension, or a slip."""
        until: datetime = self.cleaned_data["until"]
        if until <= self.row.period_end:
            raise forms.ValidationError(f"The trial ends on {self.row.period_end:%c} anyway.")
        if until > now() + LONGEST_EXTENSION:
            raise forms.ValidationError("That is more than a year from now.")
        return until


def _plans() -> list[tuple[str, str]]:
    sold = catalogue.get_plans()
    return [(plan.name, plan.title) for plan in sold if plan.name != catalogue.FREE]


class PlanForm(SeenForm):
    """Asks which plan is given away, and until when."""

    plan = forms.ChoiceField(choices=_plans, widget=UnfoldAdminSelectWidget)
    until = _moment_field(
        required=False, help_text="UTC. Empty: until another plan is chosen, or it is ended."
    )

    def clean_until(self) -> datetime | None:
        """Return when it ends; refuse what is over."""
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= now():
            raise forms.ValidationError("That is over already.")
        return until
