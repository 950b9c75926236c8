"""Text and data as they are written, line by line."""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def as_written(text: str) -> SafeString:
    """Return the text with its lines and spaces."""
    return format_html('<pre class="staff-text">{}</pre>', text)


def as_json(value: Any) -> SafeString:
    """Return the plain data as JSON that people read."""
    return as_written(json.dumps(value, indent=2, ensure_ascii=False))
