"""Why a delivery went as it did, as staff read it."""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from domains.notifications.services.trace import shown

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z\Z", re.ASCII)
HEADINGS = ("Step", "Decision", "Rule", "When", "Details")


def table(trace: list[dict[str, Any]]) -> str | SafeString:
    """Return the trace as a table, a row a step."""
    if not trace:
        return "Nothing was decided yet"
    rows = [_cells(shown(each)) for each in trace]
    return format_html(
        '<table class="staff-trace"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        format_html_join("", "<th>{}</th>", ((heading,) for heading in HEADINGS)),
        format_html_join(
            "", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows
        ),
    )


def _cells(said: dict[str, Any]) -> tuple[str, str, str, str, str]:
    details = ", ".join(f"{name}: {_plain(value)}" for name, value in said["details"].items())
    step, decision = (str(said[name]).replace("_", " ") for name in ("step", "decision"))
    return step, decision, str(said["rule"]), _plain(said["at"]), details


def _plain(value: Any) -> str:
    """Return it as the other pages say it: times of UTC to the second."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    return _TIME.sub(r"\1 \2", str(value))
