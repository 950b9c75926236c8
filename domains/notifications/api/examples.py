"""What answers look like, for the OpenAPI document."""

NOTIFICATION = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "sequence": 42,
    "kind": "files.file_uploaded",
    "category": "files",
    "title": "report.pdf was uploaded",
    "body": "report.pdf (2.4 MiB) is in Acme.",
    "organization": {"id": "0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f", "name": "Acme"},
    "subject_ids": {
        "file_id": "0192f0c1-7d00-7aaa-8bbb-0123456789ab",
        "account_id": "0192f0c0-1111-7222-8333-444455556666",
    },
    "created_at": "2026-11-22T17:00:00Z",
    "read_at": None,
    "archived_at": None,
}
READ_NOTIFICATION = {**NOTIFICATION, "read_at": "2026-11-22T17:05:00Z"}
ARCHIVED_NOTIFICATION = {**READ_NOTIFICATION, "archived_at": "2026-11-22T17:06:00Z"}
COUNTS = {"unread": 3, "unseen": 1, "last_sequence": 42, "seen_at": "2026-11-22T16:00:00Z"}
SEEN = {**COUNTS, "unseen": 0, "seen_at": "2026-11-22T17:05:00Z"}
UP_TO = {"up_to": 42}
TICKET = {"ticket": "h6VtTtSmyZ0lLGEgcbbYbbPTGEzVYtYHEzV1fW3GZvk", "expires_in": 60}
EVENTS = (
    "retry: 3000\n\n"
    'id: 42\nevent: counts\ndata: {"unread":3,"unseen":1,"last_sequence":42}\n\n'
    'id: 43\nevent: notification\ndata: {"notification":{…},"unread":4,"unseen":2,'
    '"last_sequence":43}\n\n'
)
UNREAD = {"unread": 3}
MARKED = {"marked": 3}
