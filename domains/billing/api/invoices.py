"""HTTP out: invoices, credit notes and the balance."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples_invoices as examples
from domains.billing.api.serializers_invoices import (
    FINAL,
    BalanceOut,
    CreditNoteInFullOut,
    CreditNoteOut,
    InvoiceInFullOut,
    InvoiceOut,
)
from domains.billing.contract.invoice_errors import CreditNoteNotFound, InvoiceNotFound
from domains.billing.models import Invoice as InvoiceRow
from domains.billing.services.invoicing import reading
from kernel.errors import Forbidden
from kernel.rest import Filter, Listing, caller, operation, paginate, single

INVOICES = Listing(
    sort=("-id", "id"),
    filters={
        "state": Filter(serializers.ChoiceField(FINAL), "state", "Only those in this state"),
        "cause": Filter(
            serializers.ChoiceField(InvoiceRow.Cause.values), "cause", "Only those made by this"
        ),
        "number": Filter(serializers.CharField(max_length=64), "number", "The one of this number"),
    },
)
CREDIT_NOTES = Listing(
    sort=("-id", "id"),
    filters={"invoice_id": Filter(serializers.UUIDField(), "invoice_id", "Those of this invoice")},
)
PDF = {"type": "string", "format": "binary", "contentMediaType": "application/pdf"}


class Invoices(APIView):
    """The current organization's invoices."""

    @operation(
        "listInvoices",
        "List the organization's invoices",
        response=InvoiceOut,
        listing=INVOICES,
        response_example=examples.INVOICE,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        rows = reading.list_invoices(principal=caller(request))
        return Response(paginate(request, rows, listing=INVOICES, represent=InvoiceOut))


class Invoice(APIView):
    """One invoice."""

    @operation(
        "getInvoice",
        "Show an invoice with its lines",
        response=InvoiceInFullOut,
        response_example=examples.INVOICE_IN_FULL,
        problems=(InvoiceNotFound, Forbidden),
    )
    def get(self, request: Request, invoice_id: UUID) -> Response:
        found = reading.get_invoice(principal=caller(request), invoice_id=invoice_id)
        return single(request, InvoiceInFullOut.render(found))


class InvoicePdf(APIView):
    """An invoice on paper."""

    @operation(
        "getInvoicePdf",
        "Fetch an invoice as a PDF",
        description="How it was issued, in the customer's language; the same bytes each time.",
        response=PDF,
        problems=(InvoiceNotFound, Forbidden),
    )
    def get(self, request: Request, invoice_id: UUID) -> HttpResponse:
        return _file(reading.get_invoice_pdf(principal=caller(request), invoice_id=invoice_id))


class CreditNotes(APIView):
    """The current organization's credit notes."""

    @operation(
        "listCreditNotes",
        "List the organization's credit notes",
        response=CreditNoteOut,
        listing=CREDIT_NOTES,
        response_example=examples.CREDIT_NOTE,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        rows = reading.list_credit_notes(principal=caller(request))
        return Response(paginate(request, rows, listing=CREDIT_NOTES, represent=CreditNoteOut))


class CreditNote(APIView):
    """One credit note."""

    @operation(
        "getCreditNote",
        "Show a credit note with its lines",
        response=CreditNoteInFullOut,
        response_example=examples.CREDIT_NOTE_IN_FULL,
        problems=(CreditNoteNotFound, Forbidden),
    )
    def get(self, request: Request, credit_note_id: UUID) -> Response:
        found = reading.get_credit_note(principal=caller(request), credit_note_id=credit_note_id)
        return single(request, CreditNoteInFullOut.render(found))


class CreditNotePdf(APIView):
    """A credit note on paper."""

    @operation(
        "getCreditNotePdf",
        "Fetch a credit note as a PDF",
        response=PDF,
        problems=(CreditNoteNotFound, Forbidden),
    )
    def get(self, request: Request, credit_note_id: UUID) -> HttpResponse:
        return _file(
            reading.get_credit_note_pdf(principal=caller(request), credit_note_id=credit_note_id)
        )


class Balance(APIView):
    """The organization's credit."""

    @operation(
        "getBalance",
        "Show the credit that pays the next invoices",
        response=BalanceOut,
        response_example={"data": [{"amount": 500, "currency": "EUR"}]},
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        credit = reading.get_balance(principal=caller(request))
        return single(request, BalanceOut.render({"data": credit}))


def _file(file: reading.File) -> HttpResponse:
    return HttpResponse(
        file.content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
