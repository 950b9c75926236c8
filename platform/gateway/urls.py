"""What the gateway serves itself."""

from django.urls import path

from gateway import docs, health

urlpatterns = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("api/v1/openapi.json", docs.openapi),
    path("api/docs", docs.reference),
    path("api/docs/errors", docs.problems),
    path("api/docs/errors/<str:code>", docs.problem),
]
