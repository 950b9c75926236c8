"""Every path of the product: each domain's API under its own name, and what the gateway serves."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

Urls = list[URLPattern | URLResolver]


def _domain_urls() -> Urls:
    """Mount each domain's `api.urls`, `well_known` and `pages`; it writes its own first segment."""
    mounts = {"api/v1/": "urls", ".well-known/": "well_known", "": "pages"}
    return [
        path(prefix, include(f"domains.{domain}.api.{module}"))
        for domain in settings.DOMAINS
        for prefix, module in mounts.items()
        if find_spec(f"domains.{domain}.api") and find_spec(f"domains.{domain}.api.{module}")
    ]


def _staff_urls() -> Urls:
    if not settings.SERVES_STAFF:
        return []
    from django.contrib import admin

    return [path("admin/", admin.site.urls)]


urlpatterns: Urls = [
    *_domain_urls(),
    path("internal/", include("kernel.boundary.urls")),
    path("", include("gateway.urls")),
    *_staff_urls(),
]
