"""The map loads nothing from elsewhere, takes no text of users, and trusts no click."""

import re
from dataclasses import replace
from pathlib import Path

import folium
import pytest

from coverage.language.words import Words
from coverage.readers.basemap import Basemap
from coverage.run.result import Analysis
from coverage.web.maps.layers import Viewer
from coverage.web.maps.map_view import Click, _Choice, _config, _Layers, _OfflineMap, read_click
from tests.web.hostile import NAMES


def written(analysis: Analysis, words: Words) -> str:
    figure = _OfflineMap(location=[-8.1, 112.2], tiles=None)
    _Layers(_config(analysis, words, Viewer())).add_to(figure)
    group = folium.FeatureGroup()
    _Choice({"rule": "overlay", "village": "3505060010", "fly": 1}).add_to(group)
    group.add_to(figure)
    return str(figure.get_root().render())


def test_every_script_and_style_comes_from_this_server(analysis: Analysis, words: Words) -> None:
    page = written(analysis, words)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) >= 5
    assert all(address.startswith("/aset/") for address in addresses), addresses
    assert "//" not in re.sub(r"<!--.*?-->", "", page).replace("application/json", "")


def test_no_text_of_a_user_is_in_what_folium_writes(analysis: Analysis, words: Words, tmp_path: Path) -> None:
    assert analysis.assets is not None
    villages = analysis.villages.assign(village=(list(NAMES) * 40)[: len(analysis.villages)], subdistrict=NAMES[0])
    assets = analysis.assets.assign(name=NAMES[1], owner=NAMES[2])
    drawn_on = Basemap(tmp_path / "peta_dasar.parquet", tuple(NAMES), {})
    told = {**analysis.run, "run_id": "hostile-map"}
    hostile = replace(analysis, villages=villages, assets=assets, basemap=drawn_on, tiles=drawn_on, run=told)
    page = written(hostile, words)
    assert "hacked" not in page
    assert "example.com" not in page


def test_a_change_of_rule_or_village_leaves_the_frame_as_it_is(analysis: Analysis, words: Words) -> None:
    assert _config(analysis, words, Viewer()) == _config(analysis, words, Viewer())


@pytest.mark.parametrize(
    ("value", "click"),
    [
        ({"lat": -8.1, "lon": 112.2, "village": "35", "asset": None}, Click(-8.1, 112.2, "35", None)),
        ({"lat": -8.1, "lon": 112.2, "village": "36", "asset": "A1"}, Click(-8.1, 112.2, None, "A1")),
        ({"lat": -8.1, "lon": 112.2, "village": ["35"], "asset": {"A1": 1}}, Click(-8.1, 112.2, None, None)),
        ({"lat": "x", "lon": 112.2}, None),
        ({"lat": float("nan"), "lon": 112.2}, None),
        ({}, None),
        (None, None),
        ("35", None),
    ],
)
def test_a_click_names_only_what_is_there(value: object, click: Click | None) -> None:
    assert read_click(value, {"35"}, {"A1"}) == click
