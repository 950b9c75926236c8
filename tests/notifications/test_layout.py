"""The one page that every mail is on: readable by everybody, on every screen, in the dark too."""

from __future__ import annotations

import re

import pytest

from domains.notifications.services.rendering.locales import TEMPLATES
from domains.notifications.services.rendering.rendering import render

pytestmark = pytest.mark.django_db(databases=["notifications"])

CONTEXT = {"occurred_at": "today", "organization": "Acme", "person": "Ada", "role": "member"}
UNSUBSCRIBE = "https://example.com/u?a=1&b=2"


def page(locale: str = "en", **words: str) -> str:
    context = {**CONTEXT, **words}
    return render(kind="users.member_joined", channel="email", context=context, locale=locale).html


def test_it_says_its_language_and_direction_and_has_one_heading():
    html = page("de-CH")
    assert '<html lang="de" dir="ltr">' in html
    assert html.count("<h1>") == 1
    assert html.count("<table") == html.count('role="presentation"')
    assert re.search(r"<title>Ada ist Acme beigetreten</title>", html)


def test_links_are_underlined_everywhere():
    links = re.findall(r"[^{}]* a[.\w]* \{[^}]*\}", page())
    light = [rule for rule in links if "#93c5fd" not in rule]
    assert len(light) == 3
    assert all("text-decoration: underline" in rule for rule in light)


@pytest.mark.parametrize("locale", ["en", "de"])
def test_the_way_out_is_in_both_parts_where_there_is_one(locale):
    context = {**CONTEXT, "unsubscribe_url": UNSUBSCRIBE, "footnote": "Acme, Vienna"}
    said = render(kind="users.member_joined", channel="email", context=context, locale=locale)
    assert 'href="https://example.com/u?a=1&amp;b=2"' in said.html
    assert UNSUBSCRIBE in said.text
    assert "Acme, Vienna" in said.html
    assert "Acme, Vienna" in said.text
    assert "Stop mails" not in page()
    assert "abbestellen" not in page("de")


def luminance(color: str) -> float:
    """Return the relative luminance (WCAG 2.2) of a color such as #1d4ed8."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def rules(css: str) -> dict[str, dict[str, str]]:
    """Return what the style says by selector."""
    said: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        colors = dict(re.findall(r"(?<![-\w])(color|background): (#[0-9a-f]{6})", body))
        for selector in selectors.split(","):
            said.setdefault(selector.strip(), {}).update(colors)
    return said


@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_text_stands_out_in_light_and_dark(locale):
    css = (TEMPLATES / locale / "layout" / "email.html.liquid").read_text()
    css = css.partition("<style>")[2].partition("</style>")[0]
    bright, _, dark = css.partition("@media (prefers-color-scheme: dark) {")
    light = rules(bright)
    night = {name: {**light[name], **rules(dark).get(name, {})} for name in light}
    for theme in (light, night):
        card = theme[".card"]["background"]
        shown = [(".content", card), (".content a", card), (".foot", card), (".foot a", card)]
        shown += [
            (name, theme[name]["background"]) for name in (".content code", ".content a.button")
        ]
        for name, background in shown:
            assert contrast(theme[name]["color"], background) >= 4.5, name
