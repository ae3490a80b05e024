"""Forests and waters are no villages: hatched on every map, never counted."""

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import shapely

from coverage.exports import drawing
from coverage.exports.html_map import write_html_map
from coverage.exports.kml import write_kmz
from coverage.exports.map_furniture import land_handles
from coverage.exports.outlines import other_land_of
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from coverage.web.maps.layers import other_land_layer
from tests.exports.conftest import Small


def test_a_lake_and_a_forest_of_the_boundary_file_are_shown_and_not_counted(tmp_path: Path) -> None:
    names = [("3322080001", "Desa Contoh"), ("3322888888", "Rawa Pening"), ("3322080999", "Hutan Lindung")]
    outlines = gpd.GeoDataFrame(
        {"kode_bps": [code for code, _ in names], "nama_desa": [name for _, name in names], "kecamatan": "Contoh"},
        geometry=[shapely.box(110.4 + at, -7.3, 110.5 + at, -7.2) for at in (0.0, 0.1, 0.2)],
        crs=4326,
    )
    outlines.to_file(tmp_path / "desa.geojson")
    inputs = load_inputs(tmp_path / "desa.geojson")
    assert inputs.villages["village"].tolist() == ["Desa Contoh"]
    found = analyze(inputs, read_parameters())
    land = other_land_of(found)
    assert land[["name", "land"]].to_numpy().tolist() == [["Rawa Pening", "water"], ["Hutan Lindung", "forest"]]
    layer = other_land_layer(found)
    assert layer is not None
    assert [one["properties"]["land"] for one in layer["features"]] == ["water", "forest"]
    assert len(found.blank_spots["village_code_bps"].unique()) == 1


def test_paper_page_and_google_earth_show_a_lake_as_a_lake(small: Small, words: Words) -> None:
    data = drawing.map_data(small, words)
    figure, axes = plt.subplots()
    drawing.draw_other_land(axes, data)
    plt.close(figure)
    (water,) = [one for one in axes.collections if len(one.get_paths())]
    assert water.get_hatch() == drawing.LAND_HATCHES["water"]
    assert [handle.get_label() for handle in land_handles(words, data.land)] == ["Perairan, bukan desa (1)"]
    page = write_html_map(small, words).decode()
    assert '"land_kinds":[{"key":"water"' in page
    assert '"name":"Danau Contoh"' in page
    with zipfile.ZipFile(io.BytesIO(write_kmz(small, words))) as archive:
        document = archive.read("doc.kml").decode()
    assert "<name>Bukan desa (1)</name>" in document
    assert "<styleUrl>#water</styleUrl>" in document
    assert len(drawing.map_data(small, words).villages["code"]) == 4
