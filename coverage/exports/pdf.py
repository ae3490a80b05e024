"""Common parts of PDFs: fonts, styles, page frame, tables; user text is never markup."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

from coverage.exports.fonts import Style, font_file, runs
from coverage.exports.letterhead import Letterhead
from coverage.exports.provenance import Provenance
from coverage.exports.style import STATE_COLOURS, STATE_TINTS
from coverage.language.words import Words

rl_config.useA85 = 0  # binary pictures: base 85 is slower and a quarter larger
INK, HEAD, QUIET, LINE = HexColor("#1B2A3A"), HexColor("#1F4E79"), HexColor("#55616D"), HexColor("#D5DBE1")
MARGIN = 15 * mm
FOOT = 16 * mm
_SIGNATURE = 80 * mm
WIDTH, HEIGHT = A4[0] - 2 * MARGIN, A4[1] - MARGIN - FOOT
LONGEST_CELL = 400
"""Characters per cell, so that no row outgrows a page."""


@cache
def font(file: Path) -> str:
    """Register a font with reportlab and return its name."""
    name = f"Jangkau-{file.stem}"
    pdfmetrics.registerFont(TTFont(name, str(file)))
    return name


def _family() -> str:
    """Register the main font with bold and italic for ``<b>`` and ``<i>``."""
    regular, bold, italic = (font(font_file(style)) for style in ("regular", "bold", "italic"))
    pdfmetrics.registerFontFamily(regular, normal=regular, bold=bold, italic=italic, boldItalic=bold)
    return regular


@cache
def style(name: str) -> ParagraphStyle:
    """Paragraph style by name, such as ``heading`` or ``cell``."""
    regular, bold = _family(), font(font_file("bold"))
    base = {"fontName": regular, "textColor": INK, "splitLongWords": 1}
    kinds: dict[str, dict[str, Any]] = {
        "title": {"fontName": bold, "fontSize": 19, "leading": 23, "textColor": HEAD},
        "heading": {
            "fontName": bold,
            "fontSize": 14,
            "leading": 18,
            "textColor": HEAD,
            "spaceBefore": 8,
            "spaceAfter": 4,
        },
        "subheading": {"fontName": bold, "fontSize": 10.5, "leading": 14, "spaceBefore": 7, "spaceAfter": 2},
        "body": {"fontSize": 9.5, "leading": 13, "spaceAfter": 3},
        "small": {"fontSize": 9, "leading": 11, "textColor": QUIET},
        "cell": {"fontSize": 9, "leading": 10.8},
        "number": {"fontSize": 9, "leading": 10.8, "alignment": TA_RIGHT},
        "head": {"fontName": bold, "fontSize": 9, "leading": 10.8, "textColor": white, "splitLongWords": 0},
        "number_head": {
            "fontName": bold,
            "fontSize": 9,
            "leading": 10.8,
            "textColor": white,
            "splitLongWords": 0,
            "alignment": TA_RIGHT,
        },
        "letterhead": {"fontName": bold, "fontSize": 13, "leading": 16, "alignment": TA_CENTER},
        "small_middle": {"fontSize": 9, "leading": 12, "alignment": TA_CENTER},
        "contents": {"fontSize": 9.5, "leading": 14},
        "figure": {"fontName": bold, "fontSize": 15, "leading": 18},
    }
    return ParagraphStyle(name, **{**base, **kinds[name]})


def markup(text: str, weight: Style = "regular") -> str:
    """Text as escaped reportlab markup, with a font for each glyph."""
    main = font_file(weight)
    parts = []
    for file, run in runs(text.replace("\n", " ").replace("\t", " "), weight):
        shown = escape(run)
        parts.append(shown if file == main else f'<font name="{font(file)}">{shown}</font>')
    return "".join(parts)


def paragraph(text: str, name: str = "body") -> Paragraph:
    """A paragraph of plain text."""
    bold = ("title", "heading", "subheading", "head", "number_head", "figure", "letterhead")
    weight: Style = "bold" if name in bold else "regular"
    return Paragraph(markup(text, weight), style(name))


def heading(text: str, name: str = "heading", room: float = 45 * mm) -> list[Flowable]:
    """A heading that moves to the next page unless ``room`` is left below it."""
    return [CondPageBreak(room), paragraph(text, name)]


def cell(text: str, name: str = "cell") -> Paragraph:
    """A cell of plain text, truncated if very long."""
    return paragraph(text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…", name)


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    *,
    numbers: Sequence[int] = (),
    states: Sequence[str] | None = None,
    state_column: int = 0,
    width: float = WIDTH,
) -> LongTable:
    """A table that runs over pages and repeats its heading.

    Parameters
    ----------
    rows : text, or a flowable, per cell
    widths : relative widths, scaled to ``width``
    states : state of each row, which tints the cell in ``state_column``
    """
    widths = _whole_words(head, rows, [width * part / sum(widths) for part in widths], width)
    cells = [[paragraph(text, "number_head" if at in numbers else "head") for at, text in enumerate(head)]]
    cells += [
        [
            value if isinstance(value, Flowable) else cell(str(value), "number" if at in numbers else "cell")
            for at, value in enumerate(row)
        ]
        for row in rows
    ]
    made = LongTable(cells, colWidths=widths, repeatRows=1, hAlign="LEFT")
    commands: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (-1, 0), HEAD),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "MIDDLE"),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.8),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    for at, state in enumerate(states or (), start=1):
        if state in STATE_TINTS:
            place = ((state_column, at), (state_column, at))
            commands += [
                ("BACKGROUND", *place, HexColor(STATE_TINTS[state])),
                ("LINEBEFORE", *place, 2.5, HexColor(STATE_COLOURS[state])),
            ]
    made.setStyle(TableStyle(commands))
    return made


def _whole_words(head: Sequence[str], rows: Sequence[Sequence[Any]], widths: list[float], width: float) -> list[float]:
    """Widths of columns that break no word of up to a quarter of the table; the widest column gives."""
    for at, title in enumerate(head):
        found = {word for row in rows if isinstance(row[at], str) for word in row[at].split()}
        longest = sorted(found, key=len)[-8:]
        sizes = [pdfmetrics.stringWidth(word, style("cell").fontName, style("cell").fontSize) for word in longest]
        sizes += [
            pdfmetrics.stringWidth(word, style("head").fontName, style("head").fontSize) for word in title.split()
        ]
        missing = min(max(sizes, default=0) + 9, width / 4) - widths[at]
        if missing > 0:
            widths[at] += missing
            widths[widths.index(max(widths))] -= missing
    return widths


def facts(rows: Sequence[tuple[str, str]], share: float = 0.28, width: float = WIDTH) -> LongTable:
    """Pairs of label and text."""
    before = ""
    cells = []
    for label, text in rows:
        cells.append([paragraph(label if label != before else "", "small"), cell(text)])
        before = label
    made = LongTable(cells, colWidths=[width * share, width * (1 - share)], hAlign="LEFT")
    made.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return made


def office_head(letterhead: Letterhead) -> list[Flowable]:
    """Lines above the title; nothing without an office."""
    lines = [
        (letterhead.government, "letterhead"),
        (letterhead.office, "letterhead"),
        (letterhead.address, "small_middle"),
    ]
    said: list[Flowable] = [paragraph(text, name) for text, name in lines if text]
    return [*said, HRFlowable(WIDTH, 1.2, color=HEAD, spaceBefore=3, spaceAfter=6)] if said else []


def signature(letterhead: Letterhead, date: str, words: Words) -> list[Flowable]:
    """Place, date, position, room to sign, name and number; nothing without a signatory."""
    if not (letterhead.signatory or letterhead.position):
        return []
    number = words("exports.letterhead.number", number=letterhead.number) if letterhead.number else ""
    lines = [", ".join(filter(None, (letterhead.place, date))), letterhead.position]
    block: list[Flowable] = [paragraph(text) for text in lines if text]
    block += [Spacer(1, 20 * mm), paragraph(letterhead.signatory or "………………………………", "subheading")]
    block += [paragraph(number)] if number else []
    return block


def signed(letterhead: Letterhead, date: str, words: Words) -> list[Flowable]:
    """The signature to the right, at the end of a paper."""
    block = signature(letterhead, date, words)
    return [Spacer(1, 8 * mm), Table([["", block]], colWidths=[WIDTH - _SIGNATURE, _SIGNATURE])] if block else []


class _Paper(BaseDocTemplate):  # type: ignore[misc]
    """A document that lists its headings, in a table of contents where it has one and in the reader's side bar."""

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - the name that ReportLab calls
        if getattr(flowable, "style", None) is style("heading"):
            text = flowable.getPlainText()
            self.canv.bookmarkPage(text)
            self.canv.addOutlineEntry(text, text)
            self.notify("TOCEntry", (0, markup(text, "regular"), self.page, text))


def contents() -> TableOfContents:
    """The headings of a paper with their pages."""
    return TableOfContents(levelStyles=[style("contents")], dotsMinLevel=0)


def build(story: Sequence[Flowable], about: Provenance, words: Words, title: str) -> bytes:
    """Typeset a story on A4 with title, run id, date and page number on every page."""
    buffer = io.BytesIO()

    def frame_page(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(font(font_file()), 7.5)
        canvas.setFillColor(QUIET)
        canvas.setStrokeColor(LINE)
        canvas.line(MARGIN, 12 * mm, A4[0] - MARGIN, 12 * mm)
        canvas.drawString(MARGIN, 8.5 * mm, f"{_fitting(about.region)} · {about.footer(words)}")
        canvas.drawRightString(A4[0] - MARGIN, 8.5 * mm, words("exports.pdf.page", page=canvas.getPageNumber()))
        canvas.restoreState()

    document = _Paper(
        buffer,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=FOOT,
        title=title,
        author="Jangkau",
        subject=about.region,
        lang=words.language,
        invariant=1,
    )
    frame = Frame(MARGIN, FOOT, WIDTH, HEIGHT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=frame_page)])
    document.multiBuild(list(story))
    return buffer.getvalue()


def _fitting(text: str) -> str:
    """Footer text that fits one font and one line."""
    kept = "".join(run for file, run in runs(text) if file == font_file())
    return kept if len(kept) <= 70 else kept[:70] + "…"


def fixed(words: Words, value: float, digits: int) -> str:
    """A number with trailing zeros, so that a column lines up."""
    whole, _, decimals = f"{value:.{digits}f}".partition(".")
    return words.number(float(whole)) + words.number(0.1, 1)[1] + decimals
