from django.urls import path

from domains.billing.api import views
from domains.billing.api.portal import sessions

urlpatterns = [
    path("billing/plans", views.Plans.as_view()),
    path("billing/subscription", views.Subscription.as_view()),
    path("billing/entitlements", views.Entitlements.as_view()),
    path("billing/portal-sessions", sessions.PortalSessions.as_view()),
]
