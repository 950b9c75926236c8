"""Mail as files, for embedded mode."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from kernel.ids import uuid7

NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9.@_-]")


class EmlFileBackend(BaseEmailBackend):
    """Writes each mail as a file that any mail program opens, named by its Message-ID.

    A reader never sees half a file, and a mail sent again under its id takes its own place.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            _write(folder, message)
        return len(email_messages)


def _write(folder: Path, message: EmailMessage) -> None:
    mime = message.message()
    name = NOT_IN_FILE_NAMES.sub("_", mime["Message-ID"].strip("<> "))[:200]
    draft = folder / f".{uuid7()}"
    with draft.open("wb") as file:
        file.write(mime.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]  # Django's own
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / f"{name}.eml")
