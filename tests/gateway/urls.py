from django.urls import path

from config.urls import urlpatterns as real
from tests.gateway import views

urlpatterns = [
    path("api/v1/t/public", views.PublicEcho.as_view()),
    path("api/v1/t/leaving", views.Leaving.as_view()),
    path("api/v1/t/raw", views.RawEcho.as_view()),
    path("api/v1/t/limited", views.Limited.as_view()),
    path("api/v1/t/sensitive", views.Sensitive.as_view()),
    path("api/v1/t/me", views.Me.as_view()),
    path("api/v1/t/upload", views.Upload.as_view()),
    path("api/v1/t/whole", views.Whole.as_view()),
    path("api/v1/t/write", views.Write.as_view()),
    path("api/v1/t/told", views.Told.as_view()),
    path("api/v1/t/no-effect", views.NoEffect.as_view()),
    path("api/v1/t/money", views.Money.as_view()),
    path("api/v1/t/raise/<str:code>", views.Raise.as_view()),
    path("api/v1/t/break/<str:how>", views.Break.as_view()),
    path("api/v1/t/rows", views.Rows.as_view()),
    path("api/v1/t/rows/<uuid:row_id>", views.Row.as_view()),
    path("api/v1/t/page/<str:token>", views.page),
    *real,
]
