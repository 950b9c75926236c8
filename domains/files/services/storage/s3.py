"""Any S3: clients bring and fetch the bytes by presigned URLs, past this process."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any

from botocore.exceptions import ClientError
from django.core.files.storage import storages

from domains.files.contract import Upload
from domains.files.services.storage.port import Announced, Missing

DOWNLOAD_SECONDS = 60
ABSENT = {"404", "NoSuchKey", "NotFound"}


class S3BucketStorage:
    """Keeps incoming and sealed bytes under two prefixes; a copy within the bucket seals."""

    def __init__(self) -> None:
        backend: Any = storages["files"]
        self._client = backend.connection.meta.client
        self._bucket: str = backend.bucket_name

    def open_upload(self, *, announced: Announced, expires_at: datetime, now: datetime) -> Upload:
        """Return a presigned PUT that binds the length and the type."""
        url = self._client.generate_presigned_url(
            "put_object",
            Params=self._at("incoming", announced.storage_key)
            | {"ContentLength": announced.size, "ContentType": announced.content_type},
            ExpiresIn=int((expires_at - now).total_seconds()),
        )
        headers = {"Content-Type": announced.content_type, "Content-Length": str(announced.size)}
        return Upload(method="PUT", url=url, headers=headers, expires_at=expires_at)

    def seal(self, *, storage_key: str) -> None:
        """Copy what arrived to where no presigned URL leads, and remove the original."""
        incoming = self._at("incoming", storage_key)
        sealed = self._at("sealed", storage_key)
        try:
            self._client.copy_object(**sealed, CopySource=incoming)
        except ClientError as error:
            if not _is_absent(error):
                raise
            self._must_exist(sealed)
        self._client.delete_object(**incoming)

    def open(self, *, storage_key: str) -> IO[bytes]:
        """Return the object's body as a stream."""
        try:
            body: IO[bytes] = self._client.get_object(**self._at("sealed", storage_key))["Body"]
        except ClientError as error:
            raise _translated(error) from error
        return body

    def delete(self, *, storage_key: str) -> None:
        """Remove both objects."""
        for prefix in ("incoming", "sealed"):
            self._client.delete_object(**self._at(prefix, storage_key))

    def download_url(self, *, storage_key: str, disposition: str, content_type: str) -> str:
        """Return a presigned GET that names the file and fixes its type."""
        url: str = self._client.generate_presigned_url(
            "get_object",
            Params=self._at("sealed", storage_key)
            | {"ResponseContentDisposition": disposition, "ResponseContentType": content_type},
            ExpiresIn=DOWNLOAD_SECONDS,
        )
        return url

    def _at(self, prefix: str, storage_key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": f"{prefix}/{storage_key}"}

    def _must_exist(self, place: dict[str, Any]) -> None:
        try:
            self._client.head_object(**place)
        except ClientError as error:
            raise _translated(error) from error


def _is_absent(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in ABSENT


def _translated(error: ClientError) -> Exception:
    return Missing() if _is_absent(error) else error
