"""``jangkau data fetch`` from end to end: fetched, checked, kept with its licence, and used by the next run."""

import json
import socket
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from coverage.cli.app import run
from coverage.fetch import read_source
from coverage.readers.shipped import region_dir
from coverage.run.inputs import load_inputs
from coverage.store.region_files import RegionFiles
from tests.fetch.served import MapService, Served, send_json


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def sources(served: Served, tmp_path: Path) -> Path:
    """A list of sources as an office with a server of its own would write it."""
    path = tmp_path / "sumber.toml"
    path.write_text(f"""
[boundaries.uji]
title = "Batas uji"
form = "arcgis"
url = "{served.url}/layer/query"
where = "KDPKAB='{{kemendagri}}'"
page = 100
private = true
licence = "CC BY 4.0"
attribution = "Kantor uji"
[crosswalk.uji]
title = "Padanan uji"
form = "bridge"
url = "{served.url}/getwilayah?level={{level}}&parent={{parent}}"
private = true
[people.uji]
title = "Penduduk uji"
form = "cog"
url = "{served.url}/people.tif"
measure = "count"
margin_km = 0.5
private = true
dated = "2025"
licence = "CC BY 4.0"
[elevation.uji]
title = "Ketinggian uji"
form = "tiles"
url = "{served.url}/{{ns}}{{lat}}{{ew}}{{lon}}.tif"
margin_km = 20
private = true
""")
    return path


def serve_blitar(served: Served) -> gpd.GeoDataFrame:
    """The region that ships as a map service and a bridge would give it."""
    villages = load_inputs("3505").villages
    features = json.loads(
        villages.assign(
            KDEPUM=villages["village_code_kemendagri"],
            NAMOBJ=villages["village"],
            WADMKC=villages["subdistrict"],
            WADMKK=villages["regency"],
        )[["KDEPUM", "NAMOBJ", "WADMKC", "WADMKK", "geometry"]].to_json()
    )["features"]
    served.replies["/layer/query"] = MapService(features)

    def bridge(handler: object) -> None:
        from urllib.parse import parse_qs, urlsplit

        asked = {name: found[0] for name, found in parse_qs(urlsplit(handler.path).query).items()}  # type: ignore[attr-defined]
        codes = villages[villages["village_code_bps"].str.startswith(asked["parent"])]
        if asked["level"] == "kabupaten":
            rows = [("3505", "BLITAR", "35.05")]
        elif asked["level"] == "kecamatan":
            rows = sorted(
                {
                    (code[:7], name, kemendagri[:8])
                    for code, name, kemendagri in zip(
                        codes["village_code_bps"], codes["subdistrict"], codes["village_code_kemendagri"], strict=True
                    )
                }
            )
        else:
            rows = list(zip(codes["village_code_bps"], codes["village"], codes["village_code_kemendagri"], strict=True))
        send_json(
            handler,
            [
                {
                    "kode_bps": bps,
                    "nama_bps": name,
                    "kode_dagri": dagri,  # type: ignore[arg-type]
                    "nama_dagri": name,
                }
                for bps, name, dagri in rows
            ],
        )

    served.replies["/getwilayah"] = bridge
    return villages


def serve_raster(
    served: Served,
    tmp_path: Path,
    name: str,
    value: float,
    west: float,
    north: float,
    degrees: float,
    cell: float,
    nodata: float | None,
) -> None:
    size = round(degrees / cell)
    with rasterio.open(
        tmp_path / "r.tif",
        "w",
        driver="GTiff",
        height=size,
        width=size,
        count=1,
        dtype="float32",
        crs=4326,
        transform=Affine(cell, 0, west, 0, -cell, north),
        nodata=nodata,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
    ) as file:
        file.write(np.full((size, size), value, dtype=np.float32), 1)
    served.files[name] = (tmp_path / "r.tif").read_bytes()


@pytest.mark.slow
def test_boundaries_are_fetched_kept_with_their_licence_and_used(
    home: Path, served: Served, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve_blitar(served)
    assert run(["data", "fetch", "boundaries", "3505", "--sources", str(sources)]) == 0
    said = capsys.readouterr().out
    assert "Tersimpan sebagai data wilayah 3505" in said
    assert "CC BY 4.0" in said
    about = RegionFiles("3505").current("boundaries").about  # type: ignore[union-attr]
    assert (about["villages"], about["attribution"], about["origin"]) == (248, "Kantor uji", "fetch")
    assert set(about["sha256"]) == {"batas_desa.geojson"}
    found = load_inputs()
    assert (found.villages["boundary_quality"] == "official").all()
    assert {"batas_desa.geojson", "padanan_kode.csv"} <= set(found.files)


@pytest.mark.slow
def test_people_and_elevation_are_fetched_for_where_the_villages_are(
    home: Path, served: Served, sources: Path, tmp_path: Path
) -> None:
    serve_raster(served, tmp_path, "/people.tif", 2, 111.5, -7.5, 1.5, 1 / 240, -99999)
    for lat in (8, 9):
        for lon in (111, 112):
            serve_raster(served, tmp_path, f"/S{lat:02d}E{lon}.tif", 100 * lat, lon, 1 - lat, 1, 1 / 120, None)
    assert run(["data", "fetch", "people", "3505", "--sources", str(sources)]) == 0
    assert run(["data", "fetch", "elevation", "3505", "--sources", str(sources)]) == 0
    files = RegionFiles("3505")
    people, elevation = files.current("people"), files.current("elevation")
    assert people is not None
    assert elevation is not None
    assert people.about["dated"] == "2025"
    assert elevation.about["urls"] == [f"{served.url}/S{lat}E{lon}.tif" for lat in ("09", "08") for lon in (111, 112)]
    with rasterio.open(elevation.files[0]) as file:
        assert {float(next(file.sample([at]))[0]) for at in ((112.2, -7.98), (112.2, -8.2))} == {800, 900}
    assert load_inputs().people_places == people.files[0]


def test_into_a_folder_it_is_written_with_where_it_is_from(
    home: Path, served: Served, sources: Path, tmp_path: Path
) -> None:
    serve_raster(served, tmp_path, "/people.tif", 2, 111.5, -7.5, 1.5, 1 / 240, -99999)
    out = tmp_path / "bawa pulang"
    assert run(["data", "fetch", "people", "3505", "--sources", str(sources), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["sebaran_penduduk.sumber.json", "sebaran_penduduk.tif"]
    assert json.loads((out / "sebaran_penduduk.sumber.json").read_text())["licence"] == "CC BY 4.0"
    assert RegionFiles("3505").current("people") is None


def test_without_a_network_it_says_so_and_keeps_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = tmp_path / "s.toml"
    own.write_text(f'[people.x]\ntitle = "x"\nform = "cog"\nprivate = true\nurl = "http://127.0.0.1:{port}/p.tif"\n')
    assert run(["data", "fetch", "people", "3505", "--sources", str(own)]) == 1
    assert "jaringan tidak ada" in capsys.readouterr().err
    assert RegionFiles("3505").current("people") is None


def test_boundaries_that_the_reader_refuses_are_not_kept(
    home: Path, served: Served, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve_blitar(served)
    service = served.replies["/layer/query"]
    assert isinstance(service, MapService)
    service.features = [{**feature, "geometry": None} for feature in service.features]
    assert run(["data", "fetch", "boundaries", "3505", "--sources", str(sources)]) == 1
    assert "tidak punya bentuk" in capsys.readouterr().err
    assert RegionFiles("3505").current("boundaries") is None
    assert RegionFiles("3505").current("crosswalk") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["people", "3599"], "jangkau regions"),
        (["people", "35"], "bukan kode BPS"),
        (["people", "3505", "--source", "tidak-ada"], "worldpop_2025"),
        (["boundaries", "3505", "--sources", "tidak-ada.toml"], "Berkas tidak ditemukan"),
    ],
)
def test_what_cannot_be_fetched_is_said_before_anything_is_asked(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["data", "fetch", *arguments]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["boundaries", "crosswalk", "people", "elevation"])
def test_every_source_that_ships_names_its_licence_and_whom_to_thank(kind: str) -> None:
    import tomllib

    names = tomllib.loads((region_dir().parent / "sources.toml").read_text("utf-8"))[kind]
    for name in names:
        source = read_source(kind, name)  # type: ignore[arg-type]
        assert source.url.startswith("https://")
        assert source.licence
        assert source.attribution
        assert not source.private


def test_the_address_of_a_copernicus_tile_is_as_its_readme_says() -> None:
    url = read_source("elevation").url.format(ns="S", lat="09", ew="E", lon="112")
    assert url.endswith("/Copernicus_DSM_COG_10_S09_00_E112_00_DEM/Copernicus_DSM_COG_10_S09_00_E112_00_DEM.tif")


@pytest.mark.slow
def test_a_file_of_ones_own_is_kept_listed_and_taken_back(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "dukcapil.csv"
    codes = load_inputs("3505").villages["village_code_bps"]
    own.write_text("kode_bps,penduduk\n" + "".join(f"{code},1000\n" for code in codes))
    assert run(["data", "keep", "population", "3505", str(own), "--dated", "2026"]) == 0
    assert run(["data", "list", "3505"]) == 0
    said = capsys.readouterr().out
    assert "dukcapil.csv" in said
    assert "2026" in said
    assert load_inputs().villages["population"].eq(1000).all()
    assert run(["data", "undo", "population", "3505"]) == 0
    assert load_inputs().villages["population"].sum() == 1_223_745


@pytest.mark.slow
def test_what_the_readers_refuse_is_not_kept(
    home: Path, tmp_path: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "p.csv"
    wrong.write_text("kode_bps,penduduk\n3505030003,banyak\n")
    assert run(["data", "keep", "population", "3505", str(wrong)]) == 1
    assert "banyak" in capsys.readouterr().err
    bogor = shared / "bogor" / "villages_bps_2020.geojson"
    assert run(["data", "keep", "boundaries", "3505", str(bogor)]) == 1
    assert run(["data", "keep", "boundaries", "3505", str(tmp_path / "tidak-ada.geojson")]) == 1
    assert run(["data", "keep", "apa", "3505", str(bogor)]) == 2
    assert len(load_inputs().villages) == 248


def test_heights_that_are_none_are_not_kept(home: Path, served: Served, sources: Path, tmp_path: Path) -> None:
    for lat in (8, 9):
        for lon in (111, 112):
            serve_raster(served, tmp_path, f"/S{lat:02d}E{lon}.tif", 20_000, lon, 1 - lat, 1, 1 / 120, None)
    assert run(["data", "fetch", "elevation", "3505", "--sources", str(sources)]) == 1
    assert RegionFiles("3505").current("elevation") is None
