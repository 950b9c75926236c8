from django.urls import path

from domains.auth.api import key_set

# Under /.well-known/ (RFC 8615).
urlpatterns = [path("jwks.json", key_set.KeySetView.as_view())]
