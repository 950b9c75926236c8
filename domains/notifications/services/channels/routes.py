"""Which module is which channel."""

from __future__ import annotations

from domains.notifications.models import Channel
from domains.notifications.services.channels import chat, email, sms, web_push
from domains.notifications.services.channels.port import ChannelRoute

ROUTES: dict[str, ChannelRoute] = {
    Channel.EMAIL: email.route,
    Channel.WEB_PUSH: web_push.route,
    Channel.SMS: sms.route,
    Channel.CHAT: chat.route,
}
