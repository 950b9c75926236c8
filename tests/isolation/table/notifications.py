from __future__ import annotations

from domains.notifications.interface import WEBHOOK_READ, WEBHOOK_WRITE
from tests.isolation.rows import Row, held, signed_in

# The feed is a person's, whichever organization it tells of.
ROWS: dict[str, Row] = {
    "listNotifications": signed_in(),
    "countUnreadNotifications": signed_in(),
    "readNotification": signed_in(),
    "readAllNotifications": signed_in(),
    # The same for everybody.
    "listWebhookEventTypes": signed_in(keys=200),
    "listWebhookEndpoints": held(WEBHOOK_READ, home=200),
    "createWebhookEndpoint": held(WEBHOOK_WRITE, 201, home=201).sends(
        body={"url": "https://hooks.example.com/", "event_types": ["users.*"]}
    ),
    "getWebhookEndpoint": held(WEBHOOK_READ),
    "updateWebhookEndpoint": held(WEBHOOK_WRITE).sends(body={"description": "Ours"}),
    "deleteWebhookEndpoint": held(WEBHOOK_WRITE, 204),
    "pauseWebhookEndpoint": held(WEBHOOK_WRITE),
    "resumeWebhookEndpoint": held(WEBHOOK_WRITE),
    "rotateWebhookSecret": held(WEBHOOK_WRITE, 201).sends(body={}),
    "pingWebhookEndpoint": held(WEBHOOK_WRITE, 201),
    "replayWebhooks": held(WEBHOOK_WRITE).sends(body={}),
    "listWebhooks": held(WEBHOOK_READ),
    "getWebhook": held(WEBHOOK_READ),
    "replayWebhook": held(WEBHOOK_WRITE),
}
