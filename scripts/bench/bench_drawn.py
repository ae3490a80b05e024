"""How well, and how fast, the boundaries of any regency are drawn, against its village polygons.

    python scripts/bench/bench_drawn.py [--all | CODE ...] [--workers N] [--polygons FILE]

Without codes: 40 regencies of all sizes and kinds (islands, cities, Papua), the same every time; ``--all``: all 513. Each
is opened as by a user, in an empty data folder. Prints for each the villages, seconds of processor that its first opening
took (boundaries, forests and waters drawn, kept and read), intersection over union with the polygons, how far drawn areas
miss the known ones, what is left of the outline without a village, overlaps, villages without a sound outline and those
whose known point lies outside theirs; then all together, beside Kabupaten Blitar as it ships.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage import load_inputs
from coverage.base.projection import utm_crs
from coverage.places.boundaries import draw_boundaries
from coverage.readers.nation import find_region, outline_of, regencies, villages_of
from coverage.readers.shipped import region_dir
from coverage.store.drawn import not_village_file

POLYGONS = Path(__file__).parents[3] / "shared" / "data" / "nation" / "boundaries_simplified.parquet"
KINDS = ("31.01", "81.72", "21.01", "82.06", "96.03", "11.09", "71.03", "93.01", "94.06", "95.03", "96.71", "73.71")
"""Islands, Papua and cities that are always among the forty; the others are spread over the sizes."""
BLITAR = "35.05"


def forty() -> list[str]:
    """Forty regencies: those of :data:`KINDS`, and others at even distances in the order of villages."""
    table = regencies().query("villages > 0").sort_values(["villages", "regency_code_kemendagri"])
    rest = table[~table["regency_code_kemendagri"].isin([*KINDS, BLITAR])]
    at = np.linspace(0, len(rest) - 1, 40 - len(KINDS)).round().astype(int)
    return [*KINDS, *rest["regency_code_kemendagri"].iloc[at]]


@cache
def polygons_in(path: Path) -> gpd.GeoSeries:
    """The village polygons by Kemendagri code."""
    return gpd.read_parquet(path).set_index("village_code_kemendagri").geometry


def start_worker(path: Path, folder: str) -> None:
    """Read the polygons, and compile, before anything is timed."""
    os.environ["JANGKAU_DATA_DIR"] = folder
    polygons_in(path)
    load_inputs("32.71")


def overlap_shares(drawn: gpd.GeoSeries, polygons: gpd.GeoSeries) -> np.ndarray:
    """Intersection over union of each pair, in the region's UTM zone."""
    crs = utm_crs(polygons)
    one, other = drawn.to_crs(crs).to_numpy(), shapely.make_valid(polygons.to_crs(crs).to_numpy())
    shared = shapely.area(shapely.intersection(one, other))
    return shared / (shapely.area(one) + shapely.area(other) - shared)


def measure(code: str, path: Path) -> dict[str, float | str]:
    """Open one regency and hold it against its polygons; the error that it ended in is told with the others."""
    before = time.process_time()
    try:
        drawn = load_inputs(code).villages
        forests = not_village_file(code)
    except Exception as error:
        return {"regency": code, "error": repr(error)}
    seconds = time.process_time() - before
    facts = villages_of(find_region(code)).set_index("village_code_kemendagri")
    drawn = drawn.set_index("village_code_kemendagri").geometry.reindex(facts.index)
    shares = overlap_shares(drawn, polygons_in(path).loc[drawn.index])
    outline = outline_of(find_region(code))
    crs = utm_crs(outline)
    shapes = drawn.to_crs(crs).to_numpy()
    whole = shapely.union_all(shapes)
    points = shapely.points(facts[["lon", "lat"]].to_numpy())
    cells = [drawn, gpd.read_file(forests).geometry] if forests else [drawn]
    return {
        "regency": find_region(code).name,
        "villages": len(facts),
        "seconds": seconds,
        "iou": float(np.median(shares)),
        "below_half": float((shares < 0.5).mean()),
        "area_missed": float(np.median(np.abs(shapely.area(shapes) / 1e6 / facts["area_km2"].to_numpy() - 1))),
        "left_km2": outline.to_crs(crs).iloc[0].difference(whole).area / 1e6,
        "overlap_m2": float(shapely.area(shapes).sum() - whole.area),
        "unsound": sum(int((each.isna() | each.is_empty | ~each.is_valid).sum()) for each in cells),
        "point_outside": int((~shapely.dwithin(drawn.to_numpy(), points, 1e-6)).sum()),
    }


def as_line(row: dict[str, float | str]) -> str:
    """One regency's figures."""
    return "  ".join(f"{key} {value:.3f}" if isinstance(value, float) else f"{value}" for key, value in row.items())


def main() -> None:
    """Draw, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("codes", nargs="*")
    arguments.add_argument("--all", action="store_true")
    arguments.add_argument("--workers", type=int, default=os.cpu_count())
    arguments.add_argument("--polygons", type=Path, default=POLYGONS)
    given = arguments.parse_args()
    chosen = given.codes or (
        list(regencies().query("villages > 0")["regency_code_kemendagri"]) if given.all else forty()
    )
    # The longest first, so that no process is left with one at the end.
    order = regencies().set_index("regency_code_kemendagri")["villages"].to_dict()
    chosen.sort(key=lambda code: order.get(code, 0), reverse=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        with ProcessPoolExecutor(given.workers, initializer=start_worker, initargs=(given.polygons, folder)) as pool:
            for row in pool.map(measure, chosen, [given.polygons] * len(chosen)):
                rows.append(row)
                print(as_line(row), flush=True)
        wall = time.perf_counter() - before
    table = pd.DataFrame(rows)
    failed = table[table["error"].notna()] if "error" in table else table.iloc[:0]
    spent = table["seconds"].sum()
    print(
        f"{len(table)} regencies, {table['villages'].sum():.0f} villages: {wall:.0f} s on the wall with {given.workers} "
        f"processes, measuring included (load {os.getloadavg()[0]:.1f}); opening took {spent:.0f} s of processor, "
        f"{300 * spent / table['villages'].sum():.2f} s for 300 villages"
    )
    print(f"median IoU {table['iou'].median():.3f}, lowest {table['iou'].min():.3f}")
    for name in ("left_km2", "overlap_m2", "unsound", "point_outside", "seconds"):
        worst = table.nlargest(3, name)[["regency", name]].to_numpy().tolist()
        print(f"{name}: in all {table[name].sum():.3f}, most in {worst}")
    print(f"not opened: {failed[['regency', 'error']].to_numpy().tolist() if len(failed) else 0}")
    polygons = polygons_in(given.polygons)
    shipped = gpd.read_file(region_dir() / "villages.geojson")
    shares = overlap_shares(shipped.geometry, polygons.loc[shipped["village_code_kemendagri"]])
    facts = villages_of(find_region(BLITAR))
    centres = gpd.GeoSeries.from_xy(facts["lon"], facts["lat"], crs="EPSG:4326")
    again = draw_boundaries(centres, facts["area_km2"].to_numpy(), outline_of(find_region(BLITAR)), fill=True)
    alike = np.median(overlap_shares(again, polygons.loc[facts["village_code_kemendagri"]]))
    print(f"Kabupaten Blitar as it ships {np.median(shares):.3f}, drawn like the others {alike:.3f}")


if __name__ == "__main__":
    main()
