"""What requests and answers of machines look like, for the OpenAPI document."""

NEW_API_KEY = {
    "name": "Nightly import",
    "permissions": ["files.file:read"],
    "expires_at": "2027-01-31T00:00:00Z",
    "owner": "organization",
}
ROTATION = {"overlap_seconds": 86400}
API_KEY = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "organization_id": "0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f",
    "account_id": None,
    "service_account_id": None,
    "created_by": "0192f0c0-1111-7222-8333-444455556666",
    "name": "Nightly import",
    "prefix": "tnn_live_3kQ9",
    "permissions": ["files.file:read"],
    "created_at": "2026-11-22T17:00:00Z",
    "expires_at": "2027-01-31T00:00:00Z",
    "last_used_at": "2026-11-22T18:00:00Z",
    "networks": ["203.0.113.0/24"],
    "successor_id": None,
}
CREATED_API_KEY = {**API_KEY, "last_used_at": None, "networks": [], "secret": "tnn_live_3kQ9…"}
NEW_SERVICE_ACCOUNT = {"name": "Warehouse", "permissions": ["files.file:read"]}
SERVICE_ACCOUNT = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e70",
    "organization_id": "0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f",
    "name": "Warehouse",
    "permissions": ["files.file:read"],
    "created_by": "0192f0c0-1111-7222-8333-444455556666",
    "created_at": "2026-11-22T17:00:00Z",
}
