from django.urls import path

from domains.files.api import transfer, views

urlpatterns = [
    path("files", views.Files.as_view()),
    path("files/<uuid:file_id>", views.File.as_view()),
    path("files/<uuid:file_id>/upload", transfer.UploadBytes.as_view()),
    path("files/<uuid:file_id>/complete", views.Completion.as_view()),
    path("files/<uuid:file_id>/content", transfer.Content.as_view()),
]
