from django.urls import path

from domains.billing.api import entitlements, usage, views

urlpatterns = [
    path("billing/plans", views.Plans.as_view()),
    path("billing/subscription", views.Subscription.as_view()),
    path("billing/entitlements", entitlements.Entitlements.as_view()),
    path("billing/entitlements/check", entitlements.Check.as_view()),
    path("billing/entitlements/consume", entitlements.Consume.as_view()),
    path("billing/usage", usage.Usage.as_view()),
]
