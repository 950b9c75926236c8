"""What is refused of invoices, and why."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound, Unavailable


class InvoiceNotFound(NotFound):
    """It doesn't exist, or is another organization's."""

    code = "billing.invoice_not_found"
    title = "There is no such invoice"


class InvoiceNotOpen(Conflict):
    """Its state doesn't allow that."""

    code = "billing.invoice_not_open"
    title = "The state of the invoice doesn't allow this"


class CreditRefused(Invalid):
    """A credit note takes back lines of its invoice, and no more of them than is left."""

    code = "billing.credit_refused"
    title = "This can't be credited"


class CreditNoteNotFound(NotFound):
    """It doesn't exist, or is another organization's."""

    code = "billing.credit_note_not_found"
    title = "There is no such credit note"


class VatIdInvalid(Invalid):
    """It isn't one of the customer's country, or its check digits are wrong."""

    code = "billing.vat_id_invalid"
    title = "This is no VAT id of the country"


class TaxUnknown(Unavailable):
    """The tax service can't be asked, and has not answered on this customer before."""

    code = "billing.tax_unknown"
    title = "What tax there is can't be found out just now"


class DraftInvalid(Invalid):
    """It charges nothing, or in another currency than the customer's."""

    code = "billing.draft_invalid"
    title = "There can be no such invoice"
