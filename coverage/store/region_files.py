"""The files of a region that its users brought in or fetched: which one counts, where it is from, and the way back.

In the data folder, a region (by its code: 3505 of BPS, or 93.01 of Kemendagri where BPS has none) has a folder a kind,
and in it a folder a version, which is never changed once it is there::

    regions/3505/people/20261121T091500-1a2b3c4d/sebaran_penduduk.tif
                                                 about.json            where from, licence, SHA-256, who, when
    regions/3505/people/current.json                                   the version that counts, and those before it
    regions/active.json                                                the region shown where none is named

A change writes a new version whole and then puts ``current.json`` in place by one rename: the old state or the new one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import shutil
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from coverage.base.errors import DamagedStoreError, FileRefusedError, ParameterError, Place
from coverage.places.regencies import REGENCY_CODE
from coverage.readers.footprints import SUFFIXES as FOOTPRINTS
from coverage.readers.nation import region_code
from coverage.readers.people_places import PLACES_SUFFIXES, RASTER_SUFFIXES
from coverage.readers.shipped import REGIONS
from coverage.store.folder import data_folder
from coverage.store.permissions import Actor, require
from coverage.store.replacing import not_written, put_in_place, sha256_of

Kind = Literal[
    "boundaries", "crosswalk", "population", "people", "elevation", "clutter", "evidence", "measurements", "hints",
    "basemap", "tiles", "proposals",
]  # fmt: skip
KEPT: tuple[Kind, ...] = get_args(Kind)
KINDS: tuple[Kind, ...] = KEPT[:-1]
"""What a run is made from and shown on; files of proposals belong to the register."""
SHOWN_ON: tuple[Kind, ...] = ("basemap", "tiles")
"""What changes no figure of a run."""
STEMS: dict[Kind, str] = {
    "boundaries": "batas_desa",
    "crosswalk": "padanan_kode",
    "population": "penduduk_desa",
    "people": "sebaran_penduduk",
    "elevation": "ketinggian",
    "clutter": "tutupan_lahan",
    "evidence": "daftar_resmi",
    "measurements": "uji_lapangan",
    "hints": "petunjuk",
    "basemap": "peta_dasar",
    "tiles": "ubin",
    "proposals": "lampiran",
}
"""File names; never those of an upload."""
SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "boundaries": (".geojson", ".json", ".gpkg", ".zip", ".kml", ".kmz", ".parquet"),
    "crosswalk": (".csv", ".xlsx", ".xls"),
    "population": (".csv", ".xlsx", ".xls"),
    "people": (*RASTER_SUFFIXES[:2], ".csv", *PLACES_SUFFIXES),
    "elevation": (".tif", ".tiff", ".hgt"),
    "clutter": (".tif", ".tiff", ".csv", *FOOTPRINTS),
    "evidence": (".csv", ".xlsx", ".xls"),
    "measurements": (".csv", ".txt", ".xlsx", ".xls"),
    "hints": (".csv", ".gz", ".parquet", ".zip", ".gpkg", ".geojson"),
    "basemap": (".parquet",),
    "tiles": (".pmtiles",),
    "proposals": (".jpg", ".jpeg", ".png", ".pdf"),
}
_VERSION = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}\Z")
_OURS = re.compile(r"[A-Za-z0-9_]+\.[a-z]+")
_STALE = dt.timedelta(days=1)
_lock = threading.Lock()


@dataclass(frozen=True)
class Version:
    """An immutable version of a kind of file.

    Attributes
    ----------
    name : unique within its kind
    files : its files; empty where even what ships is not to be used
    about
        Provenance: ``title, origin`` (``upload`` or ``fetch``), ``source, licence, attribution, url, dated``
        (of the data), ``added_at, added_by, sha256`` (by file name) and more.
    """

    kind: Kind
    name: str
    files: tuple[Path, ...]
    about: Mapping[str, Any]


class RegionFiles:
    """The files of one region.

    Parameters
    ----------
    code : regency of the region, four digits of BPS, or its Kemendagri code where BPS has none

    Raises
    ------
    ParameterError
        If ``code`` is no code of a regency.
    """

    def __init__(self, code: str, folder: Path | None = None) -> None:
        if not REGENCY_CODE.fullmatch(code):
            raise ParameterError("region_files.bad_code", Place(value=code))
        self.code = code
        self.folder = regions_folder(folder) / code

    def current(self, kind: Kind) -> Version | None:
        """Current version; None where there is none."""
        name = self._state(kind)["now"]
        return self.version(kind, name) if name else None

    def before(self, kind: Kind) -> list[str | None]:
        """Names of earlier current versions, the latest last; None is what ships."""
        return list(self._state(kind)["before"])

    def version(self, kind: Kind, name: str) -> Version:
        """A version by name.

        Raises
        ------
        FileRefusedError
            If it is missing.
        """
        folder = self._folder(kind, name)
        try:
            about = _about(json.loads((folder / "about.json").read_text("utf-8")))
        except (OSError, ValueError, RecursionError) as error:
            raise FileRefusedError("region_files.missing", Place(file=str(folder)), kind=kind) from error
        return Version(kind, name, tuple(folder / file for file in about["sha256"]), about)

    def stage(self, kind: Kind, sources: Sequence[Path], about: Mapping[str, Any], who: Actor) -> Version:
        """Copy files in as a new version; :meth:`use` makes it current.

        Raises
        ------
        PermissionDeniedError
            If ``who`` may not import.
        FileRefusedError
            If a file's extension does not fit its kind.
        UnavailableError
            If the folder is read-only.
        """
        require(who, "import")
        now = dt.datetime.now(dt.UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        places = _places(kind, sources)
        try:
            self._forget_stale(kind, now)
            making = self.folder / kind / f".{name}"
            making.mkdir(parents=True)
            sums = {}
            for source, place in zip(sources, places, strict=True):
                shutil.copyfile(source, making / place)
                sums[place] = sha256_of(making / place)
            kept = {**about, "added_at": now.isoformat(timespec="seconds"), "added_by": who.name, "sha256": sums}
            _write_whole(making / "about.json", kept)
            for file in places:
                _flush(making / file)
            put_in_place(making, self._folder(kind, name))
        except OSError as error:
            raise not_written(self.folder, error) from error
        return self.version(kind, name)

    def use(self, version: Version, who: Actor) -> None:
        """Make a staged version current; :meth:`undo` reverts."""
        self._switch(version.kind, version.name, who)

    def put(self, kind: Kind, sources: Sequence[Path], about: Mapping[str, Any], who: Actor) -> Version:
        """Copy files in and make them current."""
        version = self.stage(kind, sources, about, who)
        self.use(version, who)
        return version

    def remove(self, kind: Kind, who: Actor) -> None:
        """Go back to what ships, or to nothing; :meth:`undo` reverts."""
        self._switch(kind, None, who)

    def _switch(self, kind: Kind, name: str | None, who: Actor) -> None:
        require(who, "import")
        with _lock:
            state = self._state(kind)
            if state["now"] != name:
                self._keep(kind, name, [*state["before"], state["now"]])

    def undo(self, kind: Kind, who: Actor) -> bool:
        """Revert the last change of a kind; False where there is none."""
        require(who, "import")
        with _lock:
            state = self._state(kind)
            if not state["before"]:
                return False
            self._keep(kind, state["before"][-1], state["before"][:-1])
        return True

    def point_to(self, kind: Kind, now: str | None, before: Sequence[str | None]) -> None:
        """Set the current and earlier versions, as a backup has them."""
        for name in (now, *before):
            if name is not None:
                self.version(kind, name)
        with _lock:
            self._keep(kind, now, before)

    def _folder(self, kind: Kind, name: str) -> Path:
        if kind not in KEPT or not _VERSION.match(name):
            raise FileRefusedError("region_files.missing", Place(value=name), kind=kind)
        return self.folder / kind / name

    def _state(self, kind: Kind) -> dict[str, Any]:
        path = self.folder / kind / "current.json"
        try:
            found = json.loads(path.read_text("utf-8"))
            state = {"now": found["now"], "before": list(found["before"])}
            for name in (state["now"], *state["before"]):
                if name is not None and not _VERSION.match(name):
                    raise ValueError(name)
        except FileNotFoundError:
            return {"now": None, "before": []}
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedStoreError("region_files.damaged", Place(file=str(path))) from error
        return state

    def _keep(self, kind: Kind, now: str | None, before: Sequence[str | None]) -> None:
        try:
            (self.folder / kind).mkdir(parents=True, exist_ok=True)
            _write_whole(self.folder / kind / "current.json", {"now": now, "before": list(before)})
        except OSError as error:
            raise not_written(self.folder, error) from error

    def _forget_stale(self, kind: Kind, now: dt.datetime) -> None:
        """Delete staged versions older than a day."""
        state = self._state(kind)
        for path in (self.folder / kind).glob("*/"):
            begun = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
            if path.name not in {state["now"], *state["before"]} and now - begun > _STALE:
                shutil.rmtree(path, ignore_errors=True)


def regions_folder(folder: Path | None = None) -> Path:
    """Folder of all regions' files."""
    return (folder or data_folder()) / "regions"


def region_codes() -> list[str]:
    """Regions with boundaries of their own, sorted."""
    found = [path.name for path in regions_folder().glob("*/") if REGENCY_CODE.fullmatch(path.name)]
    return sorted(code for code in found if _has_boundaries(RegionFiles(code)))


def _has_boundaries(files: RegionFiles) -> bool:
    """Whether a region keeps boundaries; what is damaged is told by whoever reads it, not by a list of regions."""
    with contextlib.suppress(DamagedStoreError, FileRefusedError):
        return files.current("boundaries") is not None
    return True


def active_code(folder: Path | None = None) -> str | None:
    """Default region; None for the one that ships."""
    path = regions_folder(folder) / "active.json"
    try:
        found = json.loads(path.read_text("utf-8"))["code"]
        if found is None or REGENCY_CODE.fullmatch(found):
            return None if found is None else str(found)
        raise DamagedStoreError("region_files.damaged", Place(file=str(path)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedStoreError("region_files.damaged", Place(file=str(path))) from error


def choose_region(code: str | None, who: Actor, folder: Path | None = None) -> None:
    """Set the default region; None for the one that ships."""
    require(who, "import")
    try:
        regions_folder(folder).mkdir(parents=True, exist_ok=True)
        _write_whole(regions_folder(folder) / "active.json", {"code": code})
    except OSError as error:
        raise not_written(regions_folder(folder), error) from error


def files_of(region: str | Path | None) -> RegionFiles | None:
    """The kept files that go with what was named as the region.

    Parameters
    ----------
    region : None for the active region, else the one that ships; a code or a name; or a file of boundaries

    Returns
    -------
    RegionFiles or None
        None for a file of boundaries: what is given by name stands for itself.
    """
    if region is None:
        return RegionFiles(active_code() or next(iter(REGIONS)))
    if Path(region).is_file():
        return None
    code = region_code(str(region)) or (str(region) if REGENCY_CODE.fullmatch(str(region)) else None)
    return RegionFiles(code) if code else None


def revision(folder: Path | None = None) -> tuple[tuple[str, int], ...]:
    """Token that changes with every change of a file."""
    home = regions_folder(folder)
    found = [*home.glob("*/*/current.json"), *home.glob("active.json")]
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in found))


def _places(kind: Kind, sources: Sequence[Path]) -> list[str]:
    """File names of ours for the files of a version."""
    places = []
    for number, source in enumerate(sources, start=1):
        suffix = source.suffix.lower()
        if suffix not in SUFFIXES[kind]:
            raise FileRefusedError("region_files.wrong_ending", Place(file=source.name), offered=SUFFIXES[kind])
        if suffix == ".hgt":  # the name of such a tile says where it lies
            places.append(_plain_tile(source.name))
        else:
            places.append(STEMS[kind] + (f"_{number}" if len(sources) > 1 else "") + suffix)
    return places


def _about(content: Any) -> dict[str, Any]:
    """What is known of a version, as it was written.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    sums = content.get("sha256") if isinstance(content, dict) else None
    if not isinstance(sums, dict) or any(not _OURS.fullmatch(name) for name in sums):
        raise ValueError("about.json")
    dt.datetime.fromisoformat(str(content.get("added_at")))
    return dict(content)


def _plain_tile(name: str) -> str:
    if not re.fullmatch(r"[NSns]\d{2}[EWew]\d{3}\.hgt", name):
        raise FileRefusedError("region_files.wrong_tile_name", Place(file=name))
    return name.upper()[:-4] + ".hgt"


def _write_whole(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON atomically (temporary file, flush, rename)."""
    making = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    making.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    _flush(making)
    put_in_place(making, path)


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
