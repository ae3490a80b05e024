"""Reach by radius against the peer that most would write: geopandas buffer, union and overlay.

Both in one run on the same made region, the error of each against circles of 1,024 corners. Once for shares
of area of the villages, and once for shares of their cells, which shares of people ask for.

    python scripts/bench/bench_reach.py --villages 248 --assets 20000
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parents[2]))

from coverage.base.schema import SERVICES
from coverage.land.cells import Land, make_land
from coverage.land.people import spread_evenly
from coverage.reach.radius import reach_by_radius
from coverage.villages_served.village_service import nearest_assets, village_service

UTM = 32749
CORNER = np.array([400_000.0, 9_000_000.0])
KINDS = (
    ("wifi", "public_wifi", 60.0, 0.14),
    ("fiber_node", "backhaul", 5000.0, 0.23),
    ("radio_link", "backhaul", 5000.0, 0.02),
    ("cctv", "surveillance", 50.0, 0.13),
    ("tower", "cellular", 3000.0, 0.48),
)
T = TypeVar("T")


def made_region(villages: int, assets: int, seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Thiessen villages of 6.5 km² on average, with wavy borders, and assets at random places."""
    random = np.random.default_rng(seed)
    side = np.sqrt(villages * 6.5e6)
    frame = shapely.box(*CORNER, *(CORNER + side))
    centres = shapely.points(random.uniform(CORNER, CORNER + side, (villages, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(centres), extend_to=frame))
    outlines = shapely.transform(shapely.segmentize(shapely.intersection(cells, frame), 25), _wavy)
    codes = [f"{k:010d}" for k in range(villages)]
    region = gpd.GeoDataFrame({"village_code_bps": codes, "population": 4_900.0}, geometry=outlines, crs=UTM)
    middle = gpd.GeoSeries(region.representative_point(), crs=UTM).to_crs(4326)
    region["centre_lon"], region["centre_lat"] = middle.x, middle.y
    kind = random.choice(len(KINDS), assets, p=[k[3] for k in KINDS])
    table = gpd.GeoDataFrame(
        {
            "asset_id": [f"A{k:06d}" for k in range(assets)],
            "kind": [KINDS[k][0] for k in kind],
            "status": "operational",
        },
        geometry=shapely.points(random.uniform(CORNER, CORNER + side, (assets, 2))),
        crs=UTM,
    )
    service_reach = pd.DataFrame(
        {
            "asset_position": np.arange(assets),
            "service": [KINDS[k][1] for k in kind],
            "reach_m": [KINDS[k][2] for k in kind],
        }
    )
    return region, table, service_reach


def _wavy(points: np.ndarray) -> np.ndarray:
    """Shift points by waves of 40 m: what neighbours share stays shared."""
    return points + 40 * np.column_stack([np.sin(points[:, 1] / 170), np.sin(points[:, 0] / 230)])


def by_overlay(
    places: gpd.GeoDataFrame, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame, quad_segs: int
) -> np.ndarray:
    """Area in reach of each of the ``places``, by geopandas: buffer, union, overlay."""
    points = assets.geometry.iloc[service_reach["asset_position"]]
    discs = points.buffer(service_reach["reach_m"].to_numpy(), quad_segs=quad_segs)
    union = gpd.GeoDataFrame(geometry=[discs.union_all()], crs=places.crs).explode()
    pieces = gpd.overlay(places[["place", "geometry"]], union, how="intersection")
    return pieces.area.groupby(pieces["place"]).sum().reindex(places["place"], fill_value=0).to_numpy()


def cells_of(land: Land) -> gpd.GeoDataFrame:
    """Whole cells of the grid that lie in one village each, as polygons, with their row in table CELLS."""
    cells = land.cells[land.cells["area_m2"] > land.cell_m**2 * (1 - 1e-9)]
    x = land.x0 + cells["column"].to_numpy() * land.cell_m
    y = land.y0 + cells["row"].to_numpy() * land.cell_m
    return gpd.GeoDataFrame(
        {"place": cells.index}, crs=land.crs, geometry=shapely.box(x, y, x + land.cell_m, y + land.cell_m)
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` returns, and the seconds it took."""
    begin = time.perf_counter()
    done = work()
    return done, time.perf_counter() - begin


def compare(region: gpd.GeoDataFrame, assets: gpd.GeoDataFrame, service_reach: pd.DataFrame, service: str) -> None:
    """Print one service by both ways, for villages and for cells."""
    only = service_reach[service_reach["service"] == service]
    land, cutting = timed(lambda: make_land(region))
    reach, measuring = timed(lambda: reach_by_radius(land, assets, only)[service])
    areas = land.cells["area_m2"] * reach
    villages = region.assign(place=np.arange(len(region)))
    cells = cells_of(land)
    for name, places, ours in (
        ("villages", villages, np.bincount(land.cells["village_position"], areas)),
        ("cells", cells, areas[cells["place"]].to_numpy()),
    ):
        theirs, seconds = timed(lambda places=places: by_overlay(places, assets, only, 16))
        exact = by_overlay(places, assets, only, 256) / places.area
        wrong = [np.abs(found / places.area - exact).max() for found in (ours, theirs)]
        print(
            f"{service}, {len(only)} circles, {len(places)} {name}: ours {cutting + measuring:.2f} s "
            f"(land {cutting:.2f}), error {wrong[0]:.0e}; overlay {seconds:.2f} s, error {wrong[1]:.0e}; "
            f"ratio {seconds / (cutting + measuring):.1f}"
        )


def main() -> None:
    """Print a line a measurement."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--villages", type=int, default=248)
    arguments.add_argument("--assets", type=int, default=522)
    arguments.add_argument("--no-peer", action="store_true", help="ours alone, for large cases")
    chosen = arguments.parse_args()
    region, assets, service_reach = made_region(chosen.villages, chosen.assets, seed=1)
    _, compiling = timed(lambda: reach_by_radius(make_land(region.head(2)), assets, service_reach))
    land, cutting = timed(lambda: make_land(region))
    reach, measuring = timed(lambda: reach_by_radius(land, assets, service_reach))
    _, summing = timed(
        lambda: (
            village_service(region, spread_evenly(land), reach, assets, service_reach, set(SERVICES)),
            nearest_assets(region, assets),
        )
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(region)} villages, {len(assets)} assets, {len(land.cells)} pieces: first {compiling:.1f} s, "
        f"land {cutting:.2f} s, reach of all services {measuring:.2f} s, "
        f"village service and nearest {summing:.2f} s; peak {peak:.0f} MB"
    )
    if not chosen.no_peer:
        for service in ("public_wifi", "cellular"):
            compare(region, assets, service_reach, service)


if __name__ == "__main__":
    main()
