"""What messages of organizations look like, for the OpenAPI document."""

SENT = {
    "recipients": {"team_ids": ["0192f0c1-7d00-7aaa-8bbb-0123456789ab"]},
    "channels": ["in_app", "email"],
    "category": "product",
    "subject": "The build is green again",
    "text": "Whoever waited for it may go on.",
    "reference": "build-4711",
}
MESSAGE = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "kind": "notifications.custom",
    "category": "product",
    "priority": "normal",
    "channels": ["email", "in_app"],
    "reference": "build-4711",
    "state": "expanded",
    "recipients": 12,
    "created_at": "2026-11-22T17:00:00Z",
    "expanded_at": "2026-11-22T17:00:01Z",
    "note": "",
}
TRACED = {
    "id": "0192f0c1-7d3f-7c1a-9b7e-3f5a1c2d4e6f",
    "channel": "email",
    "account_id": "0192f0c0-1111-7222-8333-444455556666",
    "address": "ada@example.com",
    "state": "deferred",
    "reason": "",
    "attempts": 0,
    "due_at": "2026-11-23T06:00:00Z",
    "sent_at": None,
    "digest_id": None,
    "steps": [
        {
            "step": "quiet_hours",
            "decision": "deferred",
            "rule": "quiet_hours.person",
            "at": "2026-11-22T22:00:00+00:00",
            "details": {"until": "2026-11-23T06:00:00+00:00"},
        }
    ],
}
CATEGORY = {
    "key": "deploys",
    "name": "Deployments",
    "description": "What went live",
    "mandatory": False,
    "own": True,
    "most": 5,
    "period": 3600,
}
CHOICE = {"category": "files", "channel": "email", "frequency": "daily"}
CHOSEN = {**CHOICE, "name": "Files", "mandatory": False, "said_by": "person"}
QUIET = {"start": "22:00", "end": "07:00", "weekdays": ["monday", "tuesday"]}
DIGEST = {"hour": 8, "weekday": "monday"}
PREFERENCES_IN = {"preferences": [CHOICE], "quiet_hours": QUIET, "digest": DIGEST}
PREFERENCES = {"preferences": [CHOSEN], "quiet_hours": QUIET, "digest": DIGEST}
MUTE = {
    "subject_id": "0192f0c1-7d00-7aaa-8bbb-0123456789ab",
    "created_at": "2026-11-22T17:00:00Z",
}
