"""What no mail's HTML may hold, and what may stand in an address: checked before publishing."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from html.parser import HTMLParser

Found = tuple[str, str, int]

# What runs, loads or asks; the layout around it has head and body.
FORBIDDEN = frozenset(
    [
        *("script", "style", "link", "meta", "base", "svg", "math", "html", "head", "body"),
        *("iframe", "frame", "object", "embed", "applet"),
        *("form", "input", "button", "textarea", "select"),
    ]
)
ADDRESSES = frozenset({"href", "src", "background", "cite", "longdesc"})
SCHEMES = ("http://", "https://", "mailto:", "tel:", "#")
_LIQUID = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)(.*?)-?\}\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_MARK = re.compile(r"\x02(\w+)\x03")
_FILTERED = "filtered"


def faults_of_markup(source: str, addresses: Container[str]) -> list[Found]:
    """Return what is wrong with the HTML, each with its line.

    Only one of `addresses` may begin an address, and no variable stands in an attribute without
    quotes or in the name of one: escaping doesn't help there.
    """
    reader = _Reader(addresses)
    reader.feed(_TAG.sub(_lines, _LIQUID.sub(_marked, source)))
    reader.close()
    return reader.found


def _marked(match: re.Match[str]) -> str:
    """Return a mark with the variable's name; the lines stay the same."""
    name = match[1] if not match[2].strip() else _FILTERED
    return f"\x02{name}\x03" + "\n" * match[0].count("\n")


def _lines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


class _Reader(HTMLParser):
    def __init__(self, addresses: Container[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses = addresses
        self.found: list[Found] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        if tag in FORBIDDEN:
            self.found.append(("markup", f"<{tag}> can't be in a mail.", line))
        if "\x02" in tag or any("\x02" in name for name, _ in attrs) or self._is_bare():
            self.found.append(("markup", "A variable stands in quotes within a tag.", line))
        for name, value in attrs:
            self.found += [(*each, line) for each in self._attribute(name, value or "")]

    def _is_bare(self) -> bool:
        """Return whether a variable stands in an attribute without quotes."""
        return (
            re.search(r"=\s*[^\s\"'>]*\x02", _unquoted(self.get_starttag_text() or "")) is not None
        )

    def _attribute(self, name: str, value: str) -> Iterator[tuple[str, str]]:
        if name.startswith("on") or name == "srcdoc":
            yield "markup", f"The attribute {name} can't be in a mail."
        if name == "style" and "\x02" in value:
            yield "markup", "A variable can't be in a style."
        if name in ADDRESSES:
            yield from self._address("".join(value.split()))

    def _address(self, value: str) -> Iterator[tuple[str, str]]:
        first = _MARK.match(value)
        if first is None:
            if not value.lower().startswith(SCHEMES):
                yield "address", "An address begins with https://, http://, mailto: or tel:."
            return
        if first[1] not in self.addresses:
            yield "address", "What begins an address is a variable of the type url, unfiltered."


def _unquoted(tag: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", tag)
