from django.urls import path

from domains.billing.api import views

urlpatterns = [
    path("billing/plans", views.Plans.as_view()),
    path("billing/subscription", views.Subscription.as_view()),
    path("billing/entitlements", views.Entitlements.as_view()),
]
