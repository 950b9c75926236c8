"""Mounted at /internal/."""

from django.urls import path

from kernel.boundary.server import internal

urlpatterns = [path("<str:domain>/<str:function>", internal, name="internal")]
