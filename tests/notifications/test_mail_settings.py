from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import override_settings

from config.mail import email_settings
from kernel.mail import EmlFileBackend


@pytest.mark.parametrize(
    ("url", "port", "ssl", "tls"),
    [
        ("smtp://mail.example.com", 25, False, False),
        ("smtp://mail.example.com:2525", 2525, False, False),
        ("smtps://mail.example.com", 465, True, False),
        ("smtp+ssl://mail.example.com", 465, True, False),
        ("smtp+tls://mail.example.com", 587, False, True),
    ],
)
def test_a_url_says_host_port_and_encryption(url, port, ssl, tls):
    found = email_settings(url)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.com", port)
    assert found.get("EMAIL_USE_SSL", False) is ssl
    assert found.get("EMAIL_USE_TLS", False) is tls


def test_user_and_password_may_hold_any_character():
    found = email_settings("smtp+tls://user%40example.com:p%2Fw%3A%20d@mail.example.com")
    assert found["EMAIL_HOST_USER"] == "user@example.com"
    assert found["EMAIL_HOST_PASSWORD"] == "p/w: d"


@pytest.mark.parametrize(
    "url",
    ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:port", "smtp://h/path",
     "smtp://h:99999", "smtp://h?tls=true", "file://folder", "file:///"],
)  # fmt: skip
def test_a_url_that_can_not_be_used_is_refused(url):
    with pytest.raises(ValueError):
        email_settings(url)


def test_a_folder_may_take_the_mails():
    found = email_settings("file:///var/mail%20of%20tenon")
    assert found["EMAIL_FILE_PATH"] == Path("/var/mail of tenon")


def test_a_mail_becomes_one_file_and_the_same_mail_again_the_same_file(tmp_path):
    message = EmailMessage(
        "Hello ☀", "Text", to=["a@example.com"], headers={"Message-ID": "<../../1@host>"}
    )
    with override_settings(EMAIL_FILE_PATH=tmp_path / "mail"):
        connection = get_connection("kernel.mail.EmlFileBackend")
        assert isinstance(connection, EmlFileBackend)
        assert connection.send_messages([message]) == 1
        assert connection.send_messages([message]) == 1
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    received = message_from_bytes(file.read_bytes())
    assert received["Message-ID"] == "<../../1@host>"
    assert received["To"] == "a@example.com"
