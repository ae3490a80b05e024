"""How long the inventory takes at 100,000 assets, beside the way without a store: a GeoPackage written anew per save.

    python scripts/bench/bench_store.py [--assets N] [--database URL]

Each line is the median of some runs: seconds on the wall, seconds of the processor (others may be using it too), and
the limit or the ratio. Ends with status 1 if a limit is missed on the processor's clock.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from coverage.store import Actor, AssetFilter, open_store

EDITOR, ADMIN = Actor("eko", "editor"), Actor("adi", "admin")
T = TypeVar("T")
missed = []


def invented(count: int) -> gpd.GeoDataFrame:
    """So many assets around Blitar."""
    draw = np.random.default_rng(1)
    return gpd.GeoDataFrame(
        {
            "asset_id": [f"aset-{n:06d}" for n in range(count)],
            "kind": draw.choice(["wifi", "fiber_node", "tower", "radio_link", "cctv"], count),
            "status": draw.choice(["operational", "damaged", "planned"], count, p=[0.8, 0.1, 0.1]),
            "name": [f"Titik {n} Desa {n % 248}" for n in range(count)],
            "owner": draw.choice(["Diskominfo", "Swasta", "Provinsi"], count),
            "height_m": draw.uniform(3, 60, count),
            "note": "dicatat dalam survei",
        },
        geometry=shapely.points(draw.uniform(112, 112.5, count), draw.uniform(-8.3, -8, count)),
        crs=4326,
    )


def measured(name: str, work: Callable[[], T], runs: int = 5, limit_s: float | None = None) -> tuple[T, float]:
    """Run ``work``, print how long it took, and return what it gave last and the median on the wall."""
    walls, processors = [], []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    told = f"{name:58s} {median(walls):8.4f} s {median(processors):8.4f} s of processor"
    if limit_s is not None:
        kept = median(processors) < limit_s
        told += f"   limit {limit_s:g} s {'kept' if kept else 'MISSED'}"
        if not kept:
            missed.append(name)
    print(told, flush=True)
    return result, median(walls)


def main() -> int:
    """Fill a store, then do what an office does all day."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--assets", type=int, default=100_000)
    options.add_argument("--database", help="postgresql://... of an empty database; SQLite if left out")
    given = options.parse_args()
    frame = invented(given.assets)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = given.database or str(folder / "jangkau.db")
        store = open_store(url)
        measured(f"import of {given.assets:,} assets", lambda: store.imports.add_assets(frame, "daftar.csv", EDITOR), 1)
        store.close()
        store, _ = measured("opening, every line of history checked", lambda: open_store(url), 1)
        measured("a page of 100, with the number of all", lambda: store.assets.page(viewer=EDITOR), limit_s=0.5)
        measured(
            "a page in the middle, sorted by name",
            lambda: store.assets.page(viewer=EDITOR, sort="name", offset=given.assets // 2),
            limit_s=0.5,
        )
        measured(
            "a page filtered by kind, status and text, newest first",
            lambda: store.assets.page(
                AssetFilter(kinds=("wifi",), statuses=("damaged",), text="desa 17"), EDITOR, "updated_at", True
            ),
            limit_s=0.5,
        )
        measured(
            "a page of what lies on a map of 5 km",
            lambda: store.assets.page(AssetFilter(bounds=(112.2, -8.2, 112.25, -8.15)), EDITOR),
            limit_s=0.5,
        )
        version = [1]

        def save() -> None:
            version[0] = store.assets.change("aset-000500", version[0], {"note": f"perubahan {version[0]}"}, EDITOR)

        _, one_save = measured("a save", save, 20, limit_s=0.1)
        measured(
            "the history of one asset with its 21 changes", lambda: store.history.of("aset-000500", EDITOR), 20, 0.05
        )
        measured("the whole inventory as a table", lambda: store.assets.table(viewer=EDITOR), 3)
        measured("the whole inventory as it was", lambda: store.assets.table(at="2999-01-01", viewer=EDITOR), 1)
        measured("backup", lambda: store.backups.make(folder / "cadangan.zip", ADMIN), 1)
        measured("restore", lambda: store.backups.restore(folder / "cadangan.zip", ADMIN), 1)
        everything = store.assets.table(viewer=EDITOR)
        store.close()
        file = folder / "aset.gpkg"
        _, rewriting = measured(
            "without a store: the GeoPackage written anew (pyogrio)",
            lambda: pyogrio.write_dataframe(everything, file, driver="GPKG"),
            3,
        )
        print(f"a save in the store is {rewriting / one_save:,.0f} times as fast, and keeps its history")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
