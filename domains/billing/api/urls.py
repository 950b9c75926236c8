from django.urls import path

from domains.billing.api import entitlements, subscription, usage, views

urlpatterns = [
    path("billing/plans", views.Plans.as_view()),
    path("billing/subscription", subscription.Subscription.as_view()),
    path("billing/subscription/preview", subscription.Preview.as_view()),
    path("billing/subscription/cancel", subscription.Cancel.as_view()),
    path("billing/subscription/pause", subscription.Pause.as_view()),
    path("billing/subscription/resume", subscription.Resume.as_view()),
    path("billing/entitlements", entitlements.Entitlements.as_view()),
    path("billing/entitlements/check", entitlements.Check.as_view()),
    path("billing/entitlements/consume", entitlements.Consume.as_view()),
    path("billing/usage", usage.Usage.as_view()),
]
