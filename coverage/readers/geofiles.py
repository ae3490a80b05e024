"""Read geometry safely: GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ, GPX and GeoParquet.

The format is told by content, never by name: GDAL opens whatever it recognises, and a text named ``x.geojson`` can
point it at another file of the server. So GDAL only sees a GeoPackage or Shapefile, under a name of ours, in a
temporary folder, in a sandboxed process (:mod:`coverage.readers.confined`); other formats are read without it.
"""

from __future__ import annotations

import json
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from coverage.base.errors import CrsError, FileRefusedError, InputError, Place, RowError
from coverage.readers.confined import SeveralLayersError, read_confined
from coverage.readers.gpx import read_gpx
from coverage.readers.kml import read_kml
from coverage.readers.limits import columns_of

MAX_BYTES = 200 * 2**20
"""Size limit, packed or unpacked."""
MAX_RATIO = 100
MOST_LAYERS = 100
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    shapely.errors.ShapelyError,
)
"""Exceptions of the libraries on a damaged file; GDAL's errors are RuntimeErrors."""
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_geofile(
    path: str | Path, prefer: str | None = None, crs: str | None = None, loose: bool = False, name: str | None = None
) -> gpd.GeoDataFrame:
    """Read the features of a file of geometry.

    Parameters
    ----------
    path : a GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ or GeoParquet file, whatever its name
    prefer : name of the layer to take where a GeoPackage or an archive of Shapefiles has several
    crs : what the coordinates are; it counts also where the file says otherwise
    loose
        Whether a feature whose geometry cannot be read is a row without geometry, its position listed in
        ``attrs["bad_rows"]``, rather than the end of the file.
    name : what the file is called for people; its own name if left out

    Returns
    -------
    GeoDataFrame
        One feature a row, EPSG:4326, indexed from 0, with the columns of the source.

    Raises
    ------
    FileRefusedError
        Not there, too large, damaged, not one of these formats, or with more than one layer.
    CrsError
        Without a coordinate reference system.
    """
    path = Path(path)
    if not path.is_file():
        raise FileRefusedError("file.not_found", Place(file=str(path)))
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FileRefusedError("geofile.too_large", Place(file=path.name), limit_mb=MAX_BYTES // 2**20)
    kind = sniff(path)
    if kind is None:
        raise FileRefusedError("geofile.unknown_format", Place(file=path.name))
    file = name or path.name
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        try:
            if kind in ("gpkg", "zip"):
                features = (_gpkg if kind == "gpkg" else _zip)(path, Path(folder), prefer)
            elif kind == "geojson":
                features = _geojson(path, Path(folder), loose)
            elif kind == "kml":
                features = read_kml(path.read_bytes(), path.name, loose)
            else:
                features = READERS[kind](path, Path(folder))
        except InputError:
            raise
        except DAMAGE as error:
            raise FileRefusedError("file.unreadable", Place(file=file), problem=_short(error)) from error
    if crs is not None:
        features = features.set_crs(_known_crs(crs, file), allow_override=True)
    declared = features.crs.name if features.crs is not None and not features.crs.is_geographic else None
    code = features.crs.to_authority() if declared else None
    found = _in_degrees(features, file, loose)
    found.attrs |= {
        "bad_rows": features.attrs.get("bad_rows", []),
        "guessed_encoding": features.attrs.get("guessed_encoding", False),
        "long_positions": features.attrs.get("long_positions", 0),
        "declared": declared,
        "authority": ":".join(code) if code else None,
    }
    return found


GEOMETRY_FORMATS = ("geojson", "gpkg", "kml", "parquet", "shp")


def sniff(path: Path) -> str | None:
    """Format by content: ``geojson``, ``kml``, ``gpx``, ``gpkg``, ``zip``, ``shp`` or ``parquet``."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg" if head[68:72] in (b"GPKG", b"GP10", b"GP11") else None
    for magic, kind in ((b"PK\x03\x04", "zip"), (b"PAR1", "parquet"), (b"\x00\x00\x27\x0a", "shp")):
        if head.startswith(magic):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "geojson"
    for mark, kind in ((b"<kml", "kml"), (b"<gpx", "gpx")):
        if text.startswith(b"<") and mark in text:
            return kind
    return None


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _known_crs(text: str, file: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except ProjError as error:
        raise CrsError("geofile.unknown_crs", Place(file=file, value=text[:80])) from error


def _in_degrees(features: gpd.GeoDataFrame, file: str, loose: bool = False) -> gpd.GeoDataFrame:
    """Features in EPSG:4326; refused without a CRS.

    A single number out of range is no CRS: ``loose`` looks at what most features have.
    """
    if features.crs is None:
        raise CrsError("geofile.no_crs", Place(file=file))
    if features.crs.is_geographic:
        bounds = np.abs(features.geometry.bounds.to_numpy())
        bounds = bounds[np.isfinite(bounds).all(axis=1)].max(axis=1, initial=0.0)
        largest = float((np.median(bounds) if loose else bounds.max()) if len(bounds) else 0.0)
        if largest > 360:
            raise CrsError("geofile.metres_as_degrees", Place(file=file, value=f"{largest:.0f}"))
        if loose and features.crs in (CRS("OGC:CRS84"), CRS("EPSG:4326")):
            return features.set_crs("EPSG:4326", allow_override=True).reset_index(drop=True)
    return features.to_crs("EPSG:4326").reset_index(drop=True)


def _geojson(path: Path, folder: Path, loose: bool = False) -> gpd.GeoDataFrame:
    """GeoJSON is CRS84 by definition; the ``crs`` member of its 2008 version is honoured."""
    text = path.read_text("utf-8-sig")
    content = json.loads(text)
    found = content.get("features") if content.get("type") == "FeatureCollection" else [content]
    if not isinstance(found, list) or not all(isinstance(f, dict) and f.get("type") == "Feature" for f in found):
        raise FileRefusedError("geofile.unknown_format", Place(file=path.name))
    crs = _geojson_crs(content.get("crs"), path.name)
    shapes, bad, long = _shapes(text, found)
    if bad and not loose:
        raise RowError(
            "geofile.bad_geometry",
            Place(file=path.name, row=bad[0] + 1, value=json.dumps(found[bad[0]]["geometry"])[:80]),
        )
    columns_of((f.get("properties") or {} for f in found), len(found), path.name)
    properties = pd.DataFrame([f.get("properties") or {} for f in found], index=range(len(found)))
    features = gpd.GeoDataFrame(properties.drop(columns="geometry", errors="ignore"), geometry=shapes, crs=crs)
    features.attrs |= {"bad_rows": bad, "long_positions": long}
    return features


def _shapes(text: str, found: list[dict[str, Any]]) -> tuple[NDArray[np.object_], list[int], int]:
    """Geometries, unreadable features, and how many have positions of more than three numbers.

    Parsed in one pass; feature by feature only where that fails.
    """
    if all(f.get("geometry") for f in found) and len(found) > 1:
        parts: NDArray[np.object_] = shapely.get_parts(shapely.from_geojson(text, on_invalid="ignore"))
        if len(parts) == len(found):
            return parts, [], 0
    texts = [json.dumps(f["geometry"]) if f.get("geometry") else None for f in found]
    shapes = shapely.from_geojson(texts, on_invalid="ignore")
    bad = [at for at, one in enumerate(texts) if one is not None and shapes[at] is None]
    if not bad:
        return shapes, [], 0
    short = [json.dumps(_flat_positions(found[at]["geometry"])) for at in bad]
    shapes[bad] = shapely.from_geojson(short, on_invalid="ignore")
    lost = [at for at in bad if shapes[at] is None]
    return shapes, lost, len(bad) - len(lost)


def _flat_positions(value: Any) -> Any:
    """A geometry with two-dimensional positions."""
    if isinstance(value, dict):
        return {name: _flat_positions(part) for name, part in value.items()}
    if isinstance(value, list) and len(value) > 3 and all(isinstance(one, int | float) for one in value):
        return value[:2]
    return [_flat_positions(part) for part in value] if isinstance(value, list) else value


def _geojson_crs(member: Any, file: str) -> CRS:
    if member is None:
        return CRS("OGC:CRS84")
    try:
        return CRS.from_user_input(member["properties"]["name"])
    except (ProjError, TypeError, KeyError) as error:
        raise CrsError("geofile.unknown_crs", Place(file=file, value=str(member)[:80])) from error


def _kml(path: Path, folder: Path) -> gpd.GeoDataFrame:
    return read_kml(path.read_bytes(), path.name)


def _gpx(path: Path, folder: Path) -> gpd.GeoDataFrame:
    return read_gpx(path.read_bytes(), path.name)


def _zip(path: Path, folder: Path, prefer: str | None = None) -> gpd.GeoDataFrame:
    """A KMZ or zipped Shapefile; members are extracted under names of ours."""
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX")]
        unpacked = sum(m.file_size for m in members)
        packed = max(1, sum(m.compress_size for m in members))
        if unpacked > MAX_BYTES or unpacked > MAX_RATIO * packed:
            raise FileRefusedError("geofile.bomb", Place(file=path.name), limit_mb=MAX_BYTES // 2**20, ratio=MAX_RATIO)
        if any(_leaves(m) for m in members):
            raise FileRefusedError("geofile.unsafe_archive", Place(file=path.name))
        documents = [m for m in members if m.filename.lower().endswith(".kml")]
        shapes = [m for m in members if m.filename.lower().endswith(".shp")]
        shapes = [m for m in shapes if m.filename == prefer] or shapes
        if len(shapes) > 1:
            raise FileRefusedError(
                "geofile.several_layers", Place(file=path.name), layers=[m.filename for m in shapes][:MOST_LAYERS]
            )
        if shapes:
            stem = PurePosixPath(shapes[0].filename).with_suffix("")
            for member in members:
                name = PurePosixPath(member.filename)
                if name.with_suffix("") == stem and name.suffix.lower() in SHAPEFILE_PARTS:
                    with archive.open(member) as source, (folder / f"layer{name.suffix.lower()}").open("wb") as target:
                        shutil.copyfileobj(source, target)
            return _shapefile(folder, path.name)
        if documents:
            return _documents([archive.read(member) for member in documents], path.name)
    raise FileRefusedError("geofile.unknown_format", Place(file=path.name))


def _documents(contents: list[bytes], file: str) -> gpd.GeoDataFrame:
    """The placemarks of every document of a KMZ: one that only links to the others has none of its own."""
    parts, empty = [], None
    for content in contents:
        try:
            parts.append(read_kml(content, file, True))
        except FileRefusedError as error:
            if error.code != "geofile.no_layer":
                raise
            empty = error
    if not parts:
        raise empty or FileRefusedError("geofile.no_layer", Place(file=file))
    bad, before = [], 0
    for part in parts:
        bad += [before + at for at in part.attrs.get("bad_rows", [])]
        before += len(part)
    joined = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    joined.attrs["bad_rows"] = bad
    return joined


def _leaves(member: zipfile.ZipInfo) -> bool:
    """Whether a member escapes the archive, or is a link."""
    name = member.filename.replace("\\", "/")
    return (
        name.startswith("/") or ".." in name.split("/") or name[1:2] == ":" or stat.S_ISLNK(member.external_attr >> 16)
    )


def _shp(path: Path, folder: Path) -> gpd.GeoDataFrame:
    """An unzipped Shapefile with its companions."""
    for suffix in SHAPEFILE_PARTS:
        for part in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
            if part.is_file():
                shutil.copyfile(part, folder / f"layer{suffix}")
    shutil.copyfile(path, folder / "layer.shp")
    return _shapefile(folder, path.name)


def _shapefile(folder: Path, file: str) -> gpd.GeoDataFrame:
    missing = [suffix for suffix in (".shx", ".dbf") if not (folder / f"layer{suffix}").is_file()]
    if missing:
        raise FileRefusedError("geofile.incomplete_shapefile", Place(file=file), parts=missing)
    with (folder / "layer.shp").open("rb") as stream:
        if stream.read(4) != b"\x00\x00\x27\x0a":
            raise FileRefusedError("geofile.unknown_format", Place(file=file))
    return read_confined(folder / "layer.shp", "ESRI Shapefile", folder)


def _gpkg(path: Path, folder: Path, prefer: str | None) -> gpd.GeoDataFrame:
    copy = folder / "layer.gpkg"
    shutil.copyfile(path, copy)
    try:
        return read_confined(copy, "GPKG", folder)
    except SeveralLayersError as several:
        if not several.layers:
            raise FileRefusedError("geofile.no_layer", Place(file=path.name)) from None
        if prefer not in several.layers:
            raise FileRefusedError(
                "geofile.several_layers", Place(file=path.name), layers=several.layers[:MOST_LAYERS]
            ) from None
        (folder / "layers.json").unlink()
        return read_confined(copy, "GPKG", folder, prefer)


def _parquet(path: Path, folder: Path) -> gpd.GeoDataFrame:
    copy = folder / "layer.parquet"
    shutil.copyfile(path, copy)
    return read_confined(copy, "Parquet", folder)


READERS: dict[str, Callable[[Path, Path], gpd.GeoDataFrame]] = {
    "geojson": _geojson,
    "kml": _kml,
    "gpx": _gpx,
    "shp": _shp,
    "parquet": _parquet,
}
