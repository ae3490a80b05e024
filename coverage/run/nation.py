"""Many regencies as one run of each: what a regency's run is given, so that any worker computes the same.

A regency is computed by the functions of its own run (:mod:`coverage.run.analysis`, :mod:`coverage.run.decisions`), on
its own villages and on the assets of the list as far as :data:`coverage.reach.assets.FAR_M` around it, so that no cut,
order or number of workers can change a row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from coverage import __version__
from coverage.base.errors import FileRefusedError, Place
from coverage.base.schema import ASSETS, check
from coverage.imports.asset_lists import read_assets
from coverage.places.regencies import Regency
from coverage.places.villages import find_columns
from coverage.reach.assets import FAR_M, SECTOR
from coverage.readers.geofiles import sniff
from coverage.readers.nation import find_region, outlines, regencies
from coverage.readers.remote import local_copy
from coverage.run.analysis import analyze, prepare
from coverage.run.decisions import decided_parameters, gather_decisions, office_plan
from coverage.run.inputs import with_assets
from coverage.run.planning import PlanResult
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.run.stored_inputs import gather_inputs
from coverage.store.existing import open_existing
from coverage.store.region_files import revision
from coverage.store.replacing import sha256_of

FORM = 3
"""Of what is kept of a regency: what was kept in another form is computed anew."""
_QUICK = "lz4"
"""Compression of what is sent: read in a quarter of zstd's time."""
PLAN_SECONDS = 600.0
"""Far beyond what a regency's plan takes: a plan cut short would depend on the machine."""
MARGIN_DEG = FAR_M / 110_000
"""Degrees of latitude that :data:`FAR_M` are, and a little more; of longitude :data:`WIDER` as many."""
WIDER = 1.05
"""Indonesia ends at 11 degrees, where a degree of longitude is 2 % shorter."""
OUTLINE_DEG = 0.01
"""A drawn regency goes no farther beyond its outline that ships."""


@dataclass(frozen=True)
class RegencyTask:
    """All that the run of one regency needs, to be sent to any worker.

    Attributes
    ----------
    sources
        As for the regency's own run; files by path or URL. Those of a cluster elsewhere keep to files alone.
    boundaries : its part of a boundary file as a stream of Arrow; None for those that it keeps, that ship or are drawn
    assets : table ASSETS around it as a stream of Arrow; None for what its own run would take
    budgets : rupiah by year; None for the plan of the office, else the budget that ships
    digests : SHA-256 of the files in ``sources``, each after what it is of
    kept : what the office keeps, as it stands (:func:`kept_now`)
    """

    regency: Regency
    sources: Sources
    boundaries: bytes | None
    assets: bytes | None
    budgets: Mapping[int, int] | None
    digests: tuple[str, ...]
    language: str
    kept: str = ""

    @cached_property
    def key(self) -> str:
        """Hash of all that decides the result."""
        digest = hashlib.sha256(
            f"{__version__} {FORM}\n{self.regency}\n{self.language}\n{self.budgets}\n{self.kept}\n".encode()
        )
        digest.update(self.sources.model_dump_json(exclude={"people", "elevation", "clutter"}).encode())
        for part in (*(each.encode() for each in self.digests), self.boundaries, self.assets):
            digest.update(b"\n--\n" if part is None else hashlib.sha256(part).digest())
        return digest.hexdigest()[:16]


def run_regency(task: RegencyTask) -> tuple[Analysis, PlanResult]:
    """The regency's own run and plan.

    Raises
    ------
    JangkauError
        As :func:`coverage.run.stored_inputs.gather_inputs`, :func:`coverage.run.analysis.analyze`.
    """
    copied = {name: _copied(getattr(task.sources, name)) for name in ("people", "elevation", "clutter")}
    sources = task.sources.model_copy(update={"region": task.regency.code, **copied})
    inputs = gather_inputs(sources, None if task.boundaries is None else _from_stream(task.boundaries))
    if task.assets is not None:
        inputs = with_assets(inputs, _from_stream(task.assets))
    decisions = gather_decisions(sources, inputs)
    parameters = decided_parameters(sources, inputs, decisions)
    ground = prepare(inputs, parameters)
    analysis = analyze(inputs, parameters, ground)
    return analysis, office_plan(analysis, ground, decisions, PLAN_SECONDS, task.budgets)


def _copied(files: Path | tuple[Path, ...] | None) -> Path | tuple[Path, ...] | None:
    if isinstance(files, tuple):
        return tuple(local_copy(str(one)) for one in files)
    return None if files is None else local_copy(str(files))


def kept_now() -> str:
    """Revisions of the store and of the regions' files: what is kept here counts in every run, and so in its hash."""
    store = open_existing()
    if store is None:
        return str(revision())
    try:
        parts = (store.assets, store.reports, store.settings)
        return str((*(part.revision() for part in parts), store.imports.records_revision(), revision()))
    finally:
        store.close()


def regencies_of(asked: Sequence[str]) -> list[Regency]:
    """Regencies by codes of provinces (``35``), codes or names of regencies; ``all`` of which villages are known.

    Returns
    -------
    list of Regency
        Each once, in the order of their Kemendagri codes.

    Raises
    ------
    FileRefusedError
        As :func:`coverage.readers.nation.find_region`.
    """
    table = regencies()
    table = table[table["villages"] > 0]
    codes = table["regency_code_kemendagri"]
    found: set[str] = set()
    for text in (part.strip() for one in asked for part in one.split(",") if part.strip()):
        inside = codes if text == "all" else codes[codes.str[:2] == text]
        found |= set(inside) if len(inside) else {find_region(text).kemendagri}
    return [find_region(code) for code in sorted(found)]


def read_nation_assets(source: str) -> gpd.GeoDataFrame:
    """Assets of a file or of all files of a folder, by path or URL.

    A GeoParquet table with the columns of :data:`coverage.base.schema.ASSETS` is taken as it is; any other list is read
    as for a run (:func:`coverage.imports.asset_lists.read_assets`).

    Raises
    ------
    InputError
        Naming the file, the row, the value and the remedy; also for an identifier that occurs twice.
    """
    path = local_copy(source)
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    parts = [_asset_table(file) for file in files]
    if not parts:
        raise FileRefusedError("file.not_found", Place(file=source))
    table = pd.concat(parts, ignore_index=True)
    twice = table["asset_id"].duplicated()
    if twice.any():
        raise FileRefusedError("asset.duplicate_id", Place(file=path.name, value=table.loc[twice, "asset_id"].iloc[0]))
    return check(gpd.GeoDataFrame(table, crs=4326).sort_values("asset_id", ignore_index=True), ASSETS)


def _asset_table(path: Path) -> gpd.GeoDataFrame:
    if path.is_file() and sniff(path) == "parquet":
        table = gpd.read_parquet(path)
        if set(ASSETS.names) - {one.name for one in ASSETS.columns if one.optional} <= set(table.columns):
            table = table.reindex(columns=[one for one in ASSETS.names if one not in SECTOR or one in table]).astype(
                {"azimuth_deg": "float64", "on_fiber": object}
            )
            table["on_fiber"] = table["on_fiber"].where(table["on_fiber"].notna(), None)
            return check(table.to_crs(4326), ASSETS)
    return read_assets(path)[0]


def boundaries_by_regency(source: str) -> dict[str, gpd.GeoDataFrame]:
    """Features of a GeoParquet file of village boundaries by the Kemendagri code of their regency (``35.05``).

    Raises
    ------
    FileRefusedError
        If it is no such file, or none of its columns has Kemendagri codes.
    """
    path = local_copy(source)
    if not path.is_file() or sniff(path) != "parquet":
        raise FileRefusedError("nation.boundaries", Place(file=path.name), offered=["GeoParquet"])
    features = gpd.read_parquet(path)
    columns = find_columns([str(name) for name in features.columns if name != "geometry"], "kemendagri")
    if not columns:
        raise FileRefusedError("nation.boundaries", Place(file=path.name), offered=["village_code_kemendagri"])
    codes = features[columns[0]].astype(str).str[:5]
    return {str(code): part.reset_index(drop=True) for code, part in features.groupby(codes, sort=True)}


def make_tasks(
    chosen: Sequence[Regency],
    sources: Sources,
    boundaries: Mapping[str, gpd.GeoDataFrame] | None,
    assets: gpd.GeoDataFrame | None,
    budgets: Mapping[int, int] | None,
    language: str,
    kept: str = "",
) -> Iterator[RegencyTask]:
    """The task of each regency, in their order; its assets are those within :data:`FAR_M`, and some more."""
    files = [("people", sources.people), ("parameters", sources.parameters)]
    files += [("elevation", file) for file in sources.elevation] + [("clutter", file) for file in sources.clutter]
    digests = tuple(f"{name} {sha256_of(local_copy(str(file)))}" for name, file in files if file is not None)
    drawn = outlines() if boundaries is None and assets is not None else None
    around = None if assets is None else _Around(assets)
    for regency in chosen:
        own: Any = None if boundaries is None else boundaries.get(regency.kemendagri)
        near = None
        if around is not None:
            outline = gpd.GeoSeries([drawn[regency.kemendagri]]) if own is None and drawn is not None else own.geometry
            bounds = outline.total_bounds
            west, south, east, north = np.asarray(bounds) + OUTLINE_DEG * np.array([-1, -1, 1, 1])
            across = MARGIN_DEG * WIDER
            box = shapely.box(west - across, south - MARGIN_DEG, east + across, north + MARGIN_DEG)
            near = as_stream(around.within(box), _QUICK)
        shapes = None if own is None else as_stream(pa.table(own.to_arrow(index=False)), _QUICK)
        yield RegencyTask(regency, sources, shapes, near, budgets, digests, language, kept)


class _Around:
    """Assets of the whole list by place.

    Points are read soonest as numbers; other shapes, which GeoArrow keeps by kind, are sent as WKB, and so is all that
    lies around the same regency.
    """

    def __init__(self, assets: gpd.GeoDataFrame) -> None:
        self._shapes = assets.geometry.to_numpy()
        self._tree = shapely.STRtree(self._shapes)
        self._are_points = (shapely.get_type_id(self._shapes) == 0) & ~shapely.is_empty(self._shapes)
        self._as_numbers = pa.table(assets[self._are_points].to_arrow(index=False, geometry_encoding="geoarrow"))
        self._number = np.cumsum(self._are_points) - 1
        self._all = None if self._are_points.all() else pa.table(assets.to_arrow(index=False))

    def within(self, box: shapely.Polygon) -> pa.Table:
        """Those that meet a box upright on its sides: a point does where its own bounds do."""
        at: NDArray[np.int64] = np.sort(self._tree.query(box))
        meets = self._are_points[at]
        meets[~meets] = shapely.intersects(self._shapes[at[~meets]], box)
        at = at[meets]
        if self._all is None or self._are_points[at].all():
            return self._as_numbers.take(self._number[at])
        return self._all.take(at)


def as_stream(table: pa.Table, compression: str) -> bytes:
    """A table as a stream of Arrow."""
    written = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(written, table.schema, options=options) as stream:
        stream.write_table(table)
    return bytes(written.getvalue())


def _from_stream(sent: bytes) -> gpd.GeoDataFrame:
    """A table that was sent (a GeoParquet of so few rows takes eight times as long to read)."""
    return gpd.GeoDataFrame.from_arrow(pa.ipc.open_stream(sent).read_all())
