"""What a message says in one channel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a message says in one channel.

    In the app and in a push `subject` is the title and `text` the body; a mail says it all twice,
    as text and as HTML; where a channel has no subject or no HTML, it is empty. `version` names
    the template's version that said it (`order-shipped@3`); empty for the product's own files.
    """

    subject: str
    text: str
    html: str = ""
    version: str = ""
