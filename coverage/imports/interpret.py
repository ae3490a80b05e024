"""Interpret rows as records, each accepted or refused with its reason; none is lost."""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.errors import ColumnError, Place
from coverage.base.kinds import GEOMETRY_TYPES, Geometry
from coverage.base.schema import ASSETS
from coverage.imports.blocks import EXCEL_ERRORS
from coverage.imports.columns import cells
from coverage.imports.coordinates import says_place
from coverage.imports.fields import Fields, read_fields
from coverage.imports.list_options import Choices
from coverage.imports.places import Region
from coverage.imports.placing import Placing, place_rows
from coverage.imports.raw import Note, Raw, note_count
from coverage.imports.result import PLACED, Interpretation, Verdicts
from coverage.imports.routes import join_routes
from coverage.imports.stated_villages import stated_villages
from coverage.imports.villages import interpret_villages
from coverage.places.codes import read_name
from coverage.readers.kinds import asset_kinds

COLLECTION = 7
"""Shapely's number of a collection of geometries."""


def interpret(raw: Raw, choices: Choices, region: Region | None = None) -> Interpretation:
    """Interpret every row as ``choices.record``.

    Parameters
    ----------
    region : what rows are checked against; None for Indonesia alone

    Raises
    ------
    ColumnError
        ``imports.no_kind``, ``imports.no_place`` or ``imports.no_place_but_villages``: kind or position is missing.
    CrsError
        ``imports.wrong_zone``, ``imports.swapped_axes``: all features of a map lie elsewhere for that reason.
    """
    _require_columns(raw, choices)
    if choices.record != "assets":
        return interpret_villages(raw, choices, region)
    _require_usable(raw, choices)
    verdicts = Verdicts.on(raw)
    verdicts.code[(verdicts.code == "import.excel_error") & ~_rests_on_error(raw, choices)] = ""
    placing = place_rows(raw, choices, region, verdicts)
    _tell_note_rows(raw, verdicts)
    fields = read_fields(raw, choices)
    for code, where, details in fields.faults:
        verdicts.refuse(where, code, details)
    entered = stated_villages(raw, choices, placing.region, placing.located["village_code_bps"])
    here = placing.located["village_code_bps"].notna().to_numpy()
    for code, where, details in entered.faults:
        verdicts.refuse(where & here if region is not None and region.elsewhere else where, code, details)
    notes = [*placing.places.notes, *fields.notes, *entered.notes]
    fields.unread |= entered.doubtful
    return _result(raw, choices, placing, verdicts, fields, entered.code, notes)


def _tell_note_rows(raw: Raw, verdicts: Verdicts) -> None:
    """Flag rows without a position and with one text only as headings, notes or signatures."""
    if raw.shapes is not None or len(raw.columns) < 4:
        return
    filled = (raw.frame != "").to_numpy()
    cells = raw.frame.to_numpy(dtype=object)
    for at in np.flatnonzero((verdicts.code == "import.no_coordinates") & (filled.sum(axis=1) == 1)):
        text = str(cells[at][filled[at]][0])
        if any(c.isalpha() for c in text):
            verdicts.code[at], verdicts.details[at] = "import.note_row", {"value": text[:80]}


def _rests_on_error(raw: Raw, choices: Choices) -> NDArray[np.bool_]:
    """Rows of which something that is used is an error of Excel."""
    return np.asarray(raw.frame[sorted(choices.used())].isin(EXCEL_ERRORS).any(axis=1), dtype=bool)


def _require_columns(raw: Raw, choices: Choices) -> None:
    more = [(what, name) for what, names in choices.also.items() for name in names]
    for what, column in (*choices.columns.items(), *more, *(("figures", name) for name in choices.figures)):
        if column not in raw.frame.columns:
            raise ColumnError(
                "imports.no_such_column",
                Place(raw.file, raw.sheet, column=column),
                wanted=what,
                columns=raw.columns[:30],
            )


def _require_usable(raw: Raw, choices: Choices) -> None:
    place = Place(file=raw.file, sheet=raw.sheet)
    columns = choices.columns
    if not says_place(raw, columns):
        of_villages = {"village", "village_code"} & set(columns)
        raise ColumnError(
            "imports.no_place_but_villages" if of_villages else "imports.no_place", place, columns=raw.columns[:30]
        )
    if choices.kind is None and "kind" not in columns:
        raise ColumnError("imports.no_kind", place, offered=list(asset_kinds()))
    if choices.kind is not None and choices.kind not in asset_kinds():
        raise ColumnError(
            "imports.unknown_kind_chosen", Place(raw.file, value=choices.kind), offered=list(asset_kinds())
        )


def _result(
    raw: Raw,
    choices: Choices,
    placing: Placing,
    verdicts: Verdicts,
    fields: Fields,
    entered: NDArray[np.object_],
    notes: list[Note],
) -> Interpretation:
    located = placing.located
    table = fields.table.assign(
        geometry=placing.places.shapes,
        row=raw.frame.index.to_numpy(),
        rows=1,
        sheet=raw.sheets_of(),
        village_code_entered=entered,
        **{name: located[name] for name in PLACED},
    )
    _take_fitting_parts(table, notes)
    join_routes(raw, table, verdicts, notes)
    wrong = _wrong_geometry(table, verdicts.code)
    verdicts.refuse(
        wrong, "import.wrong_geometry", {int(at): {"kind": table["kind"].iloc[at]} for at in np.flatnonzero(wrong)}
    )
    verdicts.refuse(_doubled(table, verdicts.code), "import.doubled")
    twins = _near_twins(table, verdicts.code, notes)
    if not {"name", "asset_id"} & set(choices.columns):
        notes.append(("imports.note.no_name", {}))
    differs = (
        pd.notna(entered) & located["village_code_bps"].notna() & (entered != located["village_code_bps"])
    ).to_numpy() | _in_other_subdistrict(raw, choices, located)
    differs &= verdicts.code == ""
    note_count(notes, "imports.note.other_village", differs)
    far = located["where"].isin(("far", "edge")).to_numpy()
    table["needs_check"] = fields.unread | placing.places.odd | differs | far | twins | _cut_off(raw, choices, notes)
    good = (verdicts.code == "") & (table["rows"].to_numpy() > 0)
    accepted = gpd.GeoDataFrame(
        table.loc[
            good,
            [*ASSETS.names[:-1], "village_code_entered", "needs_check", "row", "rows", "sheet", *PLACED, "geometry"],
        ].reset_index(drop=True),
        geometry="geometry",
        crs="EPSG:4326",
    )
    used = choices.used() | fields.kept
    return Interpretation(
        accepted,
        verdicts.refused(raw, placing.offers),
        len(raw.frame),
        int(accepted["rows"].sum()),
        [*raw.notes, *notes],
        fields.gathered,
        fields.filled,
        tuple(column for column in raw.columns if column not in used),
        placing.area,
        raw,
        choices,
    )


def _in_other_subdistrict(raw: Raw, choices: Choices, located: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows in another subdistrict than stated."""
    if "subdistrict" not in choices.columns:
        return np.zeros(len(raw.frame), dtype=bool)
    said = np.array(
        [_subdistrict_key(text) for text in cells(raw, choices.columns, choices.also, "subdistrict")], dtype=object
    )
    lies = located["subdistrict"].map(_subdistrict_key).to_numpy(dtype=object)
    found: NDArray[np.bool_] = np.asarray((said != "") & (lies != "") & (said != lies), dtype=bool)
    return found


@lru_cache(maxsize=10_000)
def _subdistrict_key(name: object) -> str:
    return read_name(name, "subdistrict").key if isinstance(name, str) and name else ""


def _take_fitting_parts(table: pd.DataFrame, notes: list[Note]) -> None:
    """Of a feature of several geometries, those that fit its kind, in place."""
    shapes, kinds = table["geometry"].to_numpy(dtype=object).copy(), asset_kinds()
    done = 0
    for at in np.flatnonzero(shapely.get_type_id(shapes) == COLLECTION):
        wanted, parts = kinds.of(table["kind"].iloc[at]).geometry, shapely.get_parts(shapes[at])
        fitting = parts[_fits(parts, wanted)]
        if len(fitting) == 1 or (wanted != "point" and len(fitting)):
            whole = fitting[0] if len(fitting) == 1 else shapely.union_all(fitting)
            shapes[at] = shapely.line_merge(whole) if len(fitting) > 1 and wanted == "line" else whole
            done += 1
    if done:
        table["geometry"] = shapes
        notes.append(("imports.note.fitting_part", {"count": done}))


def _fits(shapes: NDArray[np.object_], geometry: Geometry) -> NDArray[np.bool_]:
    """Which shapes are of a geometry."""
    names = [None if shape is None else shape.geom_type for shape in shapes]
    return np.isin(np.array(names, dtype=object).astype(str), GEOMETRY_TYPES[geometry])


def _wrong_geometry(table: pd.DataFrame, code: NDArray[np.object_]) -> NDArray[np.bool_]:
    shapes, kinds = table["geometry"].to_numpy(dtype=object), asset_kinds()
    wrong = (code == "") & (table["rows"] > 0).to_numpy()
    wanted = table["kind"].map(lambda kind: kinds.of(kind).geometry).to_numpy()
    for form in GEOMETRY_TYPES:
        of_form = np.flatnonzero(wrong & (wanted == form))
        wrong[of_form] = ~_fits(shapes[of_form], form)
    return np.asarray(wrong, dtype=bool)


def _doubled(table: pd.DataFrame, code: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Rows without identifier that repeat kind, position and name of an earlier one."""
    doubled = np.zeros(len(table), dtype=bool)
    rows = np.flatnonzero((code == "") & table["asset_id"].isna().to_numpy() & (table["rows"] > 0).to_numpy())
    if len(rows):
        part = pd.DataFrame(
            {
                "kind": table["kind"].to_numpy()[rows],
                "name": table["name"].fillna("").to_numpy()[rows],
                "place": shapely.to_wkb(table["geometry"].to_numpy(dtype=object)[rows]),
            }
        )
        doubled[rows[part.duplicated().to_numpy()]] = True
    return doubled


def _near_twins(table: pd.DataFrame, code: NDArray[np.object_], notes: list[Note]) -> NDArray[np.bool_]:
    """Assets of one kind at one place whose names differ in case, blanks or punctuation alone."""
    rows = np.flatnonzero((code == "") & table["name"].notna().to_numpy() & (table["rows"] > 0).to_numpy())
    names = table["name"].to_numpy(dtype=object)[rows]
    part = pd.DataFrame(
        {
            "kind": table["kind"].to_numpy()[rows],
            "place": shapely.to_wkb(table["geometry"].to_numpy(dtype=object)[rows]),
            "key": ["".join(c for c in str(name).casefold() if c.isalnum()) for name in names],
            "name": names,
        }
    )
    found = np.zeros(len(table), dtype=bool)
    if part.empty:
        return found
    near = (part.groupby(["kind", "place", "key"])["name"].transform("nunique") > 1).to_numpy()
    found[rows[near]] = True
    if near.any():
        told = " / ".join(part.loc[near].groupby(["kind", "place", "key"], sort=False)["name"].first().iloc[:3])
        notes.append(("imports.note.near_names", {"count": int(near.sum()), "values": told}))
    return found


def _cut_off(raw: Raw, choices: Choices, notes: list[Note]) -> NDArray[np.bool_]:
    """Last row of a text file that ends mid-line, where the position stands at the end of the line."""
    cut = np.zeros(len(raw.frame), dtype=bool)
    if raw.unfinished and raw.columns[-1] in {
        choices.columns.get(what) for what in ("lat", "lon", "coordinates", "geometry")
    }:
        cut[-1] = True
        notes.append(("imports.note.unfinished", {"row": int(raw.frame.index[-1])}))
    return cut
