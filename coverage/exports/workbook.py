"""``report.xlsx``: a whole run as one workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from coverage.base.schema import CONNECTION, SERVICES, STATES
from coverage.exports.excel import add_criteria_sheet, add_priority_sheet, add_sources_sheet, anybody_remark
from coverage.exports.figures import assets_by_kind, blank_spot_table, by_rule, by_subdistrict, totals
from coverage.exports.landmarks import HAMLETS, POINTS, coverage_words, landmarks_of, landmarks_table
from coverage.exports.plan import add_plan_sheet
from coverage.exports.pockets import pockets_table
from coverage.exports.provenance import provenance
from coverage.exports.sheets import Book, SheetColumn
from coverage.exports.style import STATE_COLOURS
from coverage.exports.tables import (
    assets_in_words,
    assets_table,
    conflicts_table,
    default_rule,
    enabled_rules,
    priority_table,
    villages_table,
    with_told_states,
)
from coverage.language.reasons import certainty_label, state_words
from coverage.language.words import Words
from coverage.reach.asset_counts import repair_list
from coverage.readers.kinds import is_private
from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables

_CHART_ROWS = 22
"""Most subdistricts in the chart."""


def write_workbook(analysis: RunTables, words: Words, *, plan: RolloutPlan | None = None) -> bytes:
    """Return ``report.xlsx``, with the rollout plan where there is one."""
    about = provenance(analysis, words)
    book = Book(about, words, words("exports.report.title"))
    villages, ranked = villages_table(analysis, words), priority_table(analysis, words)
    _add_summary(book, analysis, words, villages)
    add_priority_sheet(book, analysis, words, ranked)
    if plan is not None:
        add_plan_sheet(book, analysis, plan, words)
    _add_blank_spots(book, analysis, words)
    if analysis.pockets is not None and len(analysis.pockets):
        _add_pockets(book, analysis, words)
    for roles, name in ((HAMLETS, "hamlets"), (POINTS, "service_points")):
        if len(landmarks_of(analysis, *roles)):
            _add_landmarks(book, analysis, words, roles, name)
    _add_villages(book, analysis, words, villages)
    _add_assets(book, analysis, words)
    _add_repairs(book, analysis, words)
    if len(analysis.conflicts):
        _add_conflicts(book, analysis, words)
    add_criteria_sheet(book, analysis, words, ranked)
    add_sources_sheet(book, analysis, words, about)
    return book.bytes()


def write_asset_workbook(analysis: RunTables, words: Words) -> bytes:
    """Return ``assets.xlsx``: assets, repair list, sources."""
    about = provenance(analysis, words)
    book = Book(about, words, words("exports.assets.heading"))
    _add_assets(book, analysis, words)
    _add_repairs(book, analysis, words)
    add_sources_sheet(book, analysis, words, about)
    return book.bytes()


def _add_summary(book: Book, analysis: RunTables, words: Words, villages: pd.DataFrame) -> None:
    """Summary on one page: totals, by rule, by subdistrict, chart."""
    sheet = book.sheet(words("exports.sheet.summary"), landscape=False, one_page=True)
    for at, width in enumerate((25, 11, 11, 11, 11, 13, 13, 13)):
        sheet.set_column(at, at, width)
    rule = words.rule(default_rule(analysis).name)
    top = book.heading(sheet, words("exports.report.heading", region=book.about.region), [book.about.footer(words)])
    found = totals(villages)
    called = state_words(words, default_rule(analysis))
    top = _add_cards(book, sheet, top, called, found)
    sheet.write_string(top, 0, words("exports.summary.under_rule", rule=rule), book.look(bold=True, font_size=12))
    subdistricts = by_subdistrict(villages)
    columns = book.columns(f"subdistrict villages {' '.join(STATES)} population_unserved share_served", called)
    first = top + 2
    below = book.table(sheet, top + 1, columns, subdistricts, whole_sheet=False)
    _add_chart(book, sheet, below + 1, called, first, min(len(subdistricts), _CHART_ROWS))
    top = below + 26
    sheet.write_string(top, 0, words("exports.summary.by_rule"), book.look(bold=True, font_size=12))
    rules = by_rule(analysis)
    rules["rule"] = [words.rule(name) for name in rules["rule"]]
    columns = book.columns(f"rule {' '.join(STATES)}", state_words(words, *enabled_rules(analysis)))
    top = book.table(sheet, top + 1, columns, rules, whole_sheet=False) + 1
    for text in filter(None, (anybody_remark(enabled_rules(analysis), words), *book.about.approximations)):
        sheet.write_string(top, 0, "• " + text, book.look(italic=True, font_color="#5A6773"))
        top += 1
    sheet.print_area(0, 0, top, 7)


def _add_cards(book: Book, sheet: Any, top: int, called: Mapping[str, str], found: Any) -> int:
    """Write the main figures side by side; return the row after them."""
    words = book.words
    cards: list[tuple[str, float | None, str]] = [(words("exports.summary.villages"), found.villages, "#1F4E79")]
    cards += [(called[state], found.states[state], STATE_COLOURS[state]) for state in STATES]
    cards += [
        (words("exports.summary.population"), found.population, "#1F4E79"),
        (words("exports.summary.population_unserved"), found.population_unserved, STATE_COLOURS["blank"]),
    ]
    sheet.set_row(top, 26)
    sheet.set_row(top + 1, 30)
    for at, (label, value, colour) in enumerate(cards):
        number = book.cell_look("integer", bold=True, font_size=15, align="left", bottom=0, left=5, left_color=colour)
        text = book.look(font_color="#5A6773", text_wrap=True, left=5, left_color=colour, font_size=9)
        if value is None:
            sheet.write_string(top, at, words("exports.unknown_mark"), number)
        else:
            sheet.write_number(top, at, value, number)
        sheet.write_string(top + 1, at, label, text)
    return top + 3


def _add_chart(book: Book, sheet: Any, top: int, called: Mapping[str, str], first: int, count: int) -> None:
    """Stacked chart of villages by subdistrict and state."""
    chart = book.file.add_chart({"type": "bar", "subtype": "stacked"})
    words, name = book.words, sheet.get_name()
    for at, state in enumerate(STATES, start=2):
        pattern = (
            {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#7A2E00", "bg_color": STATE_COLOURS[state]}}
            if state == "blank"
            else {"fill": {"color": STATE_COLOURS[state]}}
        )
        chart.add_series(
            {
                "name": called[state],
                "gap": 45,
                "overlap": 100,
                "border": {"color": "#FFFFFF", "width": 0.5},
                "categories": [name, first, 0, first + count - 1, 0],
                "values": [name, first, at, first + count - 1, at],
                **pattern,
            }
        )
    font = {"name": "Calibri", "size": 7}
    chart.set_title({"name": words("exports.summary.chart"), "name_font": {**font, "size": 11, "bold": True}})
    chart.set_y_axis({"reverse": True, "num_font": font, "interval_unit": 1, "major_gridlines": {"visible": False}})
    lines = {"visible": True, "line": {"color": "#E3E7EB"}}
    chart.set_x_axis({"num_font": font, "label_position": "high", "major_gridlines": lines})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_size({"width": 790, "height": 480})
    sheet.insert_chart(top, 0, chart, {"description": words("exports.summary.chart"), "x_offset": 4, "y_offset": 4})


def _add_blank_spots(book: Book, analysis: RunTables, words: Words) -> None:
    """Villages without service, with state by rule and reason."""
    rows = blank_spot_table(analysis, words)
    sheet = book.sheet(words("exports.sheet.blank_spots"), tab=STATE_COLOURS["blank"])
    top = book.heading(
        sheet,
        words("exports.blank_spots.heading"),
        [words("exports.blank_spots.remark", rule=words.rule(default_rule(analysis).name))],
    )
    called = state_words(words, default_rule(analysis))
    columns = book.columns(
        "village_code_bps village subdistrict population share_served state certainty reason", called
    )
    columns += [
        SheetColumn(
            f"state_{rule.name}",
            words.rule(rule.name),
            "state",
            30 if rule.asks_for_anybody else 15,
            state_words(words, rule),
        )
        for rule in enabled_rules(analysis)
        if rule.name != default_rule(analysis).name
    ]
    columns += book.columns("village_code_kemendagri")
    book.table(sheet, top, columns, _told(rows, analysis, words), freeze_columns=3, state="tint")


def _add_pockets(book: Book, analysis: RunTables, words: Words) -> None:
    rule, counted = default_rule(analysis).name, analysis.parameters.pockets
    sheet = book.sheet(words("exports.sheet.pockets"), tab=STATE_COLOURS["blank"])
    remark = words("pockets.remark", rule=words.rule(rule), gap=counted.gap_m, least=words.number(counted.least_people))
    top = book.heading(sheet, words("pockets.title"), [remark])
    names = (
        "rank village pocket hamlets subdistrict population_unserved share_of_village area_km2 certainty reason "
        "from_centre_m nearest_asset_m people_least longitude latitude village_code_bps"
    )
    rows = pockets_table(analysis, words)
    columns = book.columns(names if rows["hamlets"].any() else names.replace(" hamlets", ""))
    book.table(sheet, top, columns, rows, freeze_columns=3)


def _add_landmarks(book: Book, analysis: RunTables, words: Words, roles: tuple[str, ...], name: str) -> None:
    """Hamlets, or service points with the candidates for an access point first."""
    rule, near = words.rule(default_rule(analysis).name), words.number(analysis.parameters.pockets.near_m)
    sheet = book.sheet(words(f"exports.sheet.{name}"))
    title, remark = ("hamlets", "remark_hamlets") if roles == HAMLETS else ("title", "remark")
    top = book.heading(sheet, words(f"landmarks.{title}"), [words(f"landmarks.{remark}", rule=rule, near=near)])
    found, rows = landmarks_of(analysis, *roles), landmarks_table(analysis, words, *roles)
    rows = rows.drop(columns=["rule", "run_id", "village_code_kemendagri"]).rename(columns={"state": "coverage"})
    rows = rows.assign(coverage=coverage_words(found["kind"], found["state"], words))
    columns = book.columns(" ".join(rows.columns))
    book.table(sheet, top, columns, rows, freeze_columns=3)


def _add_villages(book: Book, analysis: RunTables, words: Words, villages: pd.DataFrame) -> None:
    sheet = book.sheet(words("exports.sheet.villages"))
    top = book.heading(sheet, words("exports.villages.heading"))
    columns = book.columns(
        "village_code_bps village_code_kemendagri village subdistrict state certainty population population_served "
        "area_km2",
        state_words(words, default_rule(analysis)),
    )
    for service in (*SERVICES, CONNECTION):
        if f"share_{service}" not in villages:
            continue
        label = words(f"core.service.{service}")
        columns.append(SheetColumn(f"share_{service}", words("exports.column.share_of", service=label), "share", 12))
        columns.append(
            SheetColumn(f"nearest_{service}_m", words("exports.column.nearest_m", service=label), "metres", 12)
        )
    book.table(sheet, top, columns, _told(villages, analysis, words), freeze_columns=4, state="tint")


def _told(rows: pd.DataFrame, analysis: RunTables, words: Words) -> pd.DataFrame:
    """Rows with what each state is called and how sure it is, in words."""
    return with_told_states(rows, analysis, words).assign(
        tint=rows["state"], certainty=[certainty_label(row, words) for row in rows.to_dict("records")]
    )


def _add_assets(book: Book, analysis: RunTables, words: Words) -> None:
    sheet = book.sheet(words("exports.sheet.assets"))
    counts = assets_by_kind(analysis.assets, analysis.parameters.kinds)
    told = [
        f"{words.kind(kind, sectors)} {words.number(total)}"
        for kind, total, sectors in counts[["kind", "total", "sectors"]].itertuples(index=False)
    ]
    lines = [words("exports.assets.counts", counts="; ".join(told))] if told else []
    if analysis.assets is None or not is_private(analysis.assets["kind"]).any():
        lines.append(words("exports.assets.without_cctv"))
    top = book.heading(sheet, words("exports.assets.heading"), lines)
    columns = book.columns(
        "asset_id kind asset_name status owner operator height_m installed_on longitude latitude source note"
    )
    book.table(sheet, top, columns, assets_in_words(assets_table(analysis), words), freeze_columns=2)


def _add_repairs(book: Book, analysis: RunTables, words: Words) -> None:
    """Assets to repair."""
    rows = assets_in_words(repair_list(analysis.assets), words)
    sheet = book.sheet(words("exports.sheet.repairs"), tab=STATE_COLOURS["weak"])
    top = book.heading(sheet, words("exports.repairs.heading"), [words("exports.repairs.remark", count=len(rows))])
    columns = book.columns("asset_id kind asset_name status owner installed_on note")
    book.table(sheet, top, columns, rows, freeze_columns=2)


def _add_conflicts(book: Book, analysis: RunTables, words: Words) -> None:
    rows = conflicts_table(analysis, words)
    sheet = book.sheet(words("exports.sheet.conflicts"))
    top = book.heading(sheet, words("exports.conflicts.heading"), [words("exports.conflicts.remark")])
    columns = book.columns(
        "village_code_bps village subdistrict reason given_code given_village given_subdistrict source date"
    )
    book.table(sheet, top, columns, rows, freeze_columns=2)
