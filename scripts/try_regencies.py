"""Opens ten regencies of different kinds in the app, one after the other, as a visitor of an empty office would.

``python scripts/try_regencies.py POLYGONS`` starts a server on an empty data folder, chooses each by its address in
Chromium, waits for its map, goes through every page, and prints villages, seconds to the map and to all pages, and the
median overlap (intersection over union) of the drawn boundaries with the official polygons (GeoParquet with
``village_code_kemendagri``). Exit status 1 where a page shows an error.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent / "bench"))

from bench_drawn import overlap_shares
from playwright.sync_api import sync_playwright

from coverage.readers.nation import find_region
from coverage.store.drawn import boundary_file
from coverage.web.frame import PAGES
from tests.browser.by_socket import STARTS
from tests.browser.conftest import OFFICE, Visitor, start_server, stop
from tests.conftest import chromium_path

TEN = (
    "aceh utara",  # the most villages
    "kepulauan seribu",  # small islands
    "kepulauan aru",
    "nias selatan",
    "kota bogor",
    "kota administrasi jakarta pusat",
    "merauke",  # no BPS codes
    "pegunungan bintang",
    "brebes",
    "kota sabang",
)
FAULTS = '[data-testid="stException"], .jk-refused, [data-testid="stAlertContentError"]'


def opened(visitor: Visitor, name: str) -> tuple[float, float, list[str]]:
    """Seconds to the map and to all pages, and what went wrong."""
    since = time.perf_counter()
    visitor.open(f"/?wilayah={name.replace(' ', '%20')}")
    visitor.wait_for_map()
    mapped, wrong = time.perf_counter() - since, []
    for page in PAGES:
        visitor.open(f"/{page.url if page is not PAGES[0] else ''}?wilayah={name.replace(' ', '%20')}")
        visitor.page.locator(".jk-notes").wait_for(state="attached")
        visitor.settle()
        wrong += [f"{page.key}: {one}" for one in visitor.page.locator(FAULTS).all_inner_texts()]
    return mapped, time.perf_counter() - since, wrong


def _note(errors: list[str], error: object) -> None:
    errors.append(str(error))


def main() -> int:
    polygons = gpd.read_parquet(sys.argv[1]).set_index("village_code_kemendagri").geometry
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["JANGKAU_DATA_DIR"] = folder
        server = start_server(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
            context = browser.new_context(viewport={"width": OFFICE[0], "height": OFFICE[1]}, locale="id-ID")
            context.set_default_timeout(180_000)
            context.request.get(STARTS[server.url], max_redirects=0)
            print(f"{'regency':40} {'villages':>8} {'map s':>6} {'all s':>6} {'IoU':>5}")
            for name in TEN:
                visitor = Visitor(context.new_page(), server.url)
                visitor.page.on("pageerror", partial(_note, visitor.errors))
                mapped, whole, wrong = opened(visitor, name)
                drawn = gpd.read_file(boundary_file(name)).set_index("village_code_kemendagri").geometry
                both = drawn.index.intersection(polygons.index)
                overlap = float(np.median(overlap_shares(drawn[both], polygons[both])))
                regency = find_region(name).name
                print(f"{regency:40} {len(drawn):8} {mapped:6.1f} {whole:6.1f} {overlap:5.2f}", flush=True)
                faults += [f"{regency}: {one}" for one in (*wrong, *visitor.errors)]
                visitor.page.close()
        finally:
            stop(server.process)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
