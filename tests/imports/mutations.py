"""One small list in every format, and what damage makes of it."""

from __future__ import annotations

import io
import json
import random
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import shapely

from coverage.base.errors import JangkauError
from coverage.exports.refused import refused_file
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.places import Region
from coverage.imports.plan import make_plan
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.imports.report import report
from coverage.language.words import Words

CORPUS = Path(__file__).parents[1] / "readers" / "corpus"
PLACES = [(round(112.22451 + at / 100, 5), round(-8.13551 - at / 100, 5)) for at in range(12)]
ROWS = [(f"T{at}", f"Menara {chr(64 + at)}", 21 + at) for at in range(1, 13)]
TEXT = ("csv", "geojson", "json", "kml", "gpx", "ofds")
PACKED = ("xlsx", "xls", "ods", "kmz")
APART = ("shp", "gpkg", "parquet")
"""Read in a process of their own."""
FORMATS = (*TEXT, *PACKED, *APART)
CHECKED = ("xlsx", "ods", "kmz", "shp", "gpkg")
"""Formats that carry sums or an index, by which a changed bit is noticed."""


def make(kind: str) -> bytes:
    """The list as a file of a kind."""
    frame = gpd.GeoDataFrame(
        ROWS, columns=["kode_aset", "nama", "tinggi"], geometry=[shapely.Point(p) for p in PLACES], crs="EPSG:4326"
    )
    lines = [f"{key},{name},{y},{x},{height}" for (key, name, height), (x, y) in zip(ROWS, PLACES, strict=True)]
    if kind == "csv":
        return ("kode aset,nama,lat,lon,tinggi\n" + "\n".join(lines) + "\n").encode()
    if kind == "geojson":
        return str(frame.to_json(drop_id=True)).encode()
    if kind == "json":
        return json.dumps(
            [
                {"kode_aset": key, "nama": name, "lat": y, "lng": x, "tinggi": height}
                for (key, name, height), (x, y) in zip(ROWS, PLACES, strict=True)
            ]
        ).encode()
    if kind == "gpx":
        marks = "".join(
            f'<wpt lat="{y}" lon="{x}"><name>{name}</name></wpt>'
            for (_, name, _), (x, y) in zip(ROWS, PLACES, strict=True)
        )
        return f'<?xml version="1.0"?><gpx version="1.1" creator="x">{marks}</gpx>'.encode()
    if kind == "ofds":
        nodes = [
            {"id": key, "name": name, "status": "operational", "location": {"type": "Point", "coordinates": list(p)}}
            for (key, name, _), p in zip(ROWS, PLACES, strict=True)
        ]
        return json.dumps({"networks": [{"id": "x", "name": "contoh", "nodes": nodes}]}).encode()
    if kind in ("xls", "ods"):
        return (CORPUS / f"menara.{kind}").read_bytes()
    return _binary(kind, frame)


def _binary(kind: str, frame: gpd.GeoDataFrame) -> bytes:
    buffer = io.BytesIO()
    if kind == "xlsx":
        table = frame.assign(lat=frame.geometry.y, lon=frame.geometry.x).drop(columns="geometry")
        table.to_excel(buffer, index=False)
        return buffer.getvalue()
    if kind == "parquet":
        frame.to_parquet(buffer)
        return buffer.getvalue()
    if kind in ("kml", "kmz"):
        marks = "".join(
            f"<Placemark><name>{name}</name><Point><coordinates>{x},{y},0</coordinates></Point></Placemark>"
            for (_, name, _), (x, y) in zip(ROWS, PLACES, strict=True)
        )
        text = f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{marks}</Document></kml>".encode()
        return text if kind == "kml" else _zip({"doc.kml": text})
    with tempfile.TemporaryDirectory() as folder:
        if kind == "gpkg":
            frame.to_file(Path(folder) / "x.gpkg", driver="GPKG", layer="menara")
            return (Path(folder) / "x.gpkg").read_bytes()
        frame.to_file(Path(folder) / "x.shp", driver="ESRI Shapefile")
        return _zip({part.name: part.read_bytes() for part in Path(folder).iterdir()})


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def damage(content: bytes, draw: random.Random) -> bytes:
    """The file cut off, with flipped bits, with bytes replaced, or with a piece gone or doubled."""
    how = draw.randrange(4)
    made = bytearray(content)
    if how == 0:
        return bytes(made[: draw.randrange(len(made))])
    if how == 1:
        for _ in range(draw.randint(1, 8)):
            made[draw.randrange(len(made))] ^= 1 << draw.randrange(8)
    elif how == 2:
        for _ in range(draw.randint(1, 8)):
            made[draw.randrange(len(made))] = draw.randrange(256)
    else:
        at, size = draw.randrange(len(made)), draw.randint(1, 64)
        piece = made[at : at + size]
        made[at : at + size] = b"" if draw.random() < 0.5 else piece * 2
    return bytes(made)


def tried(content: bytes, file: Path) -> str:
    """What comes of a damaged file.

    Returns
    -------
    str
        ``refused`` (by an error of ours), ``set aside`` (every geometry that is left is one of the list's), ``told`` (a
        geometry was accepted that the list does not have, and is marked to be checked, or said to lie far from where
        the inventory has it, or to bear the name of an asset elsewhere), ``shown`` (before it is saved it stands among
        the changed places, old and new side by side, without a word more), or ``moved`` (neither: it stands among the
        new ones). Anything else that is raised is a fault.
    """
    file.write_bytes(content)
    try:
        raw = read(file)
        found = interpret(raw, guess(raw, "tower"), region())
    except JangkauError:
        return "refused"
    assert found.rows == found.accepted_rows + found.refused_rows
    report(found, Words("id"))
    refused_file(found, Words("id"))
    plan = make_plan(found, inventory())
    told = {*plan.moved["row"], *plan.namesakes["row"]}
    shown = set(plan.differences.loc[plan.differences["field"] == "geometry", "row"])
    ranks = [
        0 if row in told or check else 1 if row in shown else 2
        for row, check, point in zip(
            found.accepted["row"], found.accepted["needs_check"], found.accepted.geometry, strict=True
        )
        if (round(point.x, 6), round(point.y, 6)) not in PLACES
    ]
    return ("told", "shown", "moved")[max(ranks)] if ranks else "set aside"


@cache
def region() -> Region:
    """What the list is checked against."""
    return read_region("3505")


@cache
def inventory() -> gpd.GeoDataFrame:
    """The list as it was taken in before."""
    ids, names, _ = zip(*ROWS, strict=True)
    return gpd.GeoDataFrame(
        {"asset_id": ids, "kind": "tower", "name": names},
        geometry=[shapely.Point(place) for place in PLACES],
        crs="EPSG:4326",
    )
