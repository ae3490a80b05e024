"""``village_sheets.pdf``: one page a village for field work: map, facts, plan, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PIL.Image import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepInFrame, PageBreak, Spacer, Table, TableStyle

from coverage.exports import drawing
from coverage.exports.map_furniture import surroundings
from coverage.exports.pdf import HEIGHT, LINE, WIDTH, build, cell, facts, paragraph, table
from coverage.exports.pictures import ImageFlowable
from coverage.exports.plan import budget_sentence, plan_lines
from coverage.exports.provenance import provenance
from coverage.exports.style import STATE_COLOURS, STATE_TINTS
from coverage.exports.tables import default_rule
from coverage.exports.village_facts import FactNames, VillageFacts, fact_names, village_facts
from coverage.language.words import Words
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables
from coverage.run.road_distance import visiting_order

_MAP_MM = 90
_AROUND = 0.6
"""Margin around a village, as a fraction of its size."""


def write_village_sheets(
    analysis: RunTables, words: Words, codes: Sequence[str], *, plan: RolloutPlan | None = None
) -> bytes:
    """Return ``village_sheets.pdf``: a page per village in the given order, or one that is short to drive.

    The latter where the region keeps roads: it stands on a page of its own before them.

    Raises
    ------
    KeyError
        If a code is none of the run's villages.
    """
    about = provenance(analysis, words)
    data = drawing.map_data(analysis, words)
    names = fact_names(analysis, words)
    by_code = {fact.code: fact for fact in village_facts(analysis, words)}
    lines = {} if plan is None else plan_lines(analysis, plan, words)
    nothing = [words(f"exports.village_sheet.{'no_plan' if plan is None else 'not_in_plan'}")]
    rests_on = [] if plan is None else [budget_sentence(analysis, plan, words)]
    rule = words.rule(default_rule(analysis).name)
    visits = visiting_order(analysis, codes) if len(codes) > 1 else None
    story: list[Flowable] = [] if visits is None else _visits(visits, by_code, words)
    for code in codes if visits is None else [code for code, _ in visits]:
        page = _page(by_code[code], names, data, words, rule, lines.get(code, nothing), rests_on)
        page += [paragraph("• " + text, "small") for text in about.approximations]
        story += [PageBreak()] if story else []
        story.append(KeepInFrame(WIDTH, HEIGHT, page, mode="shrink"))
    return build(story or [paragraph(words("exports.report.nothing"))], about, words, words("exports.sheet.village"))


def _visits(visits: Sequence[tuple[str, float]], by_code: Mapping[str, VillageFacts], words: Words) -> list[Flowable]:
    """The order of the visits, with the way by road from each village to the next."""
    heads = [words(f"exports.village_sheet.{name}") for name in ("visit", "village", "place", "leg")]
    rows = [
        [words.number(number), by_code[code].name, by_code[code].place, words.distance(leg)]
        for number, (code, leg) in enumerate(visits, 1)
    ]
    whole = words.distance(sum(leg for _, leg in visits if leg == leg))
    title = paragraph(words("exports.village_sheet.visits"), "title")
    told = paragraph(words("exports.village_sheet.whole", whole=whole))
    return [title, told, Spacer(1, 4 * mm), table(heads, rows, [1, 4, 6, 3], numbers=(0, 3))]


def _page(
    fact: VillageFacts,
    names: FactNames,
    data: drawing.MapData,
    words: Words,
    rule: str,
    plan: Sequence[str],
    rests_on: Sequence[str],
) -> list[Flowable]:
    """One sheet; ``plan`` is what is planned for the village, ``rests_on`` what the plan rests on."""
    basics = [(name, value) for name, value in zip(names.basics, fact.basics, strict=True) if value]
    if fact.rank:
        basics += list(zip(names.rank, fact.rank, strict=True))[:2]
    side = WIDTH - _MAP_MM * mm - 5 * mm
    services = [[name, *cells] for name, cells in zip(names.services, fact.services, strict=True)]
    beside = [
        facts(basics, share=0.42, width=side),
        paragraph(words("exports.village_sheet.services"), "subheading"),
        table(
            ["", words("exports.village_sheet.share"), words("exports.village_sheet.nearest")],
            services,
            [30, 24, 34],
            numbers=[1, 2],
            width=side,
        ),
    ]
    drawn = ImageFlowable(lambda: _map(fact.code, data, words), _MAP_MM, _MAP_MM)
    head = Table([[drawn, beside]], colWidths=[_MAP_MM * mm + 5 * mm, side], hAlign="LEFT")
    head.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    rules = [[name, told, reason] for name, (_, told, reason) in zip(names.rules, fact.rules, strict=True)]
    return [
        paragraph(words("exports.village_sheet.title", village=fact.name[:80]), "title"),
        paragraph(f"{fact.place} · {words('exports.map.rule', rule=rule)}", "small"),
        Spacer(1, 2 * mm),
        _verdict(fact, words),
        Spacer(1, 3 * mm),
        head,
        paragraph(words("exports.village_sheet.rules"), "subheading"),
        table(
            [words("exports.column.rule"), words("exports.column.state"), words("exports.column.reason")],
            rules,
            [35, 22, 90],
            states=[state for state, *_ in fact.rules],
            state_column=1,
        ),
        *([Spacer(1, 2 * mm), facts(list(fact.evidence), share=0.2)] if fact.evidence else []),
        paragraph(words("exports.village_sheet.plan"), "subheading"),
        *(paragraph("• " + text) for text in plan),
        *(paragraph(text, "small") for text in rests_on),
        paragraph(words("exports.village_sheet.notes"), "subheading"),
        _notes(words),
        Spacer(1, 2 * mm),
    ]


def _verdict(fact: VillageFacts, words: Words) -> Table:
    """State, how sure it is, and reason in the state's colour."""
    made = Table(
        [[paragraph(" · ".join(filter(None, (fact.told, fact.certainty))), "subheading"), paragraph(fact.reason)]],
        colWidths=[WIDTH * 0.2, WIDTH * 0.8],
        hAlign="LEFT",
    )
    made.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), HexColor(STATE_TINTS[fact.state])),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBEFORE", (0, 0), (0, -1), 5, HexColor(STATE_COLOURS[fact.state])),
                ("LEFTPADDING", (0, 0), (0, -1), 10),
            ]
        )
    )
    return made


def _map(code: str, data: drawing.MapData, words: Words) -> Image:
    """The village and its surroundings."""
    shape = data.villages["shape"][data.villages["code"] == code][0]
    west, south, east, north = shape.bounds
    size = max(east - west, north - south, 1500.0) * _AROUND
    return surroundings(data, words, (west - size, south - size, east + size, north + size), _MAP_MM, code, 6.5)


def _notes(words: Words) -> Table:
    """Ruled space for notes, with questions."""
    asked = ("signal_at_hall", "hamlets", "assets_found")
    rows: list[list[Any]] = [[cell(words(f"exports.village_sheet.{name}")), ""] for name in asked]
    rows += [["", ""]]
    rows.append([cell(words("exports.village_sheet.checked_by")), cell(words("exports.village_sheet.checked_on"))])
    made = Table(rows, colWidths=[WIDTH * 0.5] * 2, rowHeights=[8.5 * mm] * len(rows), hAlign="LEFT")
    made.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
            ]
        )
    )
    return made
