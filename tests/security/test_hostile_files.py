"""Files that mean harm: refused, and what they would do where nobody looks."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio

from coverage.base.errors import FileRefusedError
from coverage.readers import documents, geofiles, kml, rasters, tables
from coverage.readers.geofiles import read_geofile
from coverage.readers.kml import read_kml
from coverage.web.uploads import as_file

PLACE = "<Point><coordinates>112.22451,-8.13551</coordinates></Point>"
KML = (
    "<?xml version='1.0'?>{dtd}<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark><name>{name}</name>"
    + PLACE
    + "</Placemark></Document></kml>"
)
ENTITIES = KML.format(
    dtd="<!DOCTYPE kml [<!ENTITY a '{}'><!ENTITY b '{}'>]>".format("x" * 1000, "&a;" * 1000), name="&b;"
).encode()


def test_a_document_with_entities_is_refused() -> None:
    assert len(ENTITIES) < 5000
    with pytest.raises(FileRefusedError):
        read_kml(ENTITIES, "peta.kml")


def test_without_that_four_thousand_letters_become_a_million(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "fromstring", lambda content, forbid_dtd: ElementTree.fromstring(content))
    assert len(read_kml(ENTITIES, "peta.kml")["name"].iloc[0]) == 1_000_000


@pytest.fixture
def bomb(tmp_path: Path) -> Path:
    """Twenty megabytes of placemark in thirty kilobytes."""
    path = tmp_path / "peta.kmz"
    document = KML.format(dtd="", name="Menara" + " " * 20_000_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", document)
    return path


def test_an_archive_that_unpacks_to_a_hundred_times_its_size_is_refused_unread(
    bomb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(FileRefusedError, match="geofile.bomb"):
        read_geofile(bomb)
    with pytest.raises(FileRefusedError, match="geofile.bomb"):
        tables.refuse_bomb(bomb.read_bytes(), "daftar.xlsx")


def test_without_the_limit_all_of_it_is_unpacked(bomb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geofiles, "MAX_RATIO", 10**9)
    unpacked: list[int] = []
    read = kml.read_kml
    monkeypatch.setattr(
        geofiles, "read_kml", lambda content, *more: (unpacked.append(len(content)), read(content, *more))[1]
    )
    assert len(read_geofile(bomb)) == 1
    assert unpacked[0] > 20_000_000
    assert bomb.stat().st_size < 50_000


@pytest.fixture
def disguised(tmp_path: Path) -> Path:
    """A file that is named GeoJSON and tells GDAL to read another file of this computer."""
    secret = tmp_path / "rahasia.csv"
    secret.write_text("nama,sandi\nani,kopi tubruk\n", "utf-8")
    path = tmp_path / "titik.geojson"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="rahasia"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>",
        "utf-8",
    )
    return path


def test_a_file_that_points_to_another_one_is_refused(disguised: Path) -> None:
    with pytest.raises(FileRefusedError):
        read_geofile(disguised)


def test_given_to_gdal_as_it_is_it_would_show_the_other_one(disguised: Path) -> None:
    assert "kopi tubruk" in pyogrio.read_dataframe(disguised).to_csv()


NAMES = ["../../keluar.csv", "..\\..\\keluar.csv", "/etc/keluar.csv", "..", "", "a/../../b.csv", "x\x07y.csv"]


class Upload:
    """What Streamlit gives of a file; its name is whatever the sender says."""

    def __init__(self, name: str) -> None:
        self.name = name

    def getvalue(self) -> bytes:
        return b"nama\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_handed_in_stays_in_its_folder_whatever_its_name(name: str) -> None:
    with as_file(Upload(name)) as path:
        assert path.read_bytes() == b"nama\n"
        assert path.resolve().parent.name.startswith("jangkau-")
        assert path.name.isprintable()
        folder = path.parent
    assert not folder.exists()


def test_taken_as_it_is_the_name_would_lead_outside(tmp_path: Path) -> None:
    folder = tmp_path / "jangkau-x"
    assert folder not in (folder / NAMES[0]).resolve().parents
    assert folder not in (folder / NAMES[2]).resolve().parents


def test_a_formula_in_a_name_is_text_in_every_list_and_without_the_guard_excel_would_run_it() -> None:
    from coverage.exports.sanitize import neutral_frame

    frame = pd.DataFrame({"nama": ['=HYPERLINK("http://penipu.example","klik")']})
    assert neutral_frame(frame)["nama"].iloc[0].startswith("'=")
    raw = io.BytesIO()
    frame.to_excel(raw, engine="xlsxwriter")
    with zipfile.ZipFile(raw) as book:
        assert b"<f>HYPERLINK" in book.read("xl/worksheets/sheet1.xml")


def raster(path: Path) -> Path:
    """Numbers 1 to 4 in a GeoTIFF, with files beside it that say otherwise: a mask, overviews, statistics and a place."""
    place = rasterio.Affine(0.01, 0, 112.0, 0, -0.01, -8.0)
    shape: dict[str, Any] = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "crs": "EPSG:4326"}
    shape["transform"] = place
    with rasterio.open(path, "w", dtype="float32", nodata=-9999.0, **shape) as file:
        file.write(np.array([[[1, 2], [3, 4]]], np.float32))
    with rasterio.open(f"{path}.msk", "w", dtype="uint8", **shape) as file:
        file.write(np.zeros((1, 2, 2), np.uint8))
        file.update_tags(INTERNAL_MASK_FLAGS_1="2")
    with rasterio.open(f"{path}.ovr", "w", dtype="float32", **{**shape, "width": 1, "height": 1}) as file:
        file.write(np.full((1, 1, 1), 9e9, np.float32))
    Path(f"{path}.aux.xml").write_text(
        "<PAMDataset><GeoTransform>1.0, 5, 0, 2.0, 0, -5</GeoTransform><PAMRasterBand band='1'>"
        "<NoDataValue>1</NoDataValue><Scale>1000</Scale></PAMRasterBand></PAMDataset>"
    )
    return path


def test_files_beside_a_raster_are_not_read(tmp_path: Path) -> None:
    with rasters._opened(raster(tmp_path / "penduduk.tif")) as source:
        assert source.files == [str(tmp_path / "penduduk.tif")]
        assert source.dataset_mask().min() == 255
        assert (source.nodata, source.scales, source.overviews(1)) == (-9999.0, (1.0,), [])
        assert source.transform.c == 112.0


def test_without_that_they_would_say_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, "_NOTHING_BESIDE", {})
    with rasters._opened(raster(tmp_path / "penduduk.tif")) as source:
        assert len(source.files) > 1
        assert source.scales == (1000.0,)
