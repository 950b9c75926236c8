"""The page that opens an archive is readable by itself, and nothing in it runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from domains.users.services.person_archive import write_archive
from kernel.privacy import Fate, Part, PersonalSection

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHO = UUID(int=7)
VOID = {"meta"}


def part(domain="auth", name="account", *, said="Your account", records=(), withheld=None):
    return Part(
        domain=domain,
        section=PersonalSection(
            name=name,
            description=said,
            fate=Fate.KEPT,
            why=said,
            withheld=withheld or {},
            records=tuple(records),
        ),
    )


def files_of(*parts) -> dict[str, str]:
    file = BytesIO()
    write_archive(file, iter(parts), account_id=WHO, now=NOW)
    with ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_parts_of_a_section_become_one_file():
    files = files_of(
        part(records=['{"a": 1}', '{"a": 2}']), part(records=['{"a": 3}']), part(name="empty")
    )
    assert json.loads(files["auth/account.json"]) == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert json.loads(files["auth/empty.json"]) == []
    counts = {s["name"]: s["count"] for s in json.loads(files["index.json"])["sections"]}
    assert counts == {"account": 3, "empty": 0}


def test_the_page_is_made_for_everybody():
    page = Page(files_of(part(withheld={"password": "It is secret."}))["index.html"])
    tags = [tag for tag, _ in page.seen]
    assert dict(page.seen)["html"] == {"lang": "en"}
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    headers = [attrs for tag, attrs in page.seen if tag == "th"]
    assert headers
    assert all(attrs["scope"] in {"col", "row"} for attrs in headers)
    assert tags.count("table") == tags.count("caption") == 1
    assert "It is secret." in page.text
    links = [attrs["href"] for tag, attrs in page.seen if tag == "a"]
    assert links == ["index.json", "auth/account.json"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_words_break_out_of_the_page(words):
    for said in (words, f"<script>{words}</script>", f'"><img src=x onerror={words}>'):
        page = Page(files_of(part(said=said, withheld={"x": said}))["index.html"])
        plain = Page(files_of(part(said="", withheld={"x": ""}))["index.html"])
        assert [tag for tag, _ in page.seen] == [tag for tag, _ in plain.seen]
        assert "script" not in [tag for tag, _ in page.seen]
