from __future__ import annotations

from domains.notifications.contract.permissions import (
    CATEGORY_READ,
    CATEGORY_WRITE,
    CHAT_READ,
    CHAT_WRITE,
    MESSAGE_READ,
    MESSAGE_SEND,
)
from tests.isolation.rows import Row, everybody, held, signed_in

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
_CHOICE = {"category": "files", "channel": "email", "frequency": "off"}
_WISHES = {
    "preferences": [_CHOICE],
    "quiet_hours": None,
    "digest": {"hour": 8, "weekday": "monday"},
}

# The feed is a person's, whichever organization it tells of.
ROWS: dict[str, Row] = {
    "listNotifications": signed_in(),
    "countUnreadNotifications": signed_in(),
    "readNotification": signed_in(),
    "readAllNotifications": signed_in(),
    **CHANNELS,
    "listMessages": held(MESSAGE_READ, home=200),
    "sendMessage": held(MESSAGE_SEND, 201).sends(
        body={
            "recipients": {"account_ids": ["$colleague_id"], "team_ids": ["$team_id"]},
            "subject": "News",
            "text": "All is well.",
        },
        headers={"Idempotency-Key": "only-one"},
    ),
    "getMessage": held(MESSAGE_READ).sends(path={"message_id": "$message_id"}),
    "traceMessage": held(MESSAGE_READ).sends(path={"message_id": "$message_id"}),
    "listCategories": held(CATEGORY_READ, home=200),
    "createCategory": held(CATEGORY_WRITE, 201, home=201).sends(
        body={"key": "news", "name": "News"}, headers={"Idempotency-Key": "only-one"}
    ),
    "updateCategory": held(CATEGORY_WRITE).sends(
        path={"key": "$category_key"}, body={"name": "News"}
    ),
    "deleteCategory": held(CATEGORY_WRITE, 204).sends(path={"key": "$category_key"}),
    "setThrottle": held(CATEGORY_WRITE).sends(
        path={"key": "$category_key"}, body={"most": 1, "period": 60}
    ),
    "removeThrottle": held(CATEGORY_WRITE, 204).sends(path={"key": "$category_key"}),
    "getNotificationPreferences": signed_in(),
    "setNotificationPreferences": signed_in().sends(body=_WISHES),
    "getNotificationDefaults": held(CATEGORY_READ, home=200),
    "setNotificationDefaults": held(CATEGORY_WRITE, home=200).sends(
        body={"preferences": [_CHOICE]}
    ),
    "listMutes": signed_in(),
    # Any id may be muted: it opens nothing, and shows nothing of what it names.
    "mute": signed_in().sends(path={"subject_id": "$file_id"}, foreign={"subject_id": 200}),
    "unmute": signed_in(204).sends(path={"subject_id": "$muted_id"}),
}
