"""Money as staff read and write it: in the currency's main unit, with all digits that it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from domains.billing.services.arithmetic import minor_unit
from domains.billing.services.invoicing.pdf.language import Language
from kernel.staff import ReasonedAdmin

_STAFF = Language.of(locale="en", time_zone="UTC")


def shown(amount: int, currency: str) -> str:
    """Return the amount of minor units as English writes it (CLDR): 2900 EUR are 29.00 EUR."""
    return _STAFF.money(amount, currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return the amount in minor units; raise `ValidationError` if it has digits below them."""
    scaled = amount.scaleb(minor_unit(currency))
    if scaled != scaled.to_integral_value():
        raise forms.ValidationError(f"{currency} has {minor_unit(currency)} digits after the dot.")
    return int(scaled)


def to_major(amount: int, currency: str) -> Decimal:
    """Return minor units in the currency's main unit."""
    return Decimal(amount).scaleb(-minor_unit(currency))


def amount_field(help_text: str = "") -> forms.DecimalField:
    """Return the field for an amount that is not nothing."""
    return forms.DecimalField(
        min_value=Decimal("0.001"),
        max_digits=18,
        widget=UnfoldAdminTextInputWidget,
        help_text=help_text,
    )


class MoneyAdmin(ReasonedAdmin):
    """Rows with amounts, which the columns of `money` name: shown with their currency."""

    money: tuple[str, ...]

    def currency_of(self, row: Any) -> str:
        """Return in which currency the row's amounts are."""
        currency: str = row.currency
        return currency

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns, amounts as money."""
        return self._as_money(super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fields of a row's page, amounts as money."""
        fields = list(super().get_fields(request, obj))
        return fields if obj is None else list(dict.fromkeys(self._as_money(fields)))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fields that are computed."""
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None else [*fields, *self._as_money(self.money)]

    def _as_money(self, names: Sequence[Any]) -> list[Any]:
        return [self._column(name) if name in self.money else name for name in names]

    def _column(self, name: str) -> Callable[[Any], str]:
        columns: dict[str, Callable[[Any], str]] = self.__dict__.setdefault("_columns", {})
        return columns.setdefault(name, self._made(name))

    def _made(self, name: str) -> Callable[[Any], str]:
        field = self.model._meta.get_field(name)

        @display(description=str(field.verbose_name).capitalize(), ordering=name)
        def column(row: Any) -> str:
            return shown(getattr(row, name), self.currency_of(row))

        column.__name__ = f"shown_{name}"
        return column
