"""villages.gpkg opened again by other programs: GDAL through pyogrio, ogrinfo, and QGIS where it is installed."""

import io
import shutil
import sqlite3
import subprocess
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from defusedxml.ElementTree import fromstring

from coverage.exports.geopackage import write_geopackage
from coverage.exports.tables import write_villages
from coverage.language.words import Words
from tests.exports.conftest import Small, make_small

QGIS_PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def file(small: Small, words: Words, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gpkg") / "villages.gpkg"
    path.write_bytes(write_geopackage(small, words))
    return path


def test_layers(file: Path) -> None:
    layers = {str(name): kind for name, kind in pyogrio.list_layers(file)}
    assert layers == {
        "villages": "MultiPolygon",
        "blank_spots": "MultiPolygon",
        "asset_routes": "MultiLineString",
        "assets": "Point",
        "run_information": None,
        "layer_styles": None,
    }


def test_figures_are_those_of_the_csv(file: Path, small: Small, words: Words) -> None:
    layer = gpd.read_file(file, layer="villages")
    table = pd.read_csv(io.BytesIO(write_villages(small, words)), dtype={"village_code_bps": str})
    for column in (
        "village_code_bps",
        "village",
        "share_served",
        "population_served",
        "state",
        "reason",
        "nearest_cellular_m",
    ):
        assert layer[column].fillna(-1).tolist() == table[column].fillna(-1).tolist(), column
    assert layer.geometry.bounds.iloc[0].tolist() == pytest.approx([112.08, -8.10, 112.10, -8.08])
    assert gpd.read_file(file, layer="blank_spots")["village"].tolist() == ["Barat", "Utara"]


def test_the_same_run_gives_the_same_bytes(file: Path, words: Words) -> None:
    assert write_geopackage(make_small(), words) == file.read_bytes()


def test_what_is_approximate_travels_with_the_file(file: Path) -> None:
    told = pyogrio.read_dataframe(file, layer="run_information")["value"].tolist()
    assert "abc123def456" in told
    assert any("contoh rekaan" in text for text in told)
    assert not any("/home/orang" in text for text in told)


def test_styles_are_where_qgis_looks_and_in_the_colours_of_the_house(file: Path) -> None:
    with sqlite3.connect(file) as database:
        styles = dict(
            database.execute(
                "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault AND "
                "f_geometry_column = 'geom' AND f_table_schema = ''"
            )
        )
    database.close()
    assert set(styles) == {"villages", "blank_spots", "asset_routes", "assets"}
    tree = fromstring(styles["villages"].split("\n", 1)[1])
    assert [c.get("value") for c in tree.iter("category")] == [
        "served", "weak", "blank", "unknown", "served possible", "weak possible", "blank possible",
    ]  # fmt: skip
    assert "213,94,0,190" in styles["villages"]


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not installed")
def test_ogrinfo_reads_it_without_a_warning(file: Path) -> None:
    told = subprocess.run(["ogrinfo", "-ro", "-so", str(file), "villages"], capture_output=True, text=True, check=True)
    assert "Feature Count: 4" in told.stdout
    assert told.stderr == ""


@pytest.mark.slow
def test_qgis_applies_the_styles_on_opening(file: Path, tmp_path: Path) -> None:
    script = tmp_path / "open.py"
    script.write_text(
        "import sys\nfrom qgis.core import QgsApplication, QgsVectorLayer\n"
        "app = QgsApplication([], False); app.initQgis()\n"
        "for name in ('villages', 'blank_spots', 'assets', 'asset_routes'):\n"
        "    layer = QgsVectorLayer(f'{sys.argv[1]}|layername={name}', name, 'ogr')\n"
        "    print(name, layer.renderer().type(), layer.featureCount(), layer.labelsEnabled())\n",
        "utf-8",
    )
    if (
        not Path(QGIS_PYTHON).exists()
        or subprocess.run([QGIS_PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode
    ):
        pytest.skip("QGIS is not installed")
    told = subprocess.run(
        [QGIS_PYTHON, str(script), str(file)],
        capture_output=True,
        text=True,
        check=True,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
    ).stdout.splitlines()
    assert told[-4:] == [
        "villages categorizedSymbol 4 True",
        "blank_spots singleSymbol 2 True",
        "assets categorizedSymbol 3 False",
        "asset_routes categorizedSymbol 1 False",
    ]
