"""Distances by road, held against geodesic lengths of a road that turns once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from coverage.readers import kinds as readers_kinds
from coverage.readers.basemap import Basemap
from coverage.run.road_distance import _nearest_first, _shortened, road_distances, visiting_order

CORNERS = [(112.00, -8.10), (112.05, -8.10), (112.05, -8.05)]


def test_the_way_by_road_is_as_long_as_the_road(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roads = gpd.GeoDataFrame(
        {"layer": ["road", "road"], "class": ["local", "path"], "name": None, "credit": "Dinas"},
        geometry=[shapely.LineString(CORNERS), shapely.LineString([CORNERS[0], CORNERS[2]])],  # nobody drives a path
        crs="EPSG:4326",
    )
    roads.to_parquet(tmp_path / "kept.parquet")
    monkeypatch.setattr("coverage.readers.basemap.read_within", lambda _, read, path: read(path))
    villages = gpd.GeoDataFrame(
        {
            "village_code_bps": ["3505010001", "3505010002", "3505010003"],
            "centre_lon": [112.00, 112.05, 112.20],
            "centre_lat": [-8.10, -8.075, -8.10],
        },
        geometry=[shapely.box(lon - 0.01, -8.11, lon + 0.01, -8.04) for lon in (112.0, 112.05, 112.2)],
        crs="EPSG:4326",
    )
    assets = gpd.GeoDataFrame(
        {
            "asset_id": ["M-1", "W-1", "W-2"],
            "kind": ["tower", "wifi", "wifi"],
            "status": ["operational"] * 2 + ["planned"],
        },
        geometry=gpd.points_from_xy([112.05, 112.20, 112.00], [-8.05, -8.10, -8.10]),
        crs="EPSG:4326",
    )
    run: Any = SimpleNamespace(
        basemap=Basemap(tmp_path / "kept.parquet", (), {"road": 2}), assets=assets, villages=villages,
        run={"run_id": "roads"}, parameters=SimpleNamespace(kinds=readers_kinds.asset_kinds()),
    )  # fmt: skip
    found = road_distances(run)
    assert found is not None
    north = pyproj.Geod(ellps="WGS84").line_length([112.05, 112.05], [-8.075, -8.05])
    whole = pyproj.Geod(ellps="WGS84").line_length(*zip(*CORNERS, strict=True))
    expected = [whole, north, np.nan]  # the last village is far from any road
    for name in ("tower", "cellular"):
        assert found[name].to_numpy() == pytest.approx(expected, rel=2e-3, nan_ok=True)
    assert "wifi" not in found  # one stands off the roads, one is only planned
    first, second, third = villages["village_code_bps"]
    (end, start), (middle, leg), (lonely, none) = visiting_order(run, [second, third, first]) or []
    assert (end, middle, lonely, start) == (second, first, third, 0)
    assert leg == pytest.approx(whole - north, rel=2e-3)
    assert np.isnan(none)
    run.basemap = None
    assert road_distances(run) is None
    assert visiting_order(run, [first]) is None


def test_the_order_of_visits_is_hardly_longer_than_the_shortest_of_all() -> None:
    from itertools import pairwise, permutations

    at = np.random.default_rng(3).random((8, 2))
    metres = 1e5 * np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    found = _shortened(_nearest_first(metres, np.arange(8)), metres)
    shortest = min(sum(metres[one, other] for one, other in pairwise((0, *rest))) for rest in permutations(range(1, 8)))
    assert sorted(found) == list(range(8))
    assert found[0] == 0
    assert sum(metres[one, other] for one, other in pairwise(found)) <= 1.1 * shortest
