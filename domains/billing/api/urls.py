from django.urls import path

from domains.billing.api import (
    coupons,
    entitlements,
    invoices,
    payments,
    profile,
    subscription,
    usage,
    views,
)
from domains.billing.api.portal import sessions

urlpatterns = [
    path("billing/plans", views.Plans.as_view()),
    path("billing/subscription", subscription.Subscription.as_view()),
    path("billing/subscription/preview", subscription.Preview.as_view()),
    path("billing/subscription/cancel", subscription.Cancel.as_view()),
    path("billing/subscription/pause", subscription.Pause.as_view()),
    path("billing/subscription/resume", subscription.Resume.as_view()),
    path("billing/coupons", coupons.Coupons.as_view()),
    path("billing/entitlements", entitlements.Entitlements.as_view()),
    path("billing/entitlements/check", entitlements.Check.as_view()),
    path("billing/entitlements/consume", entitlements.Consume.as_view()),
    path("billing/usage", usage.Usage.as_view()),
    path("billing/profile", profile.Profile.as_view()),
    path("billing/balance", invoices.Balance.as_view()),
    path("billing/invoices", invoices.Invoices.as_view()),
    path("billing/invoices/<uuid:invoice_id>", invoices.Invoice.as_view()),
    path("billing/invoices/<uuid:invoice_id>/pdf", invoices.InvoicePdf.as_view()),
    path("billing/credit-notes", invoices.CreditNotes.as_view()),
    path("billing/credit-notes/<uuid:credit_note_id>", invoices.CreditNote.as_view()),
    path("billing/credit-notes/<uuid:credit_note_id>/pdf", invoices.CreditNotePdf.as_view()),
    path("billing/payment-methods", payments.PaymentMethods.as_view()),
    path("billing/payment-methods/setup", payments.PaymentMethodSetup.as_view()),
    path("billing/payment-methods/<uuid:method_id>", payments.PaymentMethod.as_view()),
    path("billing/invoices/<uuid:invoice_id>/pay", payments.InvoicePayment.as_view()),
    path("billing/payments/<uuid:payment_id>/confirmation", payments.PaymentConfirmation.as_view()),
    path("billing/webhooks/<slug:provider>", payments.ProviderWebhook.as_view()),
    path("billing/portal-sessions", sessions.PortalSessions.as_view()),
]
