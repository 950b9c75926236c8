from __future__ import annotations

from domains.notifications.contract.permissions import CHAT_READ, CHAT_WRITE
from domains.notifications.interface import (
    TEMPLATE_READ,
    TEMPLATE_WRITE,
    WEBHOOK_READ,
    WEBHOOK_WRITE,
)
from tests.isolation.rows import PEOPLE_ONLY, Row, everybody, held, signed_in

_POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
CHANNELS: dict[str, Row] = {
    "getPushKey": signed_in(),
    "listPushSubscriptions": signed_in(),
    # The key is nobody's here.
    "createPushSubscription": signed_in(422).sends(
        body={
            "endpoint": "https://push.example.com/new",
            "keys": {"p256dh": _POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
            "application_server_key": _POINT,
        }
    ),
    "deletePushSubscription": signed_in(204),
    "getPhoneNumber": signed_in(),
    "putPhoneNumber": signed_in().sends(body={"number": "+4915112345678"}),
    "confirmPhoneNumber": signed_in(422)
    .sends(body={"code": "123456"})
    .noting("notifications.phone_number"),
    "deletePhoneNumber": signed_in(204),
    "listChatEndpoints": held(CHAT_READ, home=200),
    "createChatEndpoint": held(CHAT_WRITE, 201, home=201).sends(
        body={"name": "#new", "url": "https://chat.example.com/hook", "categories": ["team"]}
    ),
    "updateChatEndpoint": held(CHAT_WRITE).sends(
        path={"endpoint_id": "$chat_endpoint_id"}, body={"name": "#changed"}
    ),
    "deleteChatEndpoint": held(CHAT_WRITE, 204).sends(path={"endpoint_id": "$chat_endpoint_id"}),
    # Without the provider's secret nobody tells anything.
    "receiveMailEvents": everybody(404).sends(path={"provider": "postmark"}, body={}),
}

# The feed is a person's, whichever organization it tells of.
ROWS: dict[str, Row] = {
    "listNotifications": signed_in(),
    "getNotificationCounts": signed_in(),
    "countUnreadNotifications": signed_in(),
    "seeNotifications": signed_in(),
    "readAllNotifications": signed_in(),
    "readNotification": signed_in(),
    "unreadNotification": signed_in(),
    "archiveNotification": signed_in(),
    "unarchiveNotification": signed_in(),
    "deleteNotification": signed_in(204),
    # A test client has no connection that could be held open.
    "streamNotifications": signed_in(503),
    "createStreamTicket": signed_in(201),
    **CHANNELS,
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
    "listTemplates": held(TEMPLATE_READ, home=200),
    "createTemplate": held(TEMPLATE_WRITE, 201, home=201).sends(body={"key": "new-one"}),
    "getTemplate": held(TEMPLATE_READ),
    "updateTemplate": held(TEMPLATE_WRITE).sends(body={"description": "Otherwise"}),
    "listTemplateVersions": held(TEMPLATE_READ),
    "startTemplateDraft": held(TEMPLATE_WRITE, 201).sends(
        path={"template_id": "$quiet_template_id"}
    ),
    "getTemplateVersion": held(TEMPLATE_READ).sends(path={"number": "1"}),
    "updateTemplateDraft": held(TEMPLATE_WRITE).sends(body={"default_locale": "en"}),
    "publishTemplate": held(TEMPLATE_WRITE),
    "rollBackTemplate": held(TEMPLATE_WRITE).sends(body={"number": 1}),
    "previewTemplate": held(TEMPLATE_READ).sends(path={"number": "1"}, body={"channel": "in_app"}),
    # A test goes to whoever asks: keys have no address.
    "sendTemplateTest": held(TEMPLATE_READ, 202, keys=PEOPLE_ONLY).sends(
        path={"number": "1"}, body={}
    ),
}
