"""The page that opens an archive: without scripts, styles from elsewhere, or the network."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kernel.privacy import Fate

if TYPE_CHECKING:
    from domains.users.services.person_archive import Contents, Index

FATES = {
    Fate.ERASED: "Erased.",
    Fate.ANONYMIZED: "Made anonymous.",
    Fate.KEPT: "Kept.",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>Your data at {product}</title>
<style>
body {{ font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
caption {{ text-align: left; font-weight: bold; font-size: 1.2rem; margin-top: 2rem }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0 }}
tr {{ border-bottom: 1px solid #767676 }}
</style>
</head>
<body>
<main>
<h1>Your data at {product}</h1>
<p>All that was kept about the account <code>{account_id}</code> on <time datetime="{iso}">{made_at}
UTC</time>. Each line is a file beside this page, in JSON; <a href="index.json">index.json</a> says
the same as this page to programs. The bytes of your files are not in here: fetch them by their ids
through the files API, or download them where you work with them.</p>
<p>Your address and what you do also stand in events on their way between parts of the product, and
in answers kept for repeated requests; both are cleared away within 30 days.</p>
{tables}
</main>
</body>
</html>
"""
TABLE = """<table>
<caption>{}</caption>
<thead><tr><th scope="col">What</th><th scope="col">Records</th><th scope="col">Left out</th>
<th scope="col">When you are erased</th></tr></thead>
<tbody>
{}
</tbody>
</table>
"""
ROW = '<tr><th scope="row"><a href="{}">{}</a></th><td>{}</td><td>{}</td><td>{}</td></tr>\n'


def write_index(index: Index) -> str:
    """Return the page as HTML; whatever stands in it is escaped."""
    by_domain = groupby(index.sections, key=lambda section: section.domain)
    tables = [_table(domain, list(sections)) for domain, sections in by_domain]
    return format_html(
        PAGE,
        product=settings.PRODUCT_NAME,
        account_id=index.account_id,
        iso=index.made_at.isoformat(),
        made_at=f"{index.made_at:%d %B %Y, %H:%M}",
        tables=format_html_join("", "{}", ((table,) for table in tables)),
    )


def _table(domain: str, sections: list[Contents]) -> SafeString:
    rows = [(s.file, s.description, s.count, _withheld(s), _fate(s)) for s in sections]
    return format_html(TABLE, domain.capitalize(), format_html_join("", ROW, rows))


def _withheld(section: Contents) -> SafeString:
    return format_html_join("", "<p><code>{}</code>: {}</p>", section.withheld.items())


def _fate(section: Contents) -> str:
    return f"{FATES[section.fate]} {section.why}".strip()
