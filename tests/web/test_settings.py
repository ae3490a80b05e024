"""What the environment says, and only that, decides what is shown."""

from pathlib import Path

import pytest

from coverage.base.errors import ParameterError
from coverage.run.sources import Sources
from coverage.web.settings import base_path, language, tiles


def test_nothing_set_means_the_region_that_ships() -> None:
    assert Sources.from_environment({}) == Sources()
    assert Sources().files() == []


def test_what_the_command_was_given_comes_back_from_the_environment() -> None:
    chosen = Sources(
        region="desa.geojson",
        assets=(Path("a.csv"), Path("b c.csv")),
        assets_kind="tower",
        assets_column=("lat=Lintang", "lon=Bujur"),
        assets_sheet="Menara",
        assets_crs="EPSG:32749",
        assets_dates="mdy",
        assets_repair=("swap", "minus"),
        assets_skip_refused=True,
        people=Path("p.csv"),
        people_measure="count",
        evidence=(Path("e.csv"),),
        crosswalk=Path("c.csv"),
        elevation=(Path("S09E112.hgt"), Path("d.tif")),
        clutter=(Path("t.tif"),),
        hints=(Path("sel.csv"),),
        measurements=(Path("uji.csv"),),
        calibrate=True,
        reach_model="signal",
        parameters=Path("m.toml"),
        criteria=Path("k.csv"),
        facilities=Path("f.csv"),
        landmarks=(Path("dusun.csv"), Path("sekolah.csv")),
        no_inventory=True,
        no_evidence=True,
        no_figures=True,
        no_settings=True,
    )
    assert all(getattr(chosen, name) != getattr(Sources(), name) for name in Sources.options())
    assert Sources.from_environment(chosen.to_environment()) == chosen
    assert set(Sources().to_environment().values()) == {""}


def test_a_language_that_is_not_spoken_becomes_indonesian() -> None:
    assert (language({}), language({"JANGKAU_LANG": "en"}), language({"JANGKAU_LANG": "xx"})) == ("id", "en", "id")


def test_a_base_path_is_a_plain_path() -> None:
    assert base_path({}) == base_path({"JANGKAU_BASE_PATH": "/"}) == ""
    for said in ("jangkau", "/jangkau", "/jangkau/"):
        assert base_path({"JANGKAU_BASE_PATH": said}) == "/jangkau"
    assert base_path({"JANGKAU_BASE_PATH": "/peta/v2.1"}) == "/peta/v2.1"
    for said in ("/a b", "/a//b", "/../a", "/a;b", '/"><script>', "https://kantor.go.id/jangkau", "/é"):
        with pytest.raises(ParameterError):
            base_path({"JANGKAU_BASE_PATH": said})


def test_a_tile_server_must_be_a_web_address() -> None:
    assert tiles({}) is None
    assert tiles({"JANGKAU_TILE_URL": "javascript:alert(1)"}) is None
    assert tiles({"JANGKAU_TILE_URL": "file:///etc/passwd"}) is None
    found = tiles({"JANGKAU_TILE_URL": "https://{s}.ubin.go.id/{z}/{x}/{y}.png"})
    assert found is not None
    assert found.origin == "https://*.ubin.go.id"
