"""VAT identification numbers: their form and check digits, without asking anybody."""

from __future__ import annotations

import re

from stdnum import get_cc_module
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from domains.billing.contract.invoice_errors import VatIdInvalid
from domains.billing.services.invoicing.rates import is_in_eu

# Where the prefix isn't the country's code (Directive 2006/112/EC, article 215).
_PREFIXES = {"GR": "EL"}
_PLAIN = re.compile(r"[A-Z0-9]{2,20}")
_POINTER = "/vat_id"


def normalize(*, vat_id: str, country: str) -> str:
    """Return the VAT id of the country without spaces and marks, in capitals; "" stays.

    In the EU it has its country's prefix; elsewhere it is checked where the country's form is
    known. Whether it was ever given to anybody isn't asked. Raises `VatIdInvalid`.
    """
    if not vat_id:
        return ""
    if not country:
        raise VatIdInvalid("Say the country of the address, too.", pointer=_POINTER)
    try:
        return _in_eu(vat_id, country) if is_in_eu(country) else _elsewhere(vat_id, country)
    except ValidationError as error:
        raise VatIdInvalid(f"It can't be one of {country}.", pointer=_POINTER) from error


def _in_eu(vat_id: str, country: str) -> str:
    number: str = vat.validate(vat_id)
    if not number.startswith(_PREFIXES.get(country, country)):
        raise VatIdInvalid(f"It is of another country than {country}.", pointer=_POINTER)
    return number


def _elsewhere(vat_id: str, country: str) -> str:
    known = get_cc_module(country, "vat")
    if known is not None:
        number: str = known.validate(vat_id)
        return number
    plain = re.sub(r"[\s.\-/]", "", vat_id).upper()
    if not _PLAIN.fullmatch(plain):
        raise VatIdInvalid("Use 2 to 20 letters and digits.", pointer=_POINTER)
    return plain
