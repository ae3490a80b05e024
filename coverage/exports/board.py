"""The board of contradictions: what each source says of every village, as a table and as minutes for a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Spacer

from coverage.base.kinds import giving_alone
from coverage.base.parameters import Rule
from coverage.base.projection import WGS84
from coverage.base.schema import EVIDENCE
from coverage.exports.letterhead import letterhead_of
from coverage.exports.pdf import build, facts, heading, office_head, paragraph, signed, table
from coverage.exports.pockets import hamlets_of, pocket_name
from coverage.exports.provenance import provenance
from coverage.exports.run_memo import cached_per_run
from coverage.exports.tables import csv_bytes, known, whole
from coverage.language.reasons import claimed_word, state_word
from coverage.language.words import Words
from coverage.reach.masts import mast_of
from coverage.readers.published import published_counts
from coverage.run.pockets import pocket_numbers
from coverage.run.result import RunTables, people_unserved
from coverage.villages_served.statements import HEADS, contradictions, statements

SOURCES = (
    "prediction", "measurement", "field_test", "survey", "official_list", "ministry", "podes", "operator", "complaint",
    "hint",
)  # fmt: skip
"""Columns of the board; a decision has its own."""
EXTENDS_M = 2.0
"""Times the usual reach within which an operator's own tower is extended rather than a new one built: an assumption."""
MOST_POCKETS = 20
MOST_NAMES = 12


def board_rule(analysis: RunTables) -> Rule:
    """The rule whose states are the prediction: that of the run, or if it is about a list the first that computes."""
    rules = [analysis.parameters.rule(), *(rule for rule in analysis.parameters.rules if rule.enabled)]
    return next((rule for rule in rules if not rule.is_list), rules[0])


@cached_per_run
def village_statements(analysis: RunTables) -> pd.DataFrame:
    """Table STATEMENTS of a run, of its villages and of its pockets."""
    found, rule = analysis.parameters.statements, board_rule(analysis)
    evidence, compared = (
        None if rows is None else rows.assign(pocket=pocket_numbers(analysis, rows))
        for rows in (analysis.evidence, analysis.compared)
    )
    pockets = analysis.pockets if rule.name == analysis.parameters.default_rule else None
    return statements(analysis.blank_spots, rule, evidence, compared, found, pockets)


def board_table(analysis: RunTables, words: Words) -> pd.DataFrame:
    """Table of ``board.csv``: a row per village of which anything is said, and below it one per pocket.

    Villages with open contradictions come first, those of most people before. A column per source holds the state that
    it claims last, with its year; of a pocket of which a source says nothing, what it says of the village, marked so
    and of no weight. ``heard`` tells whether anything but the prediction speaks of the row itself.
    """
    said, rule = village_statements(analysis), board_rule(analysis)
    found = contradictions(said)
    codes, numbers = (found.index.get_level_values(name) for name in HEADS)
    names = analysis.villages.set_index("village_code_bps").reindex(codes)
    board = pd.DataFrame({"village_code_bps": codes})
    for name in ("village_code_kemendagri", "village", "subdistrict"):
        board[name] = names[name].to_numpy()
    board["pocket"] = whole(pd.Series(numbers.to_numpy(dtype=float)).where(numbers.to_numpy() > 0))
    board["name"] = board["village"]
    people = people_unserved(analysis, rule).reindex(codes).to_numpy(dtype=float)
    if (numbers > 0).any() and analysis.pockets is not None:
        own = analysis.pockets.set_index(HEADS).reindex(found.index)
        people = np.where(numbers > 0, own["people"].to_numpy(dtype=float), people)
        called = [_pocket(row, words) for row in own.reset_index().to_dict("records")]
        board["name"] = np.where(numbers > 0, called, board["name"])
    board["population_unserved"] = whole(pd.Series(people)).to_numpy()
    latest = said[(said["weight"] > 0) | (said["source"] == "decision")]
    latest = latest.drop_duplicates([*HEADS, "source"], keep="last")
    text = [_claim(row, rule, words) for row in latest.to_dict("records")]
    wide = latest.assign(text=text).pivot(index=HEADS, columns="source", values="text").reindex(found.index)
    of_village = wide.reindex(pd.MultiIndex.from_arrays([codes, np.zeros(len(codes), dtype=int)]))
    board["heard"] = wide.drop(columns="prediction", errors="ignore").notna().any(axis=1).to_numpy()
    for source in SOURCES:
        if source not in wide:
            board[f"said_{source}"] = None
            continue
        above = of_village[source].map(lambda claim: words("board.of_village", said=claim), na_action="ignore")
        board[f"said_{source}"] = np.where(wide[source].notna() | (numbers == 0), wide[source], above.to_numpy())
        board[f"said_{source}"] = board[f"said_{source}"].astype(object).where(board[f"said_{source}"].notna(), None)
    board["leaning"] = [_state(state, "", rule, words) for state in found["leaning"]]
    board["lean_share"] = found["lean_share"].round(3).to_numpy()
    board["decided"] = [_state(state, "", rule, words) for state in found["decided"]]
    settled = latest[latest["source"] == "decision"].set_index(HEADS).reindex(found.index)
    board["decided_on"] = settled["date"].where(found["decided"].notna()).to_numpy()
    board["decided_by"] = settled["name"].where(found["decided"].notna()).to_numpy()
    board["open"] = found["open"].to_numpy()
    board["run_id"] = str(analysis.run["run_id"])
    of_each = board.groupby("village_code_bps")
    first, most = of_each["open"].transform("any"), of_each["population_unserved"].transform("first")
    order = pd.DataFrame({"open": ~first, "people": -most.astype(float), "code": codes, "pocket": numbers})
    return board.loc[order.sort_values(["open", "people", "code", "pocket"]).index].reset_index(drop=True)


def _pocket(row: Mapping[Any, Any], words: Words) -> str:
    return pocket_name({**row, "hamlets": hamlets_of(row, words)}, words) if isinstance(row["village"], str) else ""


def write_board(analysis: RunTables, words: Words) -> bytes:
    """Return ``board.csv``."""
    return csv_bytes(board_table(analysis, words))


def _state(state: Any, source: str, rule: Rule, words: Words) -> str | None:
    if not isinstance(state, str):
        return None
    return state_word(state, rule, words) if source == "prediction" else claimed_word(state, words)


def _claim(row: dict[Any, Any], rule: Rule, words: Words) -> str:
    """The state that a source claims, with its year and whether a later list lacks the village."""
    year = f" ({row['date'][:4]})" if isinstance(row["date"], str) and row["date"] else ""
    later = f"; {words('board.dropped')}" if row["dropped"] else ""
    return f"{_state(row['state'], row['source'], rule, words)}{year}{later}"


def statement_lines(analysis: RunTables, code: str, words: Words, pocket: int = 0) -> list[tuple[str, str]]:
    """Who said what of a village or one of its pockets and when, the newest first; with the file and its weight."""
    said, rule = village_statements(analysis), board_rule(analysis)
    rows = (
        said[(said["village_code_bps"] == code) & (said["pocket"] == pocket)]
        .iloc[::-1]
        .sort_values("date", ascending=False, kind="stable")
    )
    lines = []
    for row in rows.to_dict("records"):
        more = [row["name"] if isinstance(row["name"], str) and row["source"] != "prediction" else ""]
        more.append(words("board.rows", count=row["count"]) if row["count"] > 1 else "")
        more.append(words("board.weight", weight=words.number(row["weight"], 1)) if row["weight"] else "")
        text = _claim(row, rule, words) + "".join(f" · {part}" for part in more if part)
        lines.append((words(f"core.evidence.{row['source']}"), text))
    return lines


def list_series(analysis: RunTables, words: Words) -> list[tuple[str, str]]:
    """Lists of blank spots by source and year: how many villages, which came and went; then those without names."""
    made: list[tuple[str, str]] = []
    held: dict[str, int] = {}
    names = analysis.villages.set_index("village_code_bps")["village"]
    rows = analysis.evidence if analysis.evidence is not None else pd.DataFrame(columns=EVIDENCE.names)
    rows = rows[rows["kind"].isin(("official_list", "ministry")) & (rows["claimed_state"] == "blank")]
    for kind, lists in rows.dropna(subset=["village_code_bps", "date"]).groupby("kind", sort=False):
        before, since = set[str](), ""
        for date, part in lists.groupby("date", sort=True):
            codes, year = set(part["village_code_bps"]), str(date)[:4]
            text = words("board.series.held", count=len(codes))
            for key, some in (("new", codes - before), ("gone", before - codes)) if since else ():
                called = ", ".join(sorted(str(names.get(code, code)) for code in some)[:MOST_NAMES])
                called += ", …" * (len(some) > MOST_NAMES)
                text += words(f"board.series.{key}", count=len(some), villages=called, year=since) if some else ""
            made.append((f"{words(f'core.evidence.{kind}')} {year}", text))
            before, since, held[year] = codes, year, len(codes)
    for one in published_counts(regency_of(analysis)):
        text = words("board.series.counted", count=one.villages, source=one.source.in_language(words.language))
        text += words("board.series.solved", count=one.solved) if one.solved else ""
        differs = one.date in held and held[one.date] != one.villages
        text += words("board.series.differs", held=held[one.date]) if differs else ""
        made.append((words("board.series.published", year="-".join(filter(None, (one.date, one.until)))), text))
    return made


def regency_of(analysis: RunTables) -> str:
    """Code of the regency of most of the villages."""
    return str(analysis.villages["village_code_bps"].str[:4].mode().iloc[0])


def write_minutes(analysis: RunTables, words: Words, letterhead: Any = None) -> bytes:
    """Return ``minutes.pdf``: contradictions to be decided on, and a page for each operator heard in the region."""
    about, office = provenance(analysis, words), letterhead_of(letterhead)
    board = board_table(analysis, words)
    waiting, decided = board[board["open"]], board[board["decided"].notna()]
    blank = "……………………………………"
    story: list[Flowable] = [
        *office_head(office),
        paragraph(words("board.minutes"), "title"),
        paragraph(words("board.intro", open=len(waiting), decided=len(decided), heard=int(board["heard"].sum()))),
        facts([(words(f"board.form.{name}"), blank) for name in ("day", "place", "present")]),
        *heading(words("board.open")),
        *(_board(waiting, words, "……………………") if len(waiting) else [paragraph(words("board.none"))]),
    ]
    if len(decided):
        story += [*heading(words("board.settled")), *_board(decided, words, None)]
    if series := list_series(analysis, words):
        story += [*heading(words("board.series.title")), facts(series, share=0.3)]
    story += [paragraph(words("board.weights", source=analysis.parameters.statements.source), "small")]
    story += [Spacer(1, 3 * mm), *(paragraph("• " + text, "small") for text in about.approximations)]
    story += signed(office, about.date, words)
    towers = _towers(analysis)
    for operator, own in towers.groupby("one", sort=True):
        story += [PageBreak(), *_operator_page(analysis, str(operator), own, words)]
    return build(story, about, words, words("board.minutes"))


def _board(rows: pd.DataFrame, words: Words, undecided: str | None) -> list[Flowable]:
    """Villages with what each source says, and the decision or room for it."""
    cells = []
    for row in rows.to_dict("records"):
        said = [
            f"{words(f'core.evidence.{one}')}: {row[f'said_{one}']}"
            for one in SOURCES
            if isinstance(row[f"said_{one}"], str)
        ]
        lean = f"{row['leaning']} ({words.percent(row['lean_share'])})"
        people = words.number(known(row["population_unserved"]))
        name = f"{row['name']}, {row['subdistrict']}"
        settled = (
            [row["decided"], words.date(row["decided_on"]), row["decided_by"]] if undecided is None else [undecided]
        )
        cells.append([name, people, "; ".join(said), lean, ", ".join(filter(None, settled))])
    heads = [words(f"board.column.{name}") for name in ("village", "people", "said", "leaning", "decision")]
    return [table(heads, cells, [36, 18, 62, 24, 42], numbers=(1,))]


def _towers(analysis: RunTables) -> pd.DataFrame:
    """Working cellular sites but repeaters, a row per operator (``one``) on each, with a point."""
    if analysis.assets is None:
        return pd.DataFrame(columns=["asset_id", "lon", "lat", "one", "is_sample", "mast"])
    rows = analysis.assets[analysis.assets["kind"].isin(giving_alone(analysis.parameters.kinds, "cellular"))]
    rows = rows[(rows["status"] == "operational") & rows["operator"].notna()]
    points = rows.geometry.representative_point() if len(rows) else rows.geometry
    made = pd.DataFrame({"asset_id": rows["asset_id"], "lon": points.x, "lat": points.y, "one": rows["operator"]})
    made["mast"] = mast_of(rows, analysis.parameters.kinds)
    made["is_sample"] = rows["source"] == "contoh"
    made["one"] = made["one"].str.split(r"\s*[,;/+&]\s*")
    made = made.explode("one")
    return made[made["one"].str.strip() != ""]


def _operator_page(analysis: RunTables, operator: str, own: pd.DataFrame, words: Words) -> list[Flowable]:
    """Pockets of people without service, the operator's own nearest tower, and whether to extend or to build."""
    mark = f" ({words('core.mark.mark_sample')})" if own["is_sample"].all() else ""
    page = heading(words("board.operator", operator=operator + mark))
    page.append(paragraph(words("board.own_towers", count=own["mast"].nunique())))
    if told := _complaints(analysis, operator, words):
        page.append(paragraph(told))
    pockets = analysis.pockets
    if pockets is None or not (pockets["pocket"] > 0).any():
        return [*page, paragraph(words("board.no_pockets"))]
    named = pockets[pockets["pocket"] > 0]
    rows = named.sort_values(["people", "village_code_bps"], ascending=[False, True]).head(MOST_POCKETS)
    nearest_m, nearest = _nearest(rows, own)
    kinds = analysis.parameters.kinds
    reach_m = max(kinds[kind].reach_m or 0 for kind in giving_alone(kinds, "cellular"))
    total = named["people"].sum(min_count=len(named))
    page.append(paragraph(words("board.potential", people=words.number(known(total)), count=len(named))))
    cells = []
    for row, metres, at in zip(rows.to_dict("records"), nearest_m, nearest, strict=True):
        advice = words("board.extend" if metres <= EXTENDS_M * reach_m else "board.build")
        cells.append(
            [
                f"{pocket_name(row, words)}, {row['subdistrict']}",
                words.number(known(row["people"])),
                f"{row['lat']:.5f}, {row['lon']:.5f}",
                f"{at}, {words.distance(metres)}",
                advice,
            ]
        )
    heads = [words(f"board.column.{name}") for name in ("pocket", "people", "place", "own_tower", "advice")]
    page.append(table(heads, cells, [52, 18, 34, 38, 40], numbers=(1,)))
    page.append(paragraph(words("board.advice_note", reach=words.distance(EXTENDS_M * reach_m)), "small"))
    if len(named) > len(rows):
        page.append(paragraph(words("board.more", count=len(named) - len(rows)), "small"))
    return page


def _complaints(analysis: RunTables, operator: str, words: Words) -> str:
    """How many complaints and tests name an operator, and of which villages; empty without any."""
    rows = analysis.evidence
    if rows is None or "operator" not in rows or rows["operator"].isna().all():
        return ""
    named = rows["operator"].fillna("").str.split(r"\s*,\s*").map(lambda names: operator in names)
    rows = rows[named & rows["village_code_bps"].notna() & rows["claimed_state"].isin(("blank", "weak"))]
    called = analysis.villages.set_index("village_code_bps")["village"].reindex(rows["village_code_bps"].unique())
    villages = ", ".join(called.dropna().head(MOST_NAMES)) + ", …" * (len(called) > MOST_NAMES)
    return words("board.complaints", count=len(rows), villages=villages) if len(rows) else ""


def _nearest(pockets: pd.DataFrame, own: pd.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Distance in metres from each pocket to the nearest of an operator's towers, and its identifier."""
    shape = (len(pockets), len(own))
    lon, lat = (np.broadcast_to(pockets[name].to_numpy()[:, None], shape) for name in ("lon", "lat"))
    to_lon, to_lat = (np.broadcast_to(own[name].to_numpy()[None], shape) for name in ("lon", "lat"))
    metres = np.asarray(WGS84.inv(lon.ravel(), lat.ravel(), to_lon.ravel(), to_lat.ravel())[2]).reshape(shape)
    at = metres.argmin(axis=1)
    return metres[np.arange(len(pockets)), at], own["asset_id"].to_numpy()[at]
