"""Line of sight: ridges worked out by hand, GDAL's own viewshed, and a valley."""

import shutil
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.land.cells import make_land
from coverage.reach.line_of_sight import (
    Observer,
    Outlook,
    SightLine,
    Viewshed,
    seen_by_any,
    seen_by_observers,
    sight_line,
    viewshed,
    viewsheds,
)
from coverage.reach.radius import reach_by_radius
from coverage.reach.signal_at_places import over_circles, places_of
from coverage.reach.terrain import Terrain, fractal_terrain
from coverage.readers.parameters import read_parameters
from tests.examples import examples

CRS = pyproj.CRS("EPSG:32749")
NO_CURVATURE = 1e12


def ridge_profile(height_m: float, first_m: float, second_m: float, **how: float) -> SightLine:
    """10 km of flat ground at sea level with one ridge half way, at 1 GHz."""
    distance = np.linspace(0.0, 10.0, 101)
    ground = np.zeros(101)
    ground[50] = height_m
    return sight_line(distance, ground, np.zeros(101), first_m, second_m, 1.0, **how)


def ground_with_ridge(height_m: float) -> Terrain:
    """200 cells of 100 m from west to east, flat but for a ridge 10 km along."""
    ground = np.zeros((41, 200), np.float32)
    ground[:, 100] = height_m
    return Terrain(ground, 0.0, 0.0, 100.0, CRS)


def test_a_ridge_in_the_fresnel_zone_by_hand() -> None:
    # Half way: bulge 5·5/(12.74·4/3) = 1.47 m, F1 = 17.32·√(25/10) = 27.39 m; the ray at 60 m over a ridge of
    # 50 m.
    line = ridge_profile(50.0, 60.0, 60.0)
    assert line.bulge_m[50] == pytest.approx(1.472, abs=1e-3)
    assert line.fresnel_m[50] == pytest.approx(27.385, abs=1e-3)
    assert line.free_m[50] == pytest.approx(60 - 50 - 1.472 - 0.6 * 27.385, abs=1e-2)
    assert not line.blocked
    assert line.grazed
    assert line.worst_km == 5.0
    assert line.raise_both_m == pytest.approx(7.903, abs=1e-2)
    assert line.raise_first_m == pytest.approx(2 * 7.903, abs=2e-2)


@pytest.mark.parametrize(("k", "blocked"), [(NO_CURVATURE, False), (4 / 3, False), (2 / 3, True), (0.5, True)])
def test_the_same_ridge_blocks_in_a_bad_hour_but_not_without_curvature(k: float, blocked: bool) -> None:
    # The ray is 2 m above the ridge; the bulge half way is 1.96/k m.
    assert ridge_profile(50.0, 52.0, 52.0, k=k, clearance=0.0).blocked is blocked


def test_raised_as_told_the_way_is_clear_and_not_a_centimetre_less() -> None:
    told = ridge_profile(80.0, 30.0, 10.0)
    assert told.blocked
    for first, second in ((told.raise_first_m, 0.0), (0.0, told.raise_second_m), (told.raise_both_m,) * 2):
        assert not ridge_profile(80.0, 30.0 + first + 0.01, 10.0 + second + 0.01).grazed
        assert ridge_profile(80.0, 30.0 + first - 0.02, 10.0 + second - 0.02).grazed


def test_trees_before_an_antenna_stand_in_the_way_those_around_its_foot_do_not() -> None:
    distance, clutter = np.linspace(0.0, 2.0, 21), np.zeros(21)
    clutter[[0, 20]] = 30.0
    assert not sight_line(distance, np.zeros(21), clutter, 25.0, 25.0, 5.8).grazed
    clutter[10] = 30.0
    line = sight_line(distance, np.zeros(21), clutter, 25.0, 25.0, 5.8)
    assert line.blocked
    assert line.worst_km == 1.0


@pytest.mark.parametrize("method", ["wavefront", "exact"])
def test_an_area_behind_a_ridge_by_hand_with_and_without_curvature(method: str) -> None:
    # From 60 m over a ridge of 50 m at 5 km, without curvature: the ray falls 2 m a km and reaches the height
    # of a phone 29.25 km out, and that of a mast of 42.5 m at 8.75 km.
    terrain, tower = ground_with_ridge(50.0), Observer(5050.0, 2050.0, 60.0)
    flat = viewshed(terrain, tower, Outlook(14_000.0, k=NO_CURVATURE, method=method))  # type: ignore[arg-type]
    row = flat.seen[flat.seen.shape[0] // 2, flat.seen.shape[1] // 2 :]
    assert row[:51].all()
    assert not row[51:].any()
    curved = viewshed(terrain, tower, Outlook(14_000.0, target_m=42.5, method=method))  # type: ignore[arg-type]
    row = curved.seen[curved.seen.shape[0] // 2, curved.seen.shape[1] // 2 :]
    # With k = 4/3 ground at d km is lowered by d²/16.987 m. The ridge looks as high as (50 - 60)/5 - 5/16.987
    # = -2.294 m a km, the mast as (42.5 - 60)/d - d/16.987, which is higher from 10.41 km to 28.57 km.
    assert not row[51:105].any()
    assert row[105:141].all()
    straight = viewshed(terrain, tower, Outlook(14_000.0, 42.5, NO_CURVATURE, method=method))  # type: ignore[arg-type]
    row = straight.seen[straight.seen.shape[0] // 2, straight.seen.shape[1] // 2 :]
    assert not row[51:88].any()
    assert row[88:141].all()


def test_the_sea_ends_at_the_horizon() -> None:
    # √(2·k·6370·h): 4.12·(√30 + √1.5) = 27.6 km with k = 4/3, 23.9 km without refraction.
    sea = Terrain(np.zeros((21, 700), np.float32), 0.0, 0.0, 50.0, CRS)
    for k, horizon_km in ((4 / 3, 27.6), (1.0, 23.9)):
        found = viewshed(sea, Observer(25.0, 525.0, 30.0), Outlook(34_000.0, k=k))
        row = found.seen[found.seen.shape[0] // 2, found.seen.shape[1] // 2 :]
        assert row[: int(20 * horizon_km) - 2].all()
        assert not row[int(20 * horizon_km) + 3 :].any()


@pytest.fixture(scope="module")
def hills() -> Terrain:
    return fractal_terrain(2000, 2000, 30.0, 800.0, seed=3, roughness=2.0)


@pytest.mark.parametrize(("row", "column", "mast"), [(1000, 1000, 42.0), (420, 1630, 30.0)])
def test_a_viewshed_agrees_with_gdals(hills: Terrain, tmp_path: Path, row: int, column: int, mast: float) -> None:
    if not shutil.which("gdal_viewshed"):
        pytest.skip("gdal_viewshed (Debian package gdal-bin) is not installed")
    import rasterio

    heights, theirs = tmp_path / "heights.tif", tmp_path / "seen.tif"
    with rasterio.open(
        heights,
        "w",
        driver="GTiff",
        height=2000,
        width=2000,
        count=1,
        dtype="float32",
        crs=hills.crs,
        transform=rasterio.Affine(30.0, 0.0, 0.0, 0.0, -30.0, 60_000.0),
    ) as file:
        file.write(hills.height_m[::-1], 1)
    x, y = (column + 0.5) * 30, (row + 0.5) * 30
    subprocess.run(
        [
            "gdal_viewshed",
            "-q",
            "-ox",
            str(x),
            "-oy",
            str(y),
            "-oz",
            str(mast),
            "-tz",
            "1.5",
            "-cc",
            "0.75",
            str(heights),
            str(theirs),
        ],
        check=True,
        capture_output=True,
    )
    with rasterio.open(theirs) as file:
        seen_by_gdal = file.read(1)[::-1] > 0
    ours = viewshed(hills, Observer(x, y, mast), Outlook(90_000.0))
    seen = seen_by_any(hills, iter([ours])) > 0
    assert 0.02 < seen.mean() < 0.95
    assert (seen & seen_by_gdal).sum() > 0.99 * (seen | seen_by_gdal).sum()
    assert (seen == seen_by_gdal).mean() > 0.99


@pytest.mark.parametrize(("relief_m", "roughness", "least"), [(800.0, 2.0, 0.99), (300.0, 2.4, 0.998)])
def test_the_fast_method_agrees_with_a_profile_per_cell(relief_m: float, roughness: float, least: float) -> None:
    terrain = fractal_terrain(700, 700, 30.0, relief_m / 3, seed=8, roughness=roughness)
    observer, reach = Observer(10_500.0, 10_500.0, 42.0), 9000.0
    fast, exact = (
        viewshed(terrain, observer, Outlook(reach, method=method)).seen  # type: ignore[arg-type]
        for method in ("wavefront", "exact")
    )
    rows, columns = np.indices(fast.shape) - fast.shape[0] // 2
    assert (fast == exact)[np.hypot(rows, columns) <= 300].mean() > least


def test_a_clear_fresnel_zone_is_asked_of_areas_too() -> None:
    terrain = fractal_terrain(500, 500, 30.0, 150.0, seed=8)
    observer = Observer(7500.0, 7500.0, 60.0)
    sight, clear, exact = (
        viewshed(terrain, observer, Outlook(6000.0, 10.0, 4 / 3, clearance, 0.942, method)).seen
        for clearance, method in ((0.0, "wavefront"), (0.6, "wavefront"), (0.6, "exact"))
    )
    assert (clear <= sight).mean() > 0.999
    assert clear.sum() < 0.97 * sight.sum()
    assert (clear == exact).mean() > 0.985


@settings(max_examples=examples(20))
@given(st.integers(0, 10_000), st.floats(1.0, 40.0), st.floats(1.0, 60.0))
def test_a_higher_mast_never_hides_what_a_lower_one_sees(seed: int, mast: float, more: float) -> None:
    terrain = fractal_terrain(64, 64, 30.0, 60.0, seed=seed, roughness=1.8)
    low, high = (
        viewshed(terrain, Observer(960.0, 960.0, height), Outlook(900.0, method="exact")).seen
        for height in (mast, mast + more)
    )
    assert (high >= low).all()


def test_who_sees_is_seen() -> None:
    terrain = fractal_terrain(120, 120, 30.0, 120.0, seed=4, roughness=1.9)
    ways = [((10, 15), (100, 80)), ((60, 60), (20, 110)), ((5, 100), (70, 64)), ((50, 50), (75, 40))]
    there, back = [], []
    for start, end in ways:
        for list_, (a, b) in ((there, (start, end)), (back, (end, start))):
            found = viewshed(
                terrain, Observer(a[1] * 30 + 15, a[0] * 30 + 15, 12.0), Outlook(4000.0, 12.0, method="exact")
            )
            list_.append(int(found.seen[b[0] - found.row, b[1] - found.column]))
    assert there == back


def test_a_village_behind_a_ridge_is_blank_though_near_and_one_on_the_slope_is_served_though_far() -> None:
    ground = np.full((400, 400), 100.0, np.float32)
    ground[:, 160:166] = 150.0
    ground[:, 280:] = 100.0 + 3.0 * np.arange(120)
    terrain = Terrain(ground, 600_000.0, 9_100_000.0, 30.0, CRS)
    x, y = 600_000.0 + 30 * np.array([120.0, 188.0, 320.0]), 9_106_000.0
    boxes = [shapely.box(at - 150, y - 150, at + 150, y + 150) for at in x[1:]]
    villages = gpd.GeoDataFrame({"village_code_bps": ["3505010001", "3505010002"]}, geometry=boxes, crs=CRS)
    land = make_land(villages.to_crs("EPSG:4326"), 100.0, 10.0)
    tower = gpd.GeoDataFrame(
        {
            "asset_id": ["a"],
            "kind": ["tower"],
            "height_m": [42.0],
            "band_mhz": [900.0],
            "reach_m": [np.nan],
            "operator": ["X"],
            "status": ["operational"],
        },
        geometry=[shapely.Point(x[0], y)],
        crs=CRS,
    ).to_crs("EPSG:4326")
    reaches = pd.DataFrame({"asset_position": [0], "service": ["cellular"], "reach_m": [3000.0]})
    terrain = Terrain(terrain.height_m, terrain.x0, terrain.y0, 30.0, land.crs)
    seen = seen_by_observers(tower, terrain, read_parameters().kinds, read_parameters().radio)
    row, column, covered = places_of(land, terrain)
    known = covered[:, covered.shape[1] // 2]
    share = (seen[row, column] & covered).sum(axis=1) / np.maximum(covered.sum(axis=1), 1)
    sight = over_circles(land, tower, reaches, "cellular", np.where(known, share, np.nan))
    circles = reach_by_radius(land, tower, reaches)
    by_village = land.cells["village_position"].to_numpy()
    assert np.round(sight["cellular"].groupby(by_village).mean(), 2).tolist() == [0.0, 1.0]
    assert np.round(circles["cellular"].groupby(by_village).mean(), 2).tolist() == [1.0, 0.0]
    assert (sight["connection"] == sight["cellular"]).all()
    assert list(sight.columns) == list(circles.columns)


class Shelf:
    """A store that counts."""

    def __init__(self) -> None:
        self.kept: dict[str, Viewshed] = {}

    def get(self, key: str) -> Viewshed | None:
        return self.kept.get(key)

    def put(self, key: str, viewshed: Viewshed) -> None:
        self.kept[key] = viewshed


def test_one_tower_moved_is_computed_alone() -> None:
    terrain, shelf, outlook = fractal_terrain(300, 300, 30.0, 200.0, seed=1), Shelf(), Outlook(1500.0)
    towers = [Observer(1000.0 + 900 * k, 4000.0, 30.0) for k in range(8)]
    first = seen_by_any(terrain, viewsheds(terrain, towers, [outlook] * 8, shelf))
    assert len(shelf.kept) == 8
    towers[3] = Observer(4000.0, 6000.0, 30.0)
    second = seen_by_any(terrain, viewsheds(terrain, towers, [outlook] * 8, shelf))
    assert len(shelf.kept) == 9
    assert (second == seen_by_any(terrain, viewsheds(terrain, towers, [outlook] * 8))).all()
    assert (first != second).any()
