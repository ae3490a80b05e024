"""Assets that are areas: read from files, kept, placed, drawn, edited and written like points and lines."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from coverage.base.errors import ParameterError, RowError
from coverage.base.kinds import AssetKind
from coverage.base.schema import ASSETS
from coverage.exports.geopackage import write_geopackage
from coverage.exports.html_map import write_html_map
from coverage.exports.kml import write_kmz
from coverage.exports.print_map import write_print_map
from coverage.imports.apply import apply_plan, plan_for
from coverage.imports.interpret import interpret
from coverage.imports.list_options import guess
from coverage.imports.read import read
from coverage.imports.regions import read_region
from coverage.language.words import Words
from coverage.reach.asset_counts import village_of
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.run.stored_inputs import with_stored
from coverage.store import Store
from coverage.web.inventory_page.asset_saving import place_words
from coverage.web.maps import layers
from coverage.web.maps.sketch import can_be_drawn, parts_of, shape_of
from tests.store.stores import EDITOR

WHOLE = shapely.box(112.20, -8.15, 112.22, -8.13)
CROSSING = shapely.Polygon([(112.30, -8.10), (112.31, -8.09), (112.31, -8.10), (112.30, -8.09)])
HOLED = shapely.MultiPolygon(
    [shapely.box(112.25, -8.2, 112.26, -8.19) - shapely.box(112.252, -8.198, 112.254, -8.196), WHOLE]
)
NAMES = {"Kota": WHOLE, "Bersilang": CROSSING, "Dua bagian": HOLED, "Titik": shapely.Point(112.2, -8.1)}


@pytest.fixture
def imported(store: Store, tmp_path: Path) -> Store:
    """An inventory into which areas were imported; the point is refused."""
    features = [
        {
            "type": "Feature",
            "properties": {"nama": name, "jenis": "Area homepass", "pemilik": "PT Serat"},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for name, shape in NAMES.items()
    ]
    file = tmp_path / "homepass.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    raw = read(file)
    understood = interpret(raw, guess(raw), read_region("3505"))
    assert understood.refused["code"].tolist() == ["import.wrong_geometry"]
    assert ("imports.note.mended_areas", {"count": 1}) in [(code, told) for code, told, *_ in understood.notes]
    apply_plan(plan_for(understood, store, EDITOR), store, EDITOR)
    return store


@pytest.fixture
def found(imported: Store) -> Analysis:
    sources = Sources(no_evidence=True, no_figures=True)
    return analyze(with_stored(load_inputs(), sources, imported), read_parameters())


def test_areas_are_kept_as_they_are_and_serve_nobody(found: Analysis, imported: Store) -> None:
    kept = imported.assets.table(viewer=EDITOR).set_index("name")
    assert kept["kind"].eq("service_area").all()
    assert kept.geometry["Kota"].equals(WHOLE)
    assert kept.geometry["Dua bagian"].equals(HOLED)
    assert kept.geometry["Bersilang"].is_valid
    assert kept.geometry["Bersilang"].area == pytest.approx(0.01 * 0.01 / 2, rel=0.01)
    assert kept["needs_check"].to_dict() == {"Kota": False, "Bersilang": True, "Dua bagian": False}
    assert not found.village_service["known"].any()


@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_a_broken_outline_beside_a_point_ends_no_import_and_a_missing_number_is_told(tmp_path: Path) -> None:
    both = shapely.GeometryCollection([shapely.Point(112.3, -8.1), CROSSING])
    rows = [
        f'menara,A,"{both.wkt}"',
        f'area layanan,B,"{both.wkt}"',
        'area layanan,C,"POLYGON ((112.3 -8.1, 112.31 nan, 112.31 -8.1, 112.3 -8.09, 112.3 -8.1))"',
        'area layanan,D,"POLYGON ((112.3 -8.1, 112.31 -8.1, 112.32 -8.1, 112.3 -8.1))"',
        "menara,E,POINT (112.31 -8.11)",
    ]
    file = tmp_path / "aset.csv"
    file.write_text("\n".join(["jenis,nama,geometry", *rows]), "utf-8")
    raw = read(file)
    understood = interpret(raw, guess(raw), read_region("3505"))
    shapes = understood.accepted.set_index("name")["geometry"]
    assert {name: shape.geom_type for name, shape in shapes.items()} == {
        "A": "Point", "B": "MultiPolygon", "E": "Point",
    }  # fmt: skip
    assert understood.refused["code"].tolist() == ["import.nan", "import.empty_geometry"]
    assert ("imports.note.mended_areas", {"count": 2}) in [(code, told) for code, told, *_ in understood.notes]


def test_one_belongs_to_the_village_that_holds_most_of_it() -> None:
    columns = {
        "village_code_bps": ["3505010001", "3505010002"],
        "village": ["Barat", "Timur"],
        "subdistrict": ["A", "A"],
    }
    halves = [shapely.box(112.0, -8.1, 112.1, -8.0), shapely.box(112.1, -8.1, 112.2, -8.0)]
    villages = gpd.GeoDataFrame(columns, geometry=halves, crs=4326)
    areas = gpd.GeoDataFrame(geometry=[shapely.box(112.09, -8.06, 112.13, -8.05)], crs=4326)
    assert list(village_of(areas, villages)["village"]) == ["Timur"]


def test_they_are_in_every_file_as_areas(found: Analysis, tmp_path: Path) -> None:
    words, package = Words("id"), tmp_path / "villages.gpkg"
    with zipfile.ZipFile(io.BytesIO(write_kmz(found, words))) as archive:
        document, names = archive.read("doc.kml").decode(), archive.namelist()
    assert "area layanan (3)" in document
    assert "icons/service_area.png" not in names
    package.write_bytes(write_geopackage(found, words))
    read_back = pyogrio.read_dataframe(package, layer="asset_areas")
    assert set(read_back.geometry.geom_type) == {"MultiPolygon"}
    assert shapely.area(read_back.geometry.to_numpy()).sum() == pytest.approx(
        2 * WHOLE.area + 1e-4 - 4e-6 + 5e-5, rel=1e-3
    )
    with sqlite3.connect(package) as database:
        (style,) = database.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'asset_areas'").fetchone()
    assert 'value="service_area"' in style
    assert "area layanan" in write_html_map(found, words).decode()
    assert write_print_map(found, words, dpi=40)[:4] == b"\x89PNG"
    drawn = layers.asset_layer(found, layers.Viewer()) or {}
    assert {one["geometry"]["type"] for one in drawn["features"]} == {"Polygon", "MultiPolygon"}


def test_a_store_takes_only_a_sound_area_for_one(store: Store) -> None:
    def rows(shape: shapely.Geometry) -> gpd.GeoDataFrame:
        row = dict.fromkeys(ASSETS.names) | {"kind": "service_area", "status": "operational", "geometry": shape}
        return gpd.GeoDataFrame([row], geometry="geometry", crs="EPSG:4326")

    for shape, code in ((shapely.Point(112, -8), r"store\.not_an_area"), (CROSSING, r"drawing\.crosses_itself")):
        with pytest.raises(RowError, match=code):
            store.assets.add(rows(shape), EDITOR, None)
    first, second = (*store.assets.add(rows(WHOLE), EDITOR, None), *store.assets.add(rows(HOLED), EDITOR, None))
    assert pd.Series([first, second]).str.fullmatch(r"[a-z_]+-\d+").all()
    wider = shapely.box(112.20, -8.15, 112.23, -8.13)
    store.assets.change(first, 1, {"geometry": wider}, EDITOR, "melebar")
    assert store.assets.one(first, viewer=EDITOR).geometry.iloc[0].equals(wider)
    assert store.history.of(first, EDITOR)[-1].note == "melebar"


def test_the_drawing_of_one_reads_back_and_what_cannot_be_drawn_says_so() -> None:
    made = shape_of(parts_of(WHOLE), "area")
    assert made is not None
    assert made.equals(WHOLE)
    assert [can_be_drawn(one) for one in (WHOLE, HOLED, shapely.Polygon(WHOLE), HOLED.geoms[0])] == [
        True, False, True, False,
    ]  # fmt: skip
    assert place_words(WHOLE, Words("id")) == "4 titik, 4,88 km² (-8.14000, 112.21000)"


def test_what_gives_a_service_is_a_point() -> None:
    given = [{"service": "cellular", "reach_m": 100, "source": "-"}]
    for geometry in ("line", "area"):
        with pytest.raises((ParameterError, ValueError), match="is a point"):
            AssetKind.model_validate({"geometry": geometry, "gives": given})
