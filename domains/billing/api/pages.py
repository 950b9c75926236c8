"""Pages for people, outside the API: the customers' page about their billing (ADR 0145)."""

from django.urls import path

from domains.billing.api.portal import pages

PORTAL = "billing/portal/<uuid:portal_id>"

urlpatterns = [
    path("billing/portal/open/<str:text>", pages.Link.as_view()),
    path(PORTAL, pages.Portal.as_view()),
    path(f"{PORTAL}/cancel", pages.Cancel.as_view()),
    path(f"{PORTAL}/resume", pages.Resume.as_view()),
    path(f"{PORTAL}/methods/<uuid:method_id>/default", pages.ChooseDefault.as_view()),
    path(f"{PORTAL}/methods/<uuid:method_id>/detach", pages.Detach.as_view()),
    path(f"{PORTAL}/invoices/<uuid:invoice_id>", pages.InvoicePdf.as_view()),
]
