"""What the OpenAPI document shows."""

FILE_IN = {
    "name": "plan.pdf",
    "size": 48213,
    "content_type": "application/pdf",
    "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
}
FILE = {
    "id": "01936f1e-8c5b-7a61-9d1f-2f6f0a6f8f11",
    "organization_id": "01936f1e-7f00-7cc2-8a52-c1b0d0a0b1c2",
    "account_id": "01936f1e-7a10-7d3b-b1d5-3a4b5c6d7e8f",
    **FILE_IN,
    "state": "ready",
    "created_at": "2026-01-31T12:00:00Z",
}
OPENED = FILE | {
    "state": "pending",
    "upload": {
        "method": "PUT",
        "url": f"https://api.example.com/api/v1/files/{FILE['id']}/upload?expires=1769864400&signature=…",
        "headers": {"Content-Type": "application/pdf"},
        "expires_at": "2026-01-31T13:00:00Z",
    },
}
