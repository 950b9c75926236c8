"""Sessions, for the OpenAPI document."""

SESSION = {
    "id": "0192f0c1-5555-7666-8777-88889999aaaa",
    "current": True,
    "impersonated": False,
    "device": "Firefox on Windows",
    "place": "Vienna, Austria",
    "network": "203.0.113.0/24",
    "methods": ["password", "totp"],
    "created_at": "2026-11-20T08:00:00Z",
    "last_used_at": "2026-11-22T17:00:00Z",
}
