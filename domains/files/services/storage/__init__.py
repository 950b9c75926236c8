"""The storage that the settings choose."""

from functools import cache

from django.conf import settings

from domains.files.services.storage.local import LocalStorage
from domains.files.services.storage.port import Announced, Missing, Storage

__all__ = ["Announced", "Missing", "Storage", "storage"]


@cache
def _of(bucket: str) -> Storage:
    if not bucket:
        return LocalStorage()
    from domains.files.services.storage.s3 import S3BucketStorage

    return S3BucketStorage()


def storage() -> Storage:
    """Return the S3 bucket if one is named, else the local folder."""
    return _of(settings.AWS_STORAGE_BUCKET_NAME)
