"""What is typed on the map is found by name, code, kind and place, and cameras only by who may see them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import shapely.affinity

from coverage.language.words import Words
from coverage.readers.basemap import Basemap
from coverage.run.result import Analysis
from coverage.web.addresses import search_url
from coverage.web.map_page.search import search_name
from coverage.web.maps.layers import Viewer
from tests.web.test_server import get

Asked = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def run(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """The region that ships with a base map, a hamlet and a school."""
    folder = tmp_path_factory.mktemp("search")
    named = [
        {"layer": "place", "class": "locality", "name": "Alas Purwo", "credit": "Dinas"},
        {"layer": "road", "class": "local", "name": "Jalan Kenari", "credit": "Dinas"},
        {"layer": "road", "class": "local", "name": "Jalan Kenari", "credit": "Dinas"},
        {"layer": "water", "class": "stream", "name": "Kali Wates", "credit": "Dinas"},
        {"layer": "water", "class": "stream", "name": "Kali Wates", "credit": "Dinas"},
        {"layer": "water", "class": "lake", "name": "Telaga Biru", "credit": "Dinas"},
    ]
    line = shapely.LineString([(112.2080, -8.1561), (112.2090, -8.1561)])
    shapes = [
        shapely.Point(112.2084, -8.1561),
        line,
        shapely.affinity.translate(line, 0.001),
        line,
        shapely.LineString([(112.3080, -8.1561), (112.3081, -8.1561)]),
        line.buffer(0.0005),
    ]
    kept = gpd.GeoDataFrame(named, geometry=shapes, crs="EPSG:4326")
    kept.to_parquet(folder / "kept.parquet")
    home = {"village_code_bps": "3505060010", "village": "Kaulon", "subdistrict": "Sutojayan", "state": "blank"}
    marks = pd.DataFrame(
        [
            {"landmark_id": "1", "kind": "hamlet", "name": "Dusun Sumber Ringin", "lon": 112.2, "lat": -8.15, **home},
            {"landmark_id": "2", "kind": "school", "name": "SDN Kaulon 01", "lon": None, "lat": None, **home},
        ]
    )
    drawn_on = Basemap(folder / "kept.parquet", (), {})
    return replace(analysis, basemap=drawn_on, landmarks=marks, run={**analysis.run, "run_id": "searched"})


def ask(run: Analysis, text: str, signed_in: bool = False) -> Asked:
    name = search_name(run, Words("id"), Viewer(sees_cctv=signed_in))
    status, headers, body = get(f"{search_url(name)}?kata={quote(text)}")
    assert (status, headers["cache-control"]) == (200, "no-store")
    return {group["name"]: group["rows"] for group in json.loads(body)["groups"]}


@pytest.mark.parametrize(
    "typed",
    ["kaulon", "Desa KAULON", "Kaulòn", "kaulom", "kaulon sutojayan", "3505060010", "35.05.12.2011", "3505122011"],
)
def test_a_village_is_found_however_it_is_written(run: Analysis, typed: str) -> None:
    assert ask(run, typed)["villages"][0]["village"] == "3505060010"


def test_hamlets_points_assets_and_places_are_found_beside_villages(run: Analysis) -> None:
    assert ask(run, "sumberringin")["hamlets"][0]["at"] == [-8.15, 112.2]
    assert ask(run, "sdn kaulon 1")["service_points"][0]["village"] == "3505060010"  # of no place: its village
    tower = ask(run, "menara twr-014")["assets"][0]
    assert (tower["asset"], tower["village"]) == ("TWR-014", "3505060011")
    assert ask(run, "alaspurwo")["places"][0]["village"] == "3505060002"
    assert ask(run, "tidak ada desa begini") == {}
    for typed, said in (("jalan kenari", "Jalan"), ("kali wates", "Sungai"), ("telaga biru", "Danau")):
        (row,) = ask(run, typed)["places"]  # a road is found once, in however many pieces it is kept
        assert row["said"].startswith(said)
        assert row["village"] == "3505060002"
    assert ask(run, "xx") == {}  # the number 20, which is in every other code


@pytest.mark.parametrize(
    "typed",
    [
        "-8.1561, 112.2084",
        "8°9'22\" LS 112°12'30\" BT",
        "49 M 633121 9098245",
        "633121 9098245",
        "X=633121 Y=9098245 zona 49S",
        "112.2084, -8.1561",
        "6P3JR6V5+H9",
        "R6V5+H9",
        "https://www.google.com/maps?q=-8.1561,112.2084",
    ],
)
def test_coordinates_in_any_form_lie_in_their_village(run: Analysis, typed: str) -> None:
    (row,) = ask(run, typed)["coordinates"]
    assert row["village"] == "3505060002"
    assert row["at"] == pytest.approx([-8.1561, 112.2084], abs=2e-4)


def test_metres_without_a_zone_say_which_was_taken(run: Analysis) -> None:
    found = search_name(run, Words("id"), Viewer(sees_cctv=False))
    answer = json.loads(get(f"{search_url(found)}?kata={quote('633121 9098245')}")[2])
    assert "49S" in answer["note"]
    north = json.loads(get(f"{search_url(found)}?kata={quote('633121 123456')}")[2])
    assert "49N" in north["note"]
    assert north["groups"][0]["rows"][0]["at"][0] == pytest.approx(1.117, abs=1e-3)


def test_cameras_are_found_only_by_who_may_see_them(run: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(run, "CCTV-001") == {}
    monkeypatch.setattr("coverage.web.server.mounts.sees_cameras", lambda token: True)
    assert ask(run, "CCTV-001", signed_in=True)["assets"][0]["asset"] == "CCTV-001"
    monkeypatch.setattr("coverage.web.server.mounts.sees_cameras", lambda token: False)
    assert get(search_url(search_name(run, Words("id"), Viewer())) + "?kata=CCTV-001")[0] == 404
    assert get(search_url("unknown"))[0] == 404
