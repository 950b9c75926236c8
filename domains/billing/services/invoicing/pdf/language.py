"""Words, money, dates and numbers as a customer's language and region write them (CLDR)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from domains.billing.services.arithmetic import Money, minor_unit
from domains.billing.services.invoicing.pdf.words import BY_LANGUAGE, Words

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Language:
    """How a document for one customer is written."""

    words: Words
    locale: Locale
    zone: ZoneInfo

    @classmethod
    def of(cls, *, locale: str, time_zone: str) -> Language:
        """Return the customer's language, English where there are no words for it.

        `locale` is a BCP 47 tag, such as `de-AT`. Numbers follow the words, not a language that
        the reader of the words may not have.
        """
        known = _parse(locale)
        if known.language not in BY_LANGUAGE:
            known = Locale("en")
        words = BY_LANGUAGE[known.language]
        return cls(words=words, locale=known, zone=ZoneInfo(time_zone))

    def money(self, amount: int, currency: str) -> str:
        """Return minor units as an amount of the currency, with all digits that it has."""
        major = Money(amount=amount, currency=currency).major
        digits = minor_unit(currency)
        pattern = f"#,##0{'.' + '0' * digits if digits else ''}\xa0¤¤"
        return format_currency(
            major, currency, format=pattern, locale=self.locale, currency_digits=False
        )

    def number(self, value: Decimal) -> str:
        """Return a quantity without zeros at its end."""
        return format_decimal(value.normalize(), locale=self.locale, decimal_quantization=False)

    def percent(self, rate: Decimal) -> str:
        """Return the rate in per cent: 0.055 is 5.5 %."""
        return format_percent(rate.normalize(), locale=self.locale, decimal_quantization=False)

    def date(self, instant: datetime) -> str:
        """Return the day on which the instant is for the customer."""
        return format_date(instant.astimezone(self.zone), format="medium", locale=self.locale)

    def period(self, start: datetime, end: datetime) -> str:
        """Return the first and the last day of the time up to, and without, `end`."""
        return f"{self.date(start)} \N{EN DASH} {self.date(max(end - _MOMENT, start))}"


def _parse(tag: str) -> Locale:
    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")
