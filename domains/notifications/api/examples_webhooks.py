"""What answers about webhooks look like, for the OpenAPI document."""

EVENT_TYPE = {
    "name": "users.member_joined.v1",
    "description": "An account became a member, by the invitation if there was one.",
    "facts": ["organization_id", "account_id", "role", "invitation_id"],
}
NEW_ENDPOINT = {
    "url": "https://hooks.example.com/tenon",
    "event_types": ["users.*", "billing.invoice_issued.v1"],
    "description": "Our CRM",
    "asymmetric": True,
}
ENDPOINT = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "organization_id": "0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f",
    "url": "https://hooks.example.com/tenon",
    "description": "Our CRM",
    "event_types": ["billing.invoice_issued.v1", "users.*"],
    "is_ordered": False,
    "state": "active",
    "disabled_reason": "",
    "failing_since": None,
    "public_keys": ["whpk_Fm7tcGuhTXiwr1KPzRQ3JJuWcGXs5e1qDMDPGZcVg2E="],
    "former_until": None,
    "created_at": "2026-11-29T12:00:00Z",
    "updated_at": "2026-11-29T12:00:00Z",
}
ENDPOINT_WITH_SECRET = {
    **ENDPOINT,
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
}
PAUSED = {**ENDPOINT, "state": "paused"}
ROTATION = {"overlap_seconds": 86400}
REPLAY = {"only_failed": True, "since": "2026-11-28T00:00:00Z"}
REPLAYED = {"replayed": 12}
WEBHOOK = {
    "id": "0192f0c1-8000-7c1a-9b7e-3f5a1c2d4e6f",
    "endpoint_id": ENDPOINT["id"],
    "event_id": "0192f0c1-7fff-7c1a-9b7e-3f5a1c2d4e6f",
    "event_type": "users.member_joined.v1",
    "state": "pending",
    "attempts": 1,
    "replays": 0,
    "due_at": "2026-11-29T12:05:00Z",
    "settled_at": None,
    "created_at": "2026-11-29T12:00:00Z",
}
WEBHOOK_WITH_LOG = {
    **WEBHOOK,
    "body": '{"id":"0192f0c1-7fff-7c1a-9b7e-3f5a1c2d4e6f","type":"users.member_joined.v1",'
    '"timestamp":"2026-11-29T12:00:00Z","data":{"organization_id":'
    '"0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f","role":"member"}}',
    "log": [
        {
            "attempted_at": "2026-11-29T12:00:00Z",
            "request_headers": {
                "content-type": "application/json",
                "webhook-id": "0192f0c1-7fff-7c1a-9b7e-3f5a1c2d4e6f",
                "webhook-timestamp": "1796040000",
            },
            "status": 503,
            "response_headers": {"retry-after": "300"},
            "response": "come back later",
            "latency_ms": 87,
            "error": "",
        }
    ],
}
