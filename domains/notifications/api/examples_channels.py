"""What answers about the ways to reach people look like, for the OpenAPI document."""

_POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
PUSH_KEY = {"public_key": _POINT}
NEW_PUSH_SUBSCRIPTION = {
    "endpoint": "https://push.example.com/v2/gAAAAABj",
    "keys": {"p256dh": _POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
    "application_server_key": _POINT,
    "device": "Firefox on Linux",
}
PUSH_SUBSCRIPTION = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "host": "push.example.com",
    "device": "Firefox on Linux",
    "created_at": "2026-11-29T22:00:00Z",
}
NEW_PHONE_NUMBER = {"number": "+4915112345678"}
PHONE_CODE = {"code": "123456"}
PHONE_NUMBER = {
    "number": None,
    "confirmed_at": None,
    "new_number": "+4915112345678",
    "code_expires_at": "2026-11-29T22:10:00Z",
}
CONFIRMED_PHONE_NUMBER = {
    "number": "+4915112345678",
    "confirmed_at": "2026-11-29T22:01:00Z",
    "new_number": None,
    "code_expires_at": None,
}
NEW_CHAT_ENDPOINT = {
    "name": "#billing",
    "url": "https://hooks.slack.com/services/T0/B0/x",
    "categories": ["billing"],
}
CHAT_CHANGES = {"categories": ["billing", "team"], "enabled": True}
CHAT_ENDPOINT = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "name": "#billing",
    "host": "hooks.slack.com",
    "categories": ["billing"],
    "created_at": "2026-11-29T22:00:00Z",
    "disabled_at": None,
    "disabled_because": "",
}
MAIL_EVENT = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "gone@example.com"}
