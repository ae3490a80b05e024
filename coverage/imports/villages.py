"""Lists about villages: reports and figures. A row concerns the village that it names, or lies in.

The name decides, and the position settles which of several namesakes is meant. No row is lost, as with assets.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, Place
from coverage.base.schema import EVIDENCE, POPULATION, in_form
from coverage.imports.claims import are_codes, read_claims
from coverage.imports.columns import cells
from coverage.imports.coordinates import says_place
from coverage.imports.landmarks import with_landmarks
from coverage.imports.list_options import REPORTS, Choices
from coverage.imports.numbers import LONGEST
from coverage.imports.places import Region
from coverage.imports.placing import Placing, place_rows
from coverage.imports.raw import Note, Raw, note_count
from coverage.imports.result import Interpretation, Verdicts
from coverage.imports.stated_villages import nearest_names, village_codes
from coverage.imports.told import with_told
from coverage.imports.values import are_ahead, cleaned, date_order, read_date
from coverage.places.reconcile import reconcile
from coverage.readers.numbers import read_numbers
from coverage.readers.tables import plain

BY_PLACE = "agreed"
"""Match of a row found by position."""
FACILITIES = "facilities"
"""The figure that counts rows."""
CLAIMS = ("blank", "weak", "served")
SAID = ("code", "village", "subdistrict")
RESERVED = (
    "row", "village_code_bps", "village", "subdistrict", "match", *(f"given_{name}" for name in SAID), "name",
    "asset_id",
)  # fmt: skip
"""Columns of accepted rows that are no figures."""
_NAMES = ("village_code_bps", "village", "subdistrict")


def interpret_villages(raw: Raw, choices: Choices, region: Region | None) -> Interpretation:
    """Interpret every row as a statement about a village.

    Raises
    ------
    ColumnError
        ``imports.no_village``: no column identifies the village; ``imports.no_claim``: no claim.
    """
    notes: list[Note] = []
    table, verdicts, placing = judged_rows(raw, choices, region, notes)
    good = np.flatnonzero(verdicts.code == "")
    accepted = table.iloc[good].reset_index(drop=True)
    offers = {} if placing is None else placing.offers
    used = choices.used()
    return Interpretation(
        accepted,
        verdicts.refused(raw, offers),
        len(raw.frame),
        len(accepted),
        [*raw.notes, *notes],
        [],
        tuple(table.columns),
        tuple(column for column in raw.columns if column not in used),
        None,
        raw,
        choices,
    )


def judged_rows(
    raw: Raw, choices: Choices, region: Region | None, notes: list[Note] | None = None
) -> tuple[pd.DataFrame, Verdicts, Placing | None]:
    """All rows, accepted or not, with the verdict on each; ``notes`` takes what was understood."""
    notes = [] if notes is None else notes
    if region is not None:
        raw, choices = with_told(raw, choices, region, notes)
    if region is None or not ({"village", "village_code"} & set(choices.columns) or says_place(raw, choices.columns)):
        raise ColumnError("imports.no_village", Place(raw.file, raw.sheet), columns=raw.columns[:30])
    verdicts = Verdicts.on(raw)
    placing = (
        place_rows(raw, choices, replace(region, chosen=True), verdicts, needed=False)
        if says_place(raw, choices.columns)
        else None
    )
    if "text" in choices.columns and choices.claim is None:
        verdicts.refuse((raw.frame[choices.columns["claim"]] == "").to_numpy(), "import.text_without_state")
    table = _settled(raw, choices, region, placing, verdicts)
    notes += [] if placing is None else placing.places.notes
    _tell_doubtful(table, placing, verdicts, notes)
    if choices.record == "landmarks":
        return with_landmarks(raw, choices, table, placing, verdicts, notes), verdicts, placing
    if choices.record not in REPORTS:
        return _with_figures(raw, choices, table, verdicts, notes), verdicts, placing
    claims = _claims(raw, choices, verdicts, notes)
    dates = _dates(raw, choices, verdicts)
    if (ahead := are_ahead(dates)).any():
        notes.append(("imports.note.future_reports", {"count": int(ahead.sum()), "value": dates[ahead][0]}))
    table = table.assign(kind=choices.record, claimed_state=claims, date=dates, source=raw.file, lon=np.nan, lat=np.nan)
    for name, what in (("landmark", "hamlet"), ("operator", "operator")):
        table[name] = cleaned(cells(raw, choices.columns, choices.also, what)) if what in choices.columns else None
    if placing is not None:
        there = placing.located["where"].notna().to_numpy()
        points = shapely.point_on_surface(placing.places.shapes[there])
        table.loc[there, "lon"], table.loc[there, "lat"] = shapely.get_x(points), shapely.get_y(points)
    return table, verdicts, placing


def _settled(raw: Raw, choices: Choices, region: Region, placing: Placing | None, verdicts: Verdicts) -> pd.DataFrame:
    """Village of each row, by name and code, else by position; with its confidence, and what the row says."""
    villages = pd.DataFrame(region.villages.drop(columns="geometry"))
    given = _given(raw, choices)
    found = reconcile(given.assign(row=raw.frame.index.to_numpy()), villages, region.crosswalk)
    none = ((given["village"] == "") & (given["code"] == "")).to_numpy()
    village = np.array(found["village_code_bps"].replace("", None), dtype=object)
    match = np.array(found["status"], dtype=object)
    candidates = found["candidates"].tolist()
    lies = [None] * len(village) if placing is None else placing.located["village_code_bps"].tolist()
    for at in np.flatnonzero(verdicts.code == ""):
        here = lies[at] if isinstance(lies[at], str) else None
        unsure = "text" in choices.columns and village[at] is None  # a place is surer than a word
        if here is not None and (none[at] or unsure or (match[at] == "ambiguous" and here in candidates[at])):
            village[at], match[at] = (
                here,
                "name_conflict" if unsure and match[at] == "not_found" and not none[at] else BY_PLACE,
            )
        elif none[at]:
            verdicts.code[at] = "import.no_village"
        elif village[at] is None:
            verdicts.code[at] = _unsettled(match[at], given["code"].iloc[at])
            verdicts.details[at] = {
                **{name: given[name].iloc[at] or "–" for name in SAID},
                "candidates": candidates[at] or "–",
                "nearest": nearest_names(given["village"].iloc[at], region),
            }
    names = villages.set_index("village_code_bps")[list(_NAMES[1:])].reindex(village)
    return pd.DataFrame(
        {
            "row": raw.frame.index.to_numpy(),
            "village_code_bps": village,
            **{name: names[name].to_numpy(dtype=object) for name in names.columns},
            "match": match,
            **{f"given_{name}": given[name].replace("", None).to_numpy(dtype=object) for name in SAID},
        }
    )


def _unsettled(match: str, code: str) -> str:
    """Why no village was found: a code that is not there contradicts nothing."""
    if match == "not_found":
        return "import.unknown_village"
    if code:
        return "import.code_and_name_differ"
    return "import.several_villages" if match == "ambiguous" else "import.other_subdistrict"


def _tell_doubtful(table: pd.DataFrame, placing: Placing | None, verdicts: Verdicts, notes: list[Note]) -> None:
    """Note rows whose village contradicts code, name or position."""
    if placing is not None:
        lies = placing.located["village_code_bps"]
        elsewhere = (verdicts.code == "") & (lies.notna() & (lies != table["village_code_bps"])).to_numpy()
        note_count(notes, "imports.note.named_elsewhere", elsewhere)
    doubtful = table[(verdicts.code == "") & ~table["match"].isin(("agreed", "spelling")).to_numpy()]
    if len(doubtful):
        said = [
            f"{row['given_village'] or '–'} {row['given_code'] or ''} → {row['village']} ({row['subdistrict']})"
            for row in doubtful.head(5).to_dict("records")
        ]
        notes.append(("imports.note.doubtful_villages", {"count": len(doubtful), "villages": "; ".join(said)}))


def _given(raw: Raw, choices: Choices) -> pd.DataFrame:
    """Village as stated in each row; codes in parts are joined."""
    columns = choices.columns
    given = pd.DataFrame(
        {
            what: cleaned(cells(raw, columns, choices.also, what)) if what in columns else None
            for what in ("village", "subdistrict", "regency")
        },
        index=range(len(raw.frame)),
    )
    given["code"] = None
    if "village_code" in columns:
        given["code"] = village_codes(raw, choices)
    return given.astype(object).where(given.notna(), "")


def _claims(raw: Raw, choices: Choices, verdicts: Verdicts, notes: list[Note]) -> NDArray[np.object_]:
    if "claim" not in choices.columns:
        if choices.claim is None:
            raise ColumnError("imports.no_claim", Place(raw.file, raw.sheet), offered=list(CLAIMS))
        return np.full(len(raw.frame), choices.claim, dtype=object)
    column = choices.columns["claim"]
    written = [text.strip(" -–—._") for text in cells(raw, choices.columns, choices.also, "claim")]
    title = "" if raw.block is None or not len(raw.block) else str(raw.block[0])
    found, told = read_claims(written, f"{raw.file} {raw.sheet or ''} {title} {column}")
    notes += told
    made = np.array(
        [state if text else choices.claim for state, text in zip(found, written, strict=True)], dtype=object
    )
    bad = np.asarray(pd.isna(made), dtype=bool)
    if choices.record == "survey":
        verdicts.refuse(np.array([not text for text in written]), "import.no_answer")
    verdicts.refuse(
        bad,
        "import.podes_edition" if are_codes([text for text in written if text]) else "import.unknown_claim",
        {int(at): {"value": written[at] or "–", "offered": list(CLAIMS)} for at in np.flatnonzero(bad)},
    )
    return made


def _dates(raw: Raw, choices: Choices, verdicts: Verdicts) -> NDArray[np.object_]:
    made = np.full(len(raw.frame), choices.dated, dtype=object)
    if "reported_on" not in choices.columns:
        return made
    written = cleaned(cells(raw, choices.columns, choices.also, "reported_on"))
    order = choices.dates or date_order(written.tolist())
    unsure, told = np.zeros(len(made), dtype=bool), {}
    for at, text in enumerate(written):
        if text is not None:
            made[at], both = read_date(text, order)
            if both:
                unsure[at], told[at] = True, {"value": text, "first": both[0], "second": both[1]}
    verdicts.refuse(unsure, "import.date_order", told)
    return made


def _with_figures(
    raw: Raw, choices: Choices, table: pd.DataFrame, verdicts: Verdicts, notes: list[Note]
) -> pd.DataFrame:
    """Add a numeric column per figure; with none, count rows by village."""
    named = {
        **({POPULATION: choices.columns[POPULATION]} if POPULATION in choices.columns else {}),
        **{figure_name(name): name for name in choices.figures},
    }
    if not named:
        notes.append(("imports.note.counted", {"count": int((verdicts.code == "").sum())}))
        return table.assign(**{FACILITIES: 1.0})
    bare = [name for name in choices.figures if plain(name) in ("jumlah", "jml", "total")]
    if bare and POPULATION not in named:
        notes.append(("imports.note.bare_count", {"column": bare[0]}))
    made: dict[str, NDArray[np.float64]] = {}
    for figure, column in named.items():
        written = raw.frame[column].tolist()
        made[figure], unread, grouped = read_numbers(written, "cell" if figure == POPULATION else "column")
        if figure == POPULATION:
            unread |= (made[figure] < 0) | (made[figure] > 1e7) | (made[figure] % 1 != 0) & np.isfinite(made[figure])
        told: dict[int, dict[str, Any]] = {
            int(at): {"value": written[at], "column": column} for at in np.flatnonzero(unread)
        }
        verdicts.refuse(unread, "import.bad_figure", told)
        shared = np.array([(row, column) in raw.spanning for row in raw.frame.index]) & np.isfinite(made[figure])
        verdicts.refuse(
            shared,
            "import.shared_figure",
            {int(at): {"value": written[at].removesuffix(".0"), "column": column} for at in np.flatnonzero(shared)},
        )
        if grouped:
            sample = next(text for text in written if "." in text or "," in text)
            notes.append(("imports.note.thousands", {"column": column, "value": sample}))
    table = table.assign(**made)
    good = verdicts.code == ""
    twice = table["village_code_bps"].where(good, None).duplicated(keep=False).to_numpy() & good
    verdicts.refuse(
        twice, "import.village_twice", {int(at): {"village": table["village"].iloc[at]} for at in np.flatnonzero(twice)}
    )
    return table


def figure_name(column: str) -> str:
    """Name of a figure: its column's name on one line."""
    name = " ".join(column.split())[:LONGEST]
    return f"{name}_" if name in RESERVED else name


def as_evidence(accepted: pd.DataFrame, begins: str) -> pd.DataFrame:
    """Accepted reports as evidence (:data:`coverage.base.schema.EVIDENCE`), identifiers prefixed with ``begins``."""
    source = accepted["source"].astype(str).str.replace(":", "_", regex=False)
    names = [f"{begins}/{file}:{row}" for file, row in zip(source, accepted["row"], strict=True)]
    return in_form(accepted.assign(evidence_id=names).reset_index(drop=True), EVIDENCE)
