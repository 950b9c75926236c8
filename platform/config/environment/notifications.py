"""How people and servers are told."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from config.environment.fields import SECRET, Listed, parse_rate
from config.mail import email_settings


class NotificationSettings(BaseSettings):
    """Mail, push, SMS, chat, feeds, webhooks, and where requests of ours may go."""

    email_url: str = Field(
        "",
        description="smtp://user:password@host:port, smtps://, smtp+tls://, or a provider: "
        "brevo://key@, mailersend://, mailgun://key@domain, mailjet://key:secret@, mandrill://, "
        "postmark://token@, resend://, sendgrid://, ses://region, sparkpost:// "
        "(?api_url=… for another address). Several by commas: the next takes what the first "
        "can't. Or file:///folder for an .eml file each, as embedded mode does without it",
        json_schema_extra=SECRET,
    )
    email_rate: str = Field("", description="Mails a provider is given at most, as 100/s")
    email_webhook_secret: str = Field(
        "",
        description="user:password by which mail providers tell of bounces and complaints, at "
        "PUBLIC_URL/api/v1/notifications/mail-events/<provider>; without it nobody may",
        json_schema_extra=SECRET,
    )
    web_push_rate: str = Field("", description="Messages a push service is given at most")
    web_push_key_days: float = Field(
        365, gt=0, description="Days after which browsers subscribe with a new key"
    )
    sms_url: str = Field(
        "",
        description="Who sends SMS: https://user:password@host/path of an API that takes To, From "
        "and Body by POST, or book: to write them down only, as embedded mode does; without it "
        "there are no SMS",
        json_schema_extra=SECRET,
    )
    sms_format: Literal["form", "json"] = Field("form", description="How SMS_URL wants it written")
    sms_from: str = Field("", description="The sender of all SMS: a number, or up to 11 letters")
    sms_rate: str = Field("10/s", description="SMS sent at most")
    chat_rate: str = Field("60/m", description="Messages that a chat endpoint gets at most")
    email_from: str = Field("Tenon <noreply@localhost>", description="The sender of all mail")
    feed_retention_days: int = Field(
        180,
        ge=1,
        description="Days that notifications which were read or archived stay in feeds",
    )
    streams_per_person: int = Field(
        10, ge=1, description="Live streams that one person may have open in one process"
    )
    streams_per_process: int = Field(
        2000, ge=1, description="Live streams that one process holds open, at most"
    )
    stream_heartbeat_seconds: float = Field(
        15.0, gt=0, description="How often a live stream that is quiet says that it lives"
    )
    webhook_log_days: int = Field(
        30, ge=5, description="Days that webhooks are kept, with what was answered to them"
    )
    outbound_http: bool = Field(
        default=False,
        description="Whether webhooks, chat and web push may go to addresses without TLS (http://)",
    )
    outbound_ports: Listed = Field(
        ("443", "8443"),
        description="The ports that webhooks, chat and web push may go to, by commas",
    )
    outbound_networks: Listed = Field(
        (),
        description="Networks that webhooks, chat and web push may go to although they aren't "
        "public, by commas, as 127.0.0.0/8 to try them out; whoever gives an address reaches every "
        "server there",
    )
    outbound_ca_file: Path | None = Field(
        None,
        description="Certificate authorities (PEM) that webhooks, chat and web push trust besides "
        "the public ones",
    )

    @field_validator("email_url")
    @classmethod
    def _email_urls(cls, value: str) -> str:
        if value:
            email_settings(value)
        return value

    @field_validator("email_rate", "web_push_rate", "sms_rate", "chat_rate")
    @classmethod
    def _rates_if_any(cls, value: str) -> str:
        if value:
            parse_rate(value)
        return value

    @field_validator("email_webhook_secret")
    @classmethod
    def _user_and_password(cls, value: str) -> str:
        user, _, password = value.partition(":")
        if value and not (user and password):
            raise ValueError("write it as user:password")
        return value

    @field_validator("sms_url")
    @classmethod
    def _sms_urls(cls, value: str) -> str:
        if value not in ("", "book:") and not value.startswith(("https://", "http://")):
            raise ValueError("write https://user:password@host/path, or book:")
        return value

    @field_validator("outbound_ports")
    @classmethod
    def _ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or any(not port.isdecimal() or not 0 < int(port) < 2**16 for port in value):
            raise ValueError("write ports by their numbers, as 443,8443")
        return value

    @field_validator("outbound_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(text)) for text in value)

    @model_validator(mode="after")
    def _complete_sms(self) -> NotificationSettings:
        if self.sms_url.startswith("http") and not self.sms_from:
            raise ValueError("missing: SMS_FROM")
        return self
