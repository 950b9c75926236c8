"""Examples of what people ask for of their own data."""

EXPORT_PENDING = {
    "id": "01936f2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f",
    "state": "pending",
    "size": None,
    "sha256": "",
    "created_at": "2026-01-31T12:00:00Z",
    "ready_at": None,
    "expires_at": None,
    "download_url": None,
    "link_expires_at": None,
}
EXPORT = {
    **EXPORT_PENDING,
    "state": "ready",
    "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "ready_at": "2026-01-31T12:00:04Z",
    "expires_at": "2026-02-07T12:00:04Z",
    "download_url": "https://api.example.com/api/v1/users/me/exports/01936f2e-7b1a-7c3d-8e4f-"
    "5a6b7c8d9e0f/content?expires=1769862300&signature=1f0c…",
    "link_expires_at": "2026-01-31T12:25:00Z",
}
ERASURE = {
    "erase_at": "2026-02-07T12:00:00Z",
    "receipt_token": "3q2-7wEBAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs",
}
RECEIPT = {
    "requested_at": "2026-01-31T12:00:00Z",
    "erased_at": "2026-02-07T12:10:00Z",
    "complete": True,
    "answers": [
        {
            "domain": "billing",
            "answered_at": "2026-02-07T12:10:01Z",
            "items": [
                {
                    "what": "payments",
                    "how": "kept",
                    "count": 3,
                    "why": "The law wants books of payments kept for years.",
                }
            ],
        }
    ],
}
