"""What answers look like, for the OpenAPI document."""

NOTIFICATION = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "kind": "files.file_uploaded",
    "title": "report.pdf was uploaded",
    "body": "report.pdf (2.4 MiB) is in Acme.",
    "organization": {"id": "0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f", "name": "Acme"},
    "subject_ids": {
        "file_id": "0192f0c1-7d00-7aaa-8bbb-0123456789ab",
        "account_id": "0192f0c0-1111-7222-8333-444455556666",
    },
    "created_at": "2026-11-22T17:00:00Z",
    "read_at": None,
}
READ_NOTIFICATION = {**NOTIFICATION, "read_at": "2026-11-22T17:05:00Z"}
UNREAD = {"unread": 3}
MARKED = {"marked": 3}
