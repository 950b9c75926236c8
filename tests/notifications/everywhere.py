"""Messages to every channel: sent and traced through the API, and what the far side got."""

from __future__ import annotations

from datetime import datetime

from kernel.ids import uuid7
from tests.client import Api

CHANNELS = ["in_app", "email", "web_push", "sms", "chat"]


def publish(client: Api, template: dict) -> None:
    made = client.post("notifications/templates", template)
    assert made.status_code == 201, made.content
    answer = client.post(f"notifications/templates/{made.json()['id']}/publish")
    assert answer.status_code == 200, answer.content


def send(client: Api, account, **said) -> str:
    body = {"recipients": {"account_ids": [str(account.id)]}, "channels": CHANNELS, **said}
    answer = client.post("notifications/messages", body, Idempotency_Key=str(uuid7()))
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def traced(client: Api, message_id: str) -> dict[str, dict]:
    """Return each delivery of the message by its channel, as the API shows it."""
    page = client.get(f"notifications/messages/{message_id}/trace").json()
    return {each["channel"]: each for each in page["data"]}


def decided(delivery: dict, step: str) -> tuple[str, str]:
    found = {each["step"]: (each["decision"], each["rule"]) for each in delivery["steps"]}
    return found[step]


def moment(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(microsecond=0)


def received_at(server, path: str) -> list:
    return [each for each in server.received if each.path == path]
