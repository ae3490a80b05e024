"""The base map of a region: read from an OpenStreetMap extract and from layers of an office, cut, kept, and drawn."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from coverage.base.errors import FileRefusedError
from coverage.base.projection import widened
from coverage.readers.basemap import OSM_CREDIT, Basemap, basemap_of, kept_features, read_basemap, roads_of, take_in
from coverage.web.maps.basemap import FROM_ZOOM, ORDER, STEPS, basemap_tile, tiles_name
from tests.made_osm import BLITAR, HOSTILE, write_osm

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Basemap:
    folder = tmp_path_factory.mktemp("basemap")
    about = take_in([write_osm(folder / "blitar.osm")], widened(BLITAR, 5), "Kantor", folder / "peta_dasar.parquet")
    return basemap_of(folder / "peta_dasar.parquet", about)


def test_an_extract_becomes_roads_by_class_waters_rails_houses_and_names(kept: Basemap) -> None:
    found = kept_features(kept.path)
    assert kept.counts == found["layer"].value_counts().to_dict()
    assert kept.credits == (OSM_CREDIT,)
    roads = found[found["layer"] == "road"]
    assert set(roads["class"]) == {"local", "tertiary", "secondary", "primary", "track", "path"}
    assert len(roads) == 2 * 9 * 8  # the road that is only proposed is none
    assert found.set_index("name")["class"].loc[["Kali Brantas Uji", "Waduk Uji", "Kota Uji"]].tolist() == [
        "river", "lake", "town",
    ]  # fmt: skip
    assert HOSTILE in set(found["name"])
    assert (found["layer"] == "place").sum() == 3  # a hamlet without a name says nothing
    followed = roads_of(kept)
    assert followed is not None
    assert set(followed["class"]) == set(roads["class"]) - {"path"}


def test_what_lies_outside_is_cut_off_and_an_extract_of_elsewhere_is_refused(tmp_path: Path) -> None:
    extract = write_osm(tmp_path / "blitar.osm")
    west, south, east, north = BLITAR
    half = (west, south, (west + east) / 2, north)
    found = read_basemap([extract], half, "")
    assert found.total_bounds[2] == pytest.approx(half[2], abs=1e-9)
    assert shapely.length(found.geometry.to_numpy()).sum() > 0
    with pytest.raises(FileRefusedError) as refused:
        read_basemap([extract], (95.0, 4.0, 96.0, 5.0), "")
    assert refused.value.code == "basemap.nothing"


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x80\x80\x80\x01" + bytes(200),  # a block said to be 2 MB
        b'<OGRVRTDataSource><OGRVRTLayer name="points"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
        b"<osm version='0.6'><node id='1' lat='-8' lon='112'",
    ],
)
def test_a_damaged_or_disguised_extract_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(FileRefusedError) as refused:
        read_basemap([path], BLITAR, "")
    assert refused.value.code in {"file.unreadable", "basemap.nothing"}
    assert refused.value.place.file == "x.osm.pbf"


def test_layers_of_rbi_are_told_by_their_names_and_remarks(tmp_path: Path) -> None:
    line = shapely.linestrings([(112.1, -8.1), (112.2, -8.1)])
    roads = gpd.GeoDataFrame({"NAMOBJ": ["Jalan Raya", None], "REMARK": ["Jalan Kolektor", "Jalan Setapak"]},
                             geometry=[line, shapely.linestrings([(112.1, -8.2), (112.2, -8.2)])], crs=4326)  # fmt: skip
    waters = gpd.GeoDataFrame({"NAMOBJ": ["Kali Lekso"]}, geometry=[line.buffer(0.001)], crs=4326)
    for layer, features in (("JALAN_LN_25K", roads), ("SUNGAI_AR_25K", waters)):
        features.to_file(tmp_path / "rbi.gpkg", layer=layer)
    found = read_basemap([tmp_path / "rbi.gpkg"], BLITAR, "Badan Informasi Geospasial")
    assert found[["layer", "class", "name"]].astype(object).where(found[["layer", "class", "name"]].notna(), None).to_numpy().tolist() == [
        ["road", "secondary", "Jalan Raya"], ["road", "path", None], ["water", "lake", "Kali Lekso"],
    ]  # fmt: skip
    assert set(found["credit"]) == {"Badan Informasi Geospasial"}
    waters.to_file(tmp_path / "lain.gpkg", layer="lain")
    with pytest.raises(FileRefusedError) as refused:
        read_basemap([tmp_path / "lain.gpkg"], BLITAR, "")
    assert refused.value.code == "basemap.unknown_layer"


def test_a_tile_holds_what_its_zoom_shows_in_whole_steps(kept: Basemap) -> None:
    name = tiles_name(kept)
    assert name is not None

    def tile(lon: float, lat: float, zoom: int) -> dict[str, list[list[object]]]:
        x, y = lon / 360 + 0.5, 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
        packed = basemap_tile(name, zoom, int(x * 2**zoom), int(y * 2**zoom))
        assert packed
        return dict(json.loads(gzip.decompress(packed)))

    for zoom in (9, 12, 14, 16):
        found = tile(112.2, -8.125, zoom)
        classes = {ORDER[row[0]] for row in (*found["f"], *found["p"])}  # type: ignore[index]
        assert classes, zoom
        assert all(FROM_ZOOM[one] <= zoom + 1 for one in classes)
        flat = [step for row in found["f"] for part in row[2] for step in part]  # type: ignore[attr-defined]
        assert all(isinstance(step, int) and -0.04 * STEPS < step < 1.04 * STEPS for step in flat)
    assert basemap_tile(name, 14, 0, 0) is not None  # empty, and there
    assert basemap_tile(name, 14, -1, 0) is None
    assert basemap_tile("0" * 32, 14, 0, 0) is None
