"""Where files and records are kept: a local folder, or a bucket of any S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.environment import Environment


def files_storage(environment: Environment, folder: Path) -> dict[str, Any]:
    """Return Django's description of the storage that the environment chooses for files."""
    return _storage(environment, folder, prefix="")


def records_storage(environment: Environment, folder: Path) -> dict[str, Any]:
    """Return the same for what the product writes itself: archives, exports, signed anchors."""
    return _storage(environment, folder, prefix="records")


def _storage(environment: Environment, folder: Path, *, prefix: str) -> dict[str, Any]:
    if not environment.aws_storage_bucket_name:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {**_s3(environment), "location": prefix},
    }


def _s3(environment: Environment) -> dict[str, Any]:
    from botocore.config import Config  # only where there is a bucket: it is slow to load

    return {
        "bucket_name": environment.aws_storage_bucket_name,
        "endpoint_url": environment.aws_s3_endpoint_url or None,
        "region_name": environment.aws_s3_region_name or None,
        "access_key": environment.aws_access_key_id or None,
        "secret_key": environment.aws_secret_access_key or None,
        # Many S3s that are not Amazon's refuse the checksums that boto3 adds by default.
        "client_config": Config(
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=3,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
        ),
    }
