"""Tables of many regencies: what is kept of each, and the whole made of them.

What is kept of a regency is one archive that depends on nothing but its task: the rows of its own ``villages.csv`` and
``pockets.csv`` with outlines, a row of figures, and what can be built there.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from numpy.typing import NDArray

from coverage.base.errors import JangkauError
from coverage.base.schema import STATES
from coverage.exports.figures import totals
from coverage.exports.geojson import villages_frame
from coverage.exports.pockets import pockets_frame
from coverage.language.words import Words
from coverage.readers.costs import read_costs
from coverage.rollout.problem import Problem, joined
from coverage.rollout.selection import Selection, select
from coverage.run.nation import RegencyTask, as_stream, run_regency
from coverage.run.planning import default_request
from coverage.run.privacy import for_outsiders

VILLAGES, POCKETS, OPTIONS, PIECES, FIGURES = (
    "villages.arrow", "pockets.arrow", "options.arrow", "pieces.arrow", "figures.json",
)  # fmt: skip
PLANNED = ("villages_planned", "people_newly_served", "spent_idr")
PLANS = (*PLANNED, "common_villages", "common_people")
WHOLE_PLAN_GAP = 0.005
"""How far the common plan may be from the best one."""
_OPTION = ("people", "capital", "running", "piece")
_PIECE = ("piece_parent", "piece_capital", "piece_running")


@pd.option_context("mode.string_storage", "python")  # by far quicker for texts of so few rows
def regency_archive(task: RegencyTask) -> bytes:
    """Run one regency and return what is kept of it; of one that is refused a row that says why.

    Equal tasks give equal bytes, on whatever machine of one kind.
    """
    words, regency = Words(task.language), task.regency
    about = {
        "regency_code_kemendagri": regency.kemendagri,
        "regency_code_bps": regency.bps,
        "regency": regency.name,
        "province": regency.province,
    }
    try:
        found, planned = run_regency(task)
    except JangkauError as error:
        return _archive({FIGURES: _json({**about, "problem": words.error(error)})})
    found = for_outsiders(found)
    villages, pockets = villages_frame(found, words), pockets_frame(found, words)
    told = totals(villages)
    built = (len(planned.plan.rollout), planned.plan.people, planned.plan.spent_idr)
    is_known = told.states["unknown"] < told.villages  # or a plan of nothing would read as nothing to build
    figures = {
        **about,
        "villages": told.villages,
        "villages_with_people": told.villages - told.villages_without_population,
        **told.states,
        "population": _whole(told.population),
        "population_unserved": _whole(told.population_unserved),
        "population_unknown": _whole(told.population_unknown),
        "area_km2": round(told.area_km2, 3),
        "pockets": None if found.pockets is None else int((found.pockets["pocket"] > 0).sum()),
        **dict(zip(PLANNED, built if is_known else (None, None, None), strict=True)),
        "budget_assumed": planned.plan.assumed,
        "rule": found.parameters.default_rule,
        "approximations": " ".join(found.run["approximations"]),
        "run_id": found.run["run_id"],
        "problem": None,
    }
    files = {FIGURES: _json(figures), VILLAGES: _stream(villages)}
    if pockets is not None:
        files[POCKETS] = _stream(pockets)
    return _archive(files | _problem_files(planned.problem))


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def _json(figures: Mapping[str, Any]) -> bytes:
    return (json.dumps(figures, ensure_ascii=False) + "\n").encode()


def _stream(table: pd.DataFrame) -> bytes:
    """A table as a stream of Arrow, which is written and read in a fraction of Parquet's time."""
    plain, outlines = pd.DataFrame(table), table.geometry.to_numpy() if isinstance(table, gpd.GeoDataFrame) else None
    columns = {str(name): _sent(column) for name, column in plain.items() if name != "geometry"}
    if outlines is not None:
        columns["geometry"] = pa.array(shapely.to_wkb(outlines, flavor="iso"), pa.binary())
    made = pa.table(columns)
    if outlines is not None:
        made = made.replace_schema_metadata({b"geo": json.dumps(_about_outlines(outlines)).encode()})
    return as_stream(made, "zstd")


def _sent(column: pd.Series) -> pa.Array:
    if isinstance(column.dtype, pd.StringDtype):
        return pa.array(column.to_numpy(), pa.large_string(), from_pandas=True)
    return pa.array(column, from_pandas=True)


def _about_outlines(outlines: NDArray[Any]) -> dict[str, Any]:
    """What GeoParquet says of a column of outlines, EPSG:4326."""
    there = outlines[~shapely.is_missing(outlines)]
    kinds = sorted({one.geom_type for one in there[np.unique(shapely.get_type_id(there), return_index=True)[1]]})
    about: dict[str, Any] = {"encoding": "WKB", "crs": _wgs84(), "geometry_types": kinds}
    if not shapely.is_empty(there).all():
        about["bbox"] = shapely.total_bounds(there).tolist()
    return {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": about}}


@cache
def _wgs84() -> dict[str, Any]:
    return pyproj.CRS(4326).to_json_dict()


def _problem_files(problem: Problem) -> dict[str, bytes]:
    villages = np.array(problem.villages, dtype=object)[problem.village.astype(np.int64)]
    subdistricts = np.array(problem.subdistricts, dtype=object)[problem.village.astype(np.int64)]
    options = pd.DataFrame(
        {
            "village_code_bps": pd.Series(villages, dtype="str"),
            "subdistrict": pd.Series(subdistricts, dtype="str"),
            "measure": pd.Series(problem.measure, dtype="str"),
            **{name: getattr(problem, name) for name in _OPTION},
        }
    )
    pieces = pd.DataFrame({name: getattr(problem, name) for name in _PIECE})
    return {OPTIONS: _stream(options), PIECES: _stream(pieces)}


def _archive(files: Mapping[str, bytes]) -> bytes:
    """A zip without dates, stored: its parts are compressed."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content)
    return written.getvalue()


class RegencyArchive:
    """What is kept of a regency, read."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self._files = {name: archive.read(name) for name in archive.namelist()}
        self.figures: dict[str, Any] = json.loads(self._files[FIGURES])

    def table(self, name: str) -> pa.Table | None:
        """A table as it was written; None where there is none."""
        return pa.ipc.open_stream(self._files[name]).read_all() if name in self._files else None

    @property
    def problem(self) -> Problem | None:
        """What can be built there; None where nothing can, or the regency was refused."""
        options = self.table(OPTIONS)
        if options is None or not len(options):
            return None
        rows, pieces = options.to_pandas(), self.table(PIECES)
        columns: dict[str, Any] = {name: rows[name].to_numpy(dtype=np.int64) for name in _OPTION}
        columns |= {name: np.asarray(() if pieces is None else pieces[name], dtype=np.int64) for name in _PIECE}
        codes, village = np.unique(rows["village_code_bps"].to_numpy(dtype=object), return_inverse=True)
        named = rows.drop_duplicates("village_code_bps").set_index("village_code_bps")["subdistrict"]
        nothing = np.zeros(0, dtype=np.int64)
        return Problem(
            villages=tuple(codes),
            subdistricts=tuple(named[codes]),
            village=village.astype(np.int64),
            measure=tuple(rows["measure"]),
            **columns,
            years=(),
            budgets=nothing,
            weights=np.ones(len(codes)),
        )


def common_plan(
    kept: Sequence[RegencyArchive], budgets: Mapping[int, int] | None, seconds: float
) -> tuple[pd.DataFrame, Selection, dict[int, int]]:
    """One plan for all regencies under a common budget, without those whose people without service are not known.

    Parameters
    ----------
    budgets : rupiah by year; None for as many times the budget that ships as there are regencies

    Returns
    -------
    tuple
        What is built (``regency_code_kemendagri, village_code_bps, measure, year, people_newly_served, cost_idr``: the
        capital of the measure, without the trunk that routes share), the proof, and the budget.
    """
    if budgets is None:
        each = default_request(read_costs()).budgets
        budgets = {year: money * len(kept) for year, money in each.items()}
    known = [one for one in kept if one.figures.get("population_unserved") is not None]
    has = [(one, problem) for one in known if (problem := one.problem) is not None]
    problem = joined([own for _, own in has], budgets)
    found = select(problem, WHOLE_PLAN_GAP, seconds, refine=False)
    built = np.flatnonzero(found.choice.option_year >= 0)
    owner = np.repeat(np.arange(len(has)), [len(own.village) for _, own in has])[built]
    codes = np.array([one.figures["regency_code_kemendagri"] for one, _ in has], dtype=object)
    table = pd.DataFrame(
        {
            "regency_code_kemendagri": pd.Series(codes[owner], dtype="str"),
            "village_code_bps": pd.Series(problem.codes[built], dtype="str"),
            "measure": pd.Series([problem.measure[at] for at in built], dtype="str"),
            "year": np.array(problem.years, dtype=np.int64)[found.choice.option_year[built]],
            "people_newly_served": problem.people[built],
            "cost_idr": problem.capital[built],
        }
    )
    return table.sort_values(["regency_code_kemendagri", "village_code_bps"], ignore_index=True), found, dict(budgets)


def regency_table(kept: Iterable[RegencyArchive], common: pd.DataFrame) -> pd.DataFrame:
    """Table of ``regencies.csv``: a row per regency, those refused too, in the order of their Kemendagri codes.

    ``villages_planned``, ``people_newly_served`` and ``spent_idr`` are of each regency's own plan under its own budget,
    ``common_villages`` and ``common_people`` of the plan for all of them under one. Nothing can be planned where the
    people without service are not known: empty there, not zero.
    """
    rows = pd.DataFrame([one.figures for one in kept])
    columns = [name for name in _COLUMNS if name not in rows]
    rows = rows.assign(**dict.fromkeys(columns))[list(_COLUMNS)]
    rows = rows.sort_values("regency_code_kemendagri", ignore_index=True)
    by = common.groupby("regency_code_kemendagri")["people_newly_served"].agg(["size", "sum"])
    by = by.reindex(rows["regency_code_kemendagri"], fill_value=0)
    whole = [name for name in rows if name in _WHOLE]
    rows = rows.astype(dict.fromkeys(whole, "Int64"))
    at = list(rows.columns).index("budget_assumed")
    rows.insert(at, "common_villages", by["size"].to_numpy())
    rows.insert(at + 1, "common_people", by["sum"].to_numpy())
    rows[[*PLANS]] = known_plans(rows).astype("Int64")
    return rows


def known_plans(regencies: pd.DataFrame) -> pd.DataFrame:
    """Columns of plans in ``regencies.csv``, empty where the people without service are not known."""
    return regencies[[*PLANS]].mask(regencies["population_unserved"].isna())


_WHOLE = ("villages", *STATES, "population", "population_unserved", "population_unknown", "pockets", *PLANNED)
_COLUMNS = (
    "regency_code_kemendagri", "regency_code_bps", "regency", "province", *_WHOLE[:-4], "area_km2", *_WHOLE[-4:],
    "budget_assumed", "rule", "approximations", "run_id", "problem",
)  # fmt: skip


def province_table(regencies: pd.DataFrame) -> pd.DataFrame:
    """Sums of ``regencies.csv`` by province; empty where a regency's figure is not known."""
    summed = [*_WHOLE, "common_villages", "common_people"]
    groups = regencies.groupby("province", sort=False)
    known = groups[summed].agg("count").eq(groups.size(), axis=0)
    found = groups[summed].sum().where(known)
    found.insert(0, "regencies", groups.size())
    return found.reset_index()


def write_partitions(folder: Path, name: str, kept: Sequence[RegencyArchive]) -> pa.Table:
    """Write GeoParquet by province (``villages/province=35/villages.parquet``); returns all rows."""
    parts: dict[str, list[pa.Table]] = {}
    for one in sorted(kept, key=lambda each: str(each.figures["regency_code_kemendagri"])):
        table = one.table(f"{name}.arrow")
        if table is not None:
            parts.setdefault(str(one.figures["regency_code_kemendagri"])[:2], []).append(table)
    whole = []
    for province, tables in parts.items():
        table = _together(tables)
        place = folder / f"province={province}" / f"{name}.parquet"
        place.parent.mkdir(parents=True)
        pq.write_table(table, place, compression="zstd")
        whole.append(table)
    return _together(whole) if whole else None


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    """Rows of several GeoParquet tables, with the extent of them all."""
    about = [json.loads(table.schema.metadata[b"geo"]) for table in tables]
    geo, columns = about[0], [one["columns"]["geometry"] for one in about]
    geo["columns"]["geometry"]["geometry_types"] = sorted({kind for one in columns for kind in one["geometry_types"]})
    bounds = np.array([one["bbox"] for one in columns if "bbox" in one])
    if len(bounds):
        geo["columns"]["geometry"]["bbox"] = [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()]
    plain = [table.replace_schema_metadata(None) for table in tables]
    whole = pa.concat_tables(plain, promote_options="permissive")
    return whole.replace_schema_metadata({b"geo": json.dumps(geo).encode()})
