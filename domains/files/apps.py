from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "domains.files"
    label = "domains_files"
    verbose_name = "Files"
