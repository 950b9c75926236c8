"""Drawing a document as a PDF of A4 pages, the same bytes for the same document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, VAlign
from fpdf.fonts import FontFace

from domains.billing.services.invoicing.pdf.documents import Document, Party, Row, Sum

FONTS = Path(__file__).resolve().parents[3] / "data" / "fonts"
_FAMILY = "DejaVu"
_STYLES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_NO_GLYPH = "□"

_BLACK, _GREY, _RULE = 20, 110, 200
_MARGIN, _LINE = 20, 5
_BODY, _SMALL, _TITLE = 9, 7.5, 20
_COLUMNS = (92, 22, 20, 36)
_RIGHT = (Align.L, Align.R, Align.R, Align.R)


def draw(document: Document) -> bytes:
    """Return the document as a PDF. What the font has no glyph for is drawn as a box."""
    paper = _Paper(document)
    paper.add_page()
    paper.head()
    paper.party(document.parties[1])
    paper.lines()
    paper.totals()
    paper.notes()
    return bytes(paper.output())


class _Paper(FPDF):
    def __init__(self, document: Document) -> None:
        super().__init__(format="A4")
        self.document = document
        self.words = document.language.words
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=25)
        for style, file in _STYLES.items():
            self.add_font(_FAMILY, style, FONTS / file)
        font: Any = self.fonts[_FAMILY.lower()]
        self.glyphs = font.cmap.keys()
        self.set_title(f"{document.title} {document.number}")
        self.set_lang(str(document.language.locale).replace("_", "-"))
        self.set_creation_date(document.issued_at)
        self.set_producer("")

    def footer(self) -> None:
        """Say which page of how many this is."""
        self.set_y(-15)
        self._font(size=_SMALL, grey=_GREY)
        place = self.words.page.format(page=self.page_no(), pages="{nb}")
        self.cell(0, _LINE, f"{self.document.number} · {place}", align=Align.C)

    def head(self) -> None:
        """Write the title, what identifies the document, and the seller beside it."""
        self._font("B", size=_TITLE)
        self.cell(0, 12, self._seen(self.document.title), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)
        top = self.get_y()
        self.party(self.document.parties[0], x=120)
        bottom = self.get_y()
        self.set_xy(_MARGIN, top)
        for label, value in self.document.facts:
            self._font(grey=_GREY)
            self.cell(32, _LINE, self._seen(label))
            self._font()
            self.multi_cell(
                60, _LINE, self._seen(value), align=Align.L, new_x="LMARGIN", new_y="NEXT"
            )
        self.set_y(max(bottom, self.get_y()) + 6)

    def party(self, party: Party, *, x: float = _MARGIN) -> None:
        """Write who sells or buys."""
        self.set_x(x)
        self._font(size=_SMALL, grey=_GREY)
        self.cell(0, _LINE, self._seen(party.label), new_x="LEFT", new_y="NEXT")
        for number, line in enumerate(party.lines):
            self._font("" if number else "B")
            self._block(70, line, then="LEFT")

    def lines(self) -> None:
        """Write the table of lines; its heading stands on every page."""
        self.ln(8)
        self._font()
        words = self.words
        with self.table(
            col_widths=_COLUMNS,
            text_align=_RIGHT,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_GREY, size_pt=_SMALL),
            line_height=_LINE,
            padding=(1, 0),
            v_align=VAlign.T,
        ) as table:
            table.row((words.description, words.quantity, words.tax_rate, words.amount))
            for row in self.document.rows:
                table.row(self._cells(row))

    def totals(self) -> None:
        """Write the sums, right below the amounts."""
        self.ln(4)
        if self.will_page_break((_LINE + 1) * len(self.document.sums)):
            self.add_page()
        for each in self.document.sums:
            self._sum(each)

    def notes(self) -> None:
        """Write what the law wants said."""
        self.ln(8)
        self._font(size=_SMALL)
        for note in self.document.notes:
            self.multi_cell(
                0, _LINE, self._seen(note), align=Align.L, new_x="LMARGIN", new_y="NEXT"
            )

    def _block(self, width: float, text: str, *, then: str = "LMARGIN") -> None:
        """Write a text over as many lines as it takes, and go on below it."""
        self.multi_cell(width, _LINE, self._seen(text), align=Align.L, new_x=then, new_y="NEXT")

    def _sum(self, line: Sum) -> None:
        self._font("B" if line.strong else "")
        self.cell(sum(_COLUMNS[:3]), _LINE + 1, self._seen(line.label), align=Align.R)
        self.cell(_COLUMNS[3], _LINE + 1, line.amount, align=Align.R, new_x="LMARGIN", new_y="NEXT")

    def _font(self, style: str = "", *, size: float = _BODY, grey: int = _BLACK) -> None:
        self.set_font(_FAMILY, style, size)
        self.set_text_color(grey)
        self.set_draw_color(_RULE)

    def _cells(self, row: Row) -> tuple[str, str, str, str]:
        described = f"{self._seen(row.description)}\n{self._seen(row.below)}"
        return described, row.quantity, row.tax, row.amount

    def _seen(self, text: str) -> str:
        """Return the text with a box for each character that the font doesn't have."""
        return "".join(each if ord(each) in self.glyphs else _NO_GLYPH for each in text)
