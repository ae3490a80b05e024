"""The public page of a region: map, figures, list and explanations as files that anybody may read.

Each language is one page that runs alone, as ``map.html`` does; ``villages.csv`` has the figures. All are made of what
:func:`coverage.run.privacy.for_everybody` leaves of a run, and of nothing else.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Sequence

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from coverage.base.schema import STATES
from coverage.exports.excel import rule_meaning
from coverage.exports.figures import by_subdistrict
from coverage.exports.html_map import write_html_map
from coverage.exports.pdf import build, paragraph
from coverage.exports.provenance import provenance
from coverage.exports.tables import default_rule, villages_table, write_villages
from coverage.exports.village_facts import village_facts
from coverage.language.reasons import state_words
from coverage.language.words import LANGUAGES, STYLES, Language, Words
from coverage.run.privacy import for_everybody
from coverage.run.result import RunTables

FIGURES = "villages.csv"


def page_name(language: Language) -> str:
    """File of a language; the first one is that of the address."""
    return "index.html" if language == LANGUAGES[0] else f"{language}.html"


def public_files(analysis: RunTables, held_back: Collection[str]) -> dict[str, bytes]:
    """Make the files of the public page.

    Parameters
    ----------
    held_back : kinds of asset that the office holds back; private kinds always are

    Returns
    -------
    dict
        A page a language (:func:`page_name`) and :data:`FIGURES`, by file name.
    """
    shown = for_everybody(analysis, held_back)
    pages = {page_name(language): _page(shown, Words(language)) for language in LANGUAGES}
    return {**pages, FIGURES: write_villages(shown, Words(LANGUAGES[0]))}


def _page(shown: RunTables, words: Words) -> bytes:
    others = "".join(
        f'<a href="{page_name(other) if other != LANGUAGES[0] else "./"}" lang="{other}" hreflang="{other}">'
        f"{html.escape(STYLES[other].name)}</a>"
        for other in LANGUAGES
        if other != words.language
    )
    sections = {"figures": _figures(shown, words), "list": _list(shown, words), "about": _about(shown, words)}
    called = {name: html.escape(words(f"public.{name}")) for name in ("map", *sections)}
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title in called.items())
    told = "".join(
        f'<section id="{name}" aria-label="{called[name]}"><h2>{called[name]}</h2>{content}</section>'
        for name, content in sections.items()
    )
    label = html.escape(words("public.contents"))
    return write_html_map(
        shown, words, f'<nav aria-label="{label}">{links}{others}</nav>', f"<article>{told}</article>"
    )


def _figures(shown: RunTables, words: Words) -> str:
    called = state_words(words, default_rule(shown))
    columns = ("subdistrict", "villages", *called, "population", "population_unserved")
    heads = [called[name] if name in called else words(f"public.column.{name}") for name in columns]
    rows = [
        [row["subdistrict"], *(words.number(None if row[name] is None else float(row[name])) for name in columns[1:])]
        for row in by_subdistrict(villages_table(shown, words)).astype(object).where(lambda at: at.notna(), None)
        .to_dict("records")
    ]  # fmt: skip
    return _table(heads, rows, words("public.figures"), numbers=len(columns) - 1)


def _list(shown: RunTables, words: Words) -> str:
    lies_in = dict(zip(shown.villages["village_code_bps"], shown.villages["subdistrict"], strict=True))
    rows = [
        [fact.name, lies_in[fact.code] or "", " · ".join(filter(None, (fact.told, fact.certainty))), fact.reason]
        for fact in sorted(village_facts(shown, words), key=lambda fact: (fact.place, fact.name))
    ]
    take = f'<p><a href="{FIGURES}" download>{html.escape(words("public.take"))}</a></p>'
    heads = [words(f"public.column.{name}") for name in ("village", "subdistrict", "state", "reason")]
    return take + _table(heads, rows, words("public.list"))


def _about(shown: RunTables, words: Words) -> str:
    rule, about = default_rule(shown), provenance(shown, words)
    states = ("unknown",) if rule.is_list or rule.asks_for_anybody else STATES
    called = state_words(words, rule)
    terms = [(called[state], words(f"public.state.{state}")) for state in states]
    told = [words("public.how", rule=words.rule(rule.name), meaning=rule_meaning(rule, words))]
    told += [*about.lacking, *about.approximations, words("public.held_back"), words("public.ask")]
    meant = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in terms)
    return f"<dl>{meant}</dl>" + "".join(f"<p>{html.escape(text)}</p>" for text in dict.fromkeys(told))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str, numbers: int = 0) -> str:
    """Table whose first column heads its rows, and whose last columns are numbers."""
    first = len(heads) - numbers
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(
            f"<td{' class=r' if at >= first else ''}>{html.escape(text)}</td>" for at, text in enumerate(row[1:], 1)
        )
        + "</tr>"
        for row in rows
    )
    label = html.escape(caption)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{label}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def write_poster(analysis: RunTables, address: str, words: Words) -> bytes:
    """Return an A4 sheet for the wall of a village office: the region, a QR code of the address, and the address."""
    about, side = provenance(analysis, words), 150 * mm
    code = QrCodeWidget(address, barLevel="M", barWidth=side, barHeight=side)
    picture = Drawing(side, side, hAlign="CENTER")
    picture.add(code)
    story: list[Flowable] = [
        Spacer(1, 12 * mm),
        paragraph(words("exports.map.title", region=about.region), "title"),
        paragraph(words("public.scan"), "heading"),
        Spacer(1, 8 * mm),
        picture,
        paragraph(address, "heading"),
        Spacer(1, 6 * mm),
        paragraph(words("public.scan_about"), "heading"),
    ]
    return build(story, about, words, words("public.title"))
