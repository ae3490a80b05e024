"""KMZ and GeoJSON opened again by GDAL and by an XML parser: the figures of villages.csv, hostile text as text."""

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from defusedxml.ElementTree import fromstring

from coverage.exports.geojson import write_assets_geojson, write_villages_geojson
from coverage.exports.icons import icon
from coverage.exports.kml import write_kmz
from coverage.exports.style import signs
from coverage.exports.tables import villages_table
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.privacy import for_outsiders
from tests.exports.conftest import CODES, Small, make_small

KML = "{http://www.opengis.net/kml/2.2}"


def document(content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return fromstring(parts.read("doc.kml"))


def names(folder: Any) -> list[str]:
    return [child.findtext(f"{KML}name") for child in folder.findall(f"{KML}Folder")]


def test_folders_by_state_and_by_kind_without_cameras(small: Small, words: Words) -> None:
    top = document(write_kmz(for_outsiders(small), words)).find(f"{KML}Document")
    assert names(top) == ["Desa/kelurahan menurut keadaan", "Batas kecamatan", "Bukan desa (1)", "Aset"]
    villages, _, _, assets = top.findall(f"{KML}Folder")
    assert names(villages) == ["terlayani (1)", "lemah (1, 1 mungkin)", "blank spot (2)", "belum diketahui (0)"]
    assert names(assets) == ["menara (2)", "Wi-Fi publik (1)", "rute fiber (1)"]
    asked = document(write_kmz(small, words)).find(f"{KML}Document").findall(f"{KML}Folder")[3]
    assert "CCTV (1)" in names(asked)


def test_every_picture_it_names_is_inside_and_nothing_points_elsewhere(small: Small, words: Words) -> None:
    content = write_kmz(small, words)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        inside, text = set(parts.namelist()), parts.read("doc.kml").decode()
    assert {node.text for node in document(content).iter(f"{KML}href")} == inside - {"doc.kml"}
    assert "http" not in text.replace("http://www.opengis.net/kml/2.2", "")


def test_a_balloon_says_the_facts(small: Small, words: Words) -> None:
    marks = {mark.findtext(f"{KML}name"): mark for mark in document(write_kmz(small, words)).iter(f"{KML}Placemark")}
    told = marks["Barat"].findtext(f"{KML}description")
    assert all(text in told for text in ("3505020001", "Kec. Dua", "menara, 4,4 km", "ercantum dalam daftar resmi"))
    assert marks["Barat"].findtext(f"{KML}styleUrl") == "#blank"
    assert marks["Balai desa"].findtext(f"{KML}styleUrl") == "#wifi_off"


def test_the_document_names_run_and_approximations(small: Small, words: Words) -> None:
    told = document(write_kmz(small, words)).find(f"{KML}Document").findtext(f"{KML}description")
    assert "abc123def456" in told
    assert "contoh rekaan" in told


def test_a_name_that_google_earth_would_fill_in_is_broken_up(words: Words) -> None:
    tree = document(write_kmz(make_small("$[geDirections]"), words))
    told = next(m for m in tree.iter(f"{KML}Placemark") if m.findtext(f"{KML}name") == "$[geDirections]")
    assert "$[" not in told.findtext(f"{KML}description")


def test_the_same_run_gives_the_same_bytes(small: Small, words: Words) -> None:
    assert write_kmz(small, words) == write_kmz(make_small(), words)
    assert write_villages_geojson(small, words) == write_villages_geojson(make_small(), words)


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not installed")
def test_gdal_reads_every_layer_of_the_kmz(small: Small, words: Words, tmp_path: Path) -> None:
    (tmp_path / "map.kmz").write_bytes(write_kmz(small, words))
    told = subprocess.run(
        ["ogrinfo", "-ro", "-so", str(tmp_path / "map.kmz"), "blank spot (2)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Feature Count: 2" in told.stdout
    assert "Extent: (112.020000, -8.100000) - (112.060000, -8.080000)" in told.stdout


def test_geojson_has_the_figures_of_the_csv(small: Small, words: Words, tmp_path: Path) -> None:
    content = write_villages_geojson(small, words)
    (tmp_path / "villages.geojson").write_bytes(content)
    layer, table = gpd.read_file(tmp_path / "villages.geojson"), villages_table(small, words)
    assert layer["village_code_bps"].tolist() == CODES
    assert layer["share_connection"].tolist() == table["share_connection"].tolist()
    document = json.loads(content)
    assert "contoh rekaan" in document["description"]
    assert document["features"][3]["properties"]["population"] is None
    assert document["features"][3]["properties"]["village_code_kemendagri"] is None


def test_geojson_of_assets_keeps_kinds_and_lines(small: Small, words: Words) -> None:
    features = json.loads(write_assets_geojson(for_outsiders(small), words))["features"]
    assert [(f["properties"]["asset_id"], f["geometry"]["type"]) for f in features] == [
        ("R-1", "LineString"),
        ("M-1", "Point"),
        ("M-2", "Point"),
        ("W-1", "Point"),
    ]


def test_signs_differ_from_each_other_and_when_hollow() -> None:
    pictures = [
        icon(sign, hollow) for sign in signs(asset_kinds()).values() if sign.shape != "line" for hollow in (False, True)
    ]
    assert len(set(pictures)) == len(pictures)
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
