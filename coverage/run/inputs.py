"""Inputs of a run, from the planner's files or the region that ships."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage.base.errors import FileRefusedError, Place, RowError
from coverage.base.model_options import Measure
from coverage.base.parameters import Parameters
from coverage.imports.asset_lists import ListOptions, read_assets
from coverage.imports.evidence_lists import read_evidence
from coverage.imports.figure_lists import read_figures
from coverage.imports.landmark_lists import read_landmarks
from coverage.imports.places import Region
from coverage.places.regencies import to_keys
from coverage.places.villages import Note
from coverage.readers.basemap import Basemap, basemap_of
from coverage.readers.geofiles import read_geofile
from coverage.readers.hints import read_hints
from coverage.readers.kinds import landmark_kinds
from coverage.readers.measurements import read_measurements
from coverage.readers.parameters import read_parameters
from coverage.readers.people import read_population
from coverage.readers.people_places import tells_where_people_live
from coverage.readers.shipped import REGIONS, region_dir
from coverage.readers.village_lists import read_crosswalk
from coverage.readers.villages import other_land_among, villages_among
from coverage.run.sources import Sources
from coverage.store.drawn import boundary_file
from coverage.store.region_files import KINDS, Kind, RegionFiles, Version, files_of
from coverage.store.replacing import sha256_of

SAMPLE = "assets_sample.csv"
"""Invented assets of a region that ships; a list or inventory replaces them."""


@dataclass(frozen=True)
class Inputs:
    """Tables that a run starts from.

    Attributes
    ----------
    assets
        Table ASSETS; None without a list, which makes every service unknown.
    population_estimated
        Whether the people per village are the shipped estimates.
    people_at
        Moment (ISO, UTC) at which the region's own table of people came in, or None.
    people_imported
        Number of villages whose people come from imported lists.
    people_places
        Population raster, settlement points or building footprints, to distribute people within villages; None spreads
        them evenly.
    people_measure
        Unit of a raster, where the planner states it.
    clutter
        Tiles of land cover or of a surface model, if any.
    criteria
        The planner's own figures, indexed by ``village_code_bps``, or None.
    landmarks
        Table LANDMARKS: hamlets, public-service points, busy places; or None.
    other_land
        Forests and waters of the boundary file (:func:`coverage.places.villages.make_other_land`), or None.
    basemap, tiles
        Base map and raster tiles that the region keeps, to draw the run on; or None.
    files
        SHA-256 of every file read, by name.
    notes
        Repairs and omissions on reading: ``(code, details)``.
    """

    villages: pd.DataFrame
    assets: pd.DataFrame | None = None
    evidence: pd.DataFrame | None = None
    population_estimated: bool = False
    people_at: str | None = None
    people_imported: int = 0
    people_places: Path | None = None
    people_measure: Measure | None = None
    elevation: tuple[Path, ...] = ()
    clutter: tuple[Path, ...] = ()
    criteria: pd.DataFrame | None = None
    measurements: pd.DataFrame | None = None
    calibrate: bool = False
    landmarks: pd.DataFrame | None = None
    other_land: gpd.GeoDataFrame | None = None
    basemap: Basemap | None = None
    tiles: Basemap | None = None
    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[tuple[str, dict[str, object]], ...] = ()


def load_inputs(region: str | Path | None = None, assets: Sequence[Path] = (), **named: Any) -> Inputs:
    """Read the inputs of a run from files; with no arguments, the region that ships with its sample and official list.

    Parameters
    ----------
    region, assets, **named
        Fields of :class:`coverage.run.sources.Sources`.

    Raises
    ------
    InputError
        Naming the file, the row, the value and the remedy.
    """
    return read_inputs(Sources(region=None if region is None else str(region), assets=tuple(assets), **named))


def read_inputs(sources: Sources, boundaries: gpd.GeoDataFrame | None = None) -> Inputs:
    """Read the files of a run; what else the office keeps is added by :func:`coverage.run.stored_inputs.with_stored`.

    What is not named comes from the files that the region keeps (:mod:`coverage.store.region_files`), else from what
    ships: of a region that ships the sample of assets, of a file of boundaries no assets at all.

    Parameters
    ----------
    boundaries : features of villages, in place of those of the region

    Raises
    ------
    InputError
        Naming the file, the row, the value and the remedy.
    """
    tried = [RegionFiles(code).version(kind, name) for code, kind, name in sources.tried]
    kept = _RegionSources(files_of(sources.region), tried)
    folder = region_dir(kept.code) if kept.code in REGIONS else None
    files: dict[str, str] = {}
    crosswalk = sources.crosswalk or kept.first("crosswalk")
    table = read_crosswalk(_record_digest(crosswalk, files)) if crosswalk else None
    if boundaries is None:
        village_file = kept.first("boundaries") or boundary_file(sources.region or kept.code)
        name, features = village_file.name, read_geofile(_record_digest(village_file, files), prefer="villages")
    else:
        name, features = f"batas_desa_{sources.region}", boundaries
        files[name] = hashlib.sha256(boundaries.to_wkb().to_csv(index=False).encode()).hexdigest()
    villages, notes = villages_among(features, name, table)
    others = any(code.endswith(("forest_dropped", "water_dropped")) for code, _ in notes)
    other_land = other_land_among(features, name, table) if others else None
    people, population, measure = sources.people, None, sources.people_measure
    if people is None:
        people, population = kept.first("people"), kept.first("population")
        measure = measure or kept.measure
    notes = list(notes)
    villages, estimated = _with_people(villages, people, population, files, notes)
    region = Region(villages, crosswalk=table, elsewhere=True)
    assets, told = _assets(sources, folder, region, files)
    tiles = sources.elevation or tuple(kept.instead("elevation", []))
    clutter = sources.clutter or tuple(kept.instead("clutter", []))
    for file in (*tiles, *clutter):
        _record_digest(file, files)
    measured, told_of_measured = _measured(sources.measurements or kept.instead("measurements", []), files)
    shipped = [folder / "official_blankspots_2023.csv"] if folder else []
    lists = sources.evidence or kept.instead("evidence", shipped)
    found = [read_evidence(_record_digest(file, files), region) for file in lists]
    for file, title, dated in [(file, None, None) for file in sources.hints] or kept.named("hints"):
        hints, told_of_hints = read_hints(_record_digest(file, files), villages, title, dated)
        found, told = [*found, hints], [*told, *told_of_hints]
    inputs = Inputs(
        villages=villages,
        assets=assets,
        evidence=pd.concat(found, ignore_index=True) if found else None,
        population_estimated=estimated,
        people_at=kept.people_at,
        people_places=people if people and tells_where_people_live(people) else None,
        people_measure=measure,
        elevation=tiles,
        clutter=clutter,
        measurements=measured,
        calibrate=sources.calibrate or (kept.calibrate and not sources.measurements),
        other_land=other_land,
        basemap=kept.drawn_on("basemap"),
        tiles=kept.drawn_on("tiles"),
        files=files,
        notes=(*notes, *told, *told_of_measured),
    )
    for list_ in sources.landmarks:
        inputs = _with_list(inputs, list_)
    return with_criteria(inputs, sources.criteria, sources.facilities)


def all_ship(sources: Sources) -> bool:
    """Whether a run reads files that ship alone: none that is named, none that its region keeps or tries."""
    kept = files_of(sources.region)
    return not (sources.tried or sources.files() or kept is None or any(kept.current(kind) for kind in KINDS))


def run_parameters(sources: Sources) -> Parameters:
    """The parameters of a run: those that ship, changed by the planner's own and by the model of reach asked for.

    Raises
    ------
    ParameterError
        Naming the file, the field and the remedy.
    """
    settings = read_parameters(sources.parameters)
    return settings.model_copy(update={"reach_model": sources.reach_model}) if sources.reach_model else settings


def with_criteria(inputs: Inputs, table: Path | None = None, facilities: Path | None = None) -> Inputs:
    """Add the planner's own figures for the priority to what is there already.

    Parameters
    ----------
    table
        A list of villages with columns of numbers (:func:`coverage.imports.figure_lists.read_figures`); a column that
        is there already is replaced.
    facilities
        Public-service points, counted by village as the column ``facilities``.

    Raises
    ------
    InputError
        Naming the file, the row, the value and the remedy.
    """
    if table is None and facilities is None:
        return inputs
    codes = pd.Index(inputs.villages["village_code_bps"], name="village_code_bps")
    found = pd.DataFrame(index=codes) if inputs.criteria is None else inputs.criteria.reindex(codes)
    files = dict(inputs.files)
    notes = list(inputs.notes)
    if table:
        own, told = read_figures(_record_digest(table, files), Region(inputs.villages))
        notes += told
        found = found.drop(columns=own.columns, errors="ignore").join(own)
    inputs = replace(inputs, criteria=found if len(found.columns) else None, files=files, notes=tuple(notes))
    return _with_list(inputs, facilities, "facility") if facilities else inputs


def _with_list(inputs: Inputs, path: Path, kind: str | None = None) -> Inputs:
    """Add a list of landmarks; ``kind`` is what rows are that do not say it."""
    files = dict(inputs.files)
    found, told = read_landmarks(_record_digest(path, files), Region(inputs.villages, elsewhere=True), kind)
    return with_landmarks(replace(inputs, files=files, notes=(*inputs.notes, *told)), found, kind is not None)


def with_assets(inputs: Inputs, assets: gpd.GeoDataFrame, note: Note | None = None) -> Inputs:
    """Take assets from elsewhere than a file in place of those that ship."""
    files = {name: digest for name, digest in inputs.files.items() if name != SAMPLE}
    return replace(inputs, assets=assets, files=files, notes=(*inputs.notes, *([note] if note else [])))


def with_landmarks(inputs: Inputs, found: pd.DataFrame, counts: bool = False) -> Inputs:
    """Add landmarks to those that are there, the later one of each identifier.

    Where service points are among them, they are counted by village as the criterion ``facilities``, unless figures of
    that name are there; ``counts`` counts them in any case.
    """
    if found.empty:
        return inputs
    before = [] if inputs.landmarks is None else [inputs.landmarks]
    table = pd.concat([*before, found]).drop_duplicates("landmark_id", keep="last")
    table = table.sort_values("landmark_id", ignore_index=True)
    service = table[table["kind"].isin(landmark_kinds("service"))]
    criteria = inputs.criteria
    if len(service) and (counts or criteria is None or "facilities" not in criteria):
        codes = pd.Index(inputs.villages["village_code_bps"], name="village_code_bps")
        counted = service["village_code_bps"].value_counts().reindex(codes, fill_value=0).astype(float)
        criteria = (pd.DataFrame(index=codes) if criteria is None else criteria).assign(facilities=counted)
    return replace(inputs, landmarks=table, criteria=criteria)


class _RegionSources:
    """Files that a region keeps, or tries; none for a given boundary file."""

    def __init__(self, files: RegionFiles | None, tried: Sequence[Version] = ()) -> None:
        self.code = files.code if files else None
        self._files, self._tried = files, {version.kind: version for version in tried}
        people = self._version("people")
        population = self._version("population")
        self.people_at = str(population.about["added_at"]) if population and population.files else None
        self.measure: Measure | None = people.about.get("measure") if people else None
        measured = self._version("measurements")
        self.calibrate = bool(measured and measured.about.get("calibrate"))

    def _version(self, kind: Kind) -> Version | None:
        return self._tried.get(kind) or (self._files.current(kind) if self._files else None)

    def instead(self, kind: Kind, shipped: list[Path]) -> list[Path]:
        """Kept files of a kind, possibly none; what ships where nothing was ever kept."""
        version = self._version(kind)
        return shipped if version is None else list(version.files)

    def named(self, kind: Kind) -> list[tuple[Path, str | None, str | None]]:
        """Kept files of a kind, with what each is called for people and the date of them all."""
        version = self._version(kind)
        if version is None:
            return []
        title, dated = version.about.get("title"), version.about.get("dated")
        each: list[str | None] = [*str(title).split(", ")]
        each = each if title and len(each) == len(version.files) else [title] * len(version.files)
        return [(file, name, dated) for file, name in zip(version.files, each, strict=True)]

    def drawn_on(self, kind: Kind) -> Basemap | None:
        """What a run is drawn on; a file without figures is not among its inputs."""
        version = self._version(kind)
        return basemap_of(version.files[0], version.about) if version and version.files else None

    def first(self, kind: Kind) -> Path | None:
        """First kept file of a kind."""
        return next(iter(self.instead(kind, [])), None)


def _record_digest(path: Path, files: dict[str, str]) -> Path:
    """Record the SHA-256 of a file."""
    try:
        digest = sha256_of(path)
    except FileNotFoundError as error:
        raise FileRefusedError("file.not_found", Place(file=str(path))) from error
    except OSError as error:
        raise FileRefusedError(
            "file.unreadable", Place(file=str(path)), problem=error.strerror or str(error)
        ) from error
    files[path.name if path.name not in files else str(path)] = digest
    return path


def _with_people(
    villages: pd.DataFrame, people: Path | None, population: Path | None, files: dict[str, str], notes: list[Note]
) -> tuple[pd.DataFrame, bool]:
    """Add people to the villages; also returns whether they are the shipped estimates."""
    if people and tells_where_people_live(people):
        _record_digest(people, files)
        people = population
    people = people or population
    if people:
        table = read_population(_record_digest(people, files), villages=villages)
        table["village_code_bps"] = to_keys(table["village_code_bps"], villages)
        unknown = sorted(set(table["village_code_bps"]) - set(villages["village_code_bps"]))
        if unknown and len(unknown) == len(table):
            raise RowError(
                "villages.unknown_codes", Place(file=str(people), row=2, value=unknown[0]), codes=unknown[:5]
            )
        if unknown:
            some = ", ".join(unknown[:5])
            notes.append(
                ("villages.note.people_elsewhere", {"file": people.name, "count": len(unknown), "codes": some})
            )
        return _merged(villages, table), False
    if villages["population"].notna().all():
        return villages, bool(villages["population_basis"].notna().any())
    file = region_dir() / "villages.csv"
    shipped = _shipped_people(file, file.stat().st_mtime_ns)
    if set(villages["village_code_bps"]) <= set(shipped["village_code_bps"]):
        _record_digest(file, files)
        return _merged(villages, shipped), True
    return villages, False


@cache
def _shipped_people(path: Path, _changed: int) -> pd.DataFrame:
    return read_population(path)


def _merged(villages: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    people = table.set_index("village_code_bps").reindex(villages["village_code_bps"])
    return villages.assign(
        population=people["population"].to_numpy(dtype=float), population_basis=people["population_basis"].to_numpy()
    )


def _assets(
    sources: Sources, shipped: Path | None, region: Region, files: dict[str, str]
) -> tuple[pd.DataFrame | None, list[Note]]:
    """All asset lists joined (None without), and notes."""
    if not sources.assets:
        return (None, []) if shipped is None else (read_assets(_record_digest(shipped / SAMPLE, files))[0], [])
    options = ListOptions(
        kind=sources.assets_kind,
        columns=sources.assets_column,
        sheet=sources.assets_sheet,
        crs=sources.assets_crs,
        dates=sources.assets_dates,
        repairs=sources.assets_repair,
        skip_refused=sources.assets_skip_refused,
    )
    read = [read_assets(_record_digest(path, files), region, options) for path in sources.assets]
    return _joined([part for part, _ in read], sources.assets), [note for _, notes in read for note in notes]


def _measured(paths: Sequence[Path], files: dict[str, str]) -> tuple[pd.DataFrame | None, list[Note]]:
    """All measurements joined (None without), and notes."""
    parts, notes = [], []
    for path in paths:
        part, told = read_measurements(_record_digest(Path(path), files))
        parts.append(part)
        notes += told
    return (pd.concat(parts, ignore_index=True) if parts else None), notes


def _joined(parts: list[pd.DataFrame], files: Sequence[Path]) -> pd.DataFrame:
    """Join asset lists; a duplicate asset_id is refused, naming the second file."""
    if len(parts) == 1:
        return parts[0]
    seen: set[str] = set()
    for part, file in zip(parts, files, strict=True):
        twice = part[part["asset_id"].isin(seen)]
        if len(twice):
            raise RowError("asset.duplicate_id", Place(file=str(file), value=twice["asset_id"].iloc[0]))
        seen |= set(part["asset_id"])
    return pd.concat(parts, ignore_index=True)
