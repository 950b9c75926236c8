from __future__ import annotations

from domains.files.contract import FILE_DELETE, FILE_READ, FILE_WRITE
from tests.isolation.rows import Row, everybody, held

ROWS: dict[str, Row] = {
    "listFiles": held(FILE_READ, home=200),
    "openUpload": held(FILE_WRITE, 201, home=201).sends(
        body={"name": "new.txt", "size": 3, "content_type": "text/plain", "sha256": "0" * 64}
    ),
    "getFile": held(FILE_READ),
    "deleteFile": held(FILE_DELETE, 204),
    "completeUpload": held(FILE_WRITE).sends(path={"file_id": "$pending_file_id"}),
    "downloadFile": held(FILE_READ),
    # The signature in the link is what counts: without one nobody brings anything.
    "uploadBytes": everybody(404).sends(path={"file_id": "$pending_file_id"}),
}
