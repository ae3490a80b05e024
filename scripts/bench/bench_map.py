"""What the map of page Peta costs a browser: first map, click, and frames while it is moved, with and without roads.

    python scripts/bench/bench_map.py [--roads 30000]

Frames are the pauses between two of Chromium's animation frames while the map is panned and zoomed. The peer is a page
of Leaflet alone that draws the same roads as one layer on a canvas, moved in the same way in the same run. Chromium has
no graphics card here: it draws with the processor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import pytest
from playwright.sync_api import Frame, Page, sync_playwright

from coverage.run.inputs import load_inputs
from coverage.store import Actor
from coverage.store.drawn_on import keep_drawn_on
from coverage.store.region_files import RegionFiles
from coverage.web.addresses import FOLDERS
from tests.browser.conftest import OFFICE, STARTS, start_server, stop
from tests.conftest import chromium_path
from tests.made_osm import write_osm

MOVED = """async (map) => {
  const frames = []; let last = performance.now(), on = true;
  const tick = () => requestAnimationFrame(() => { const now = performance.now(); frames.push(now - last); last = now; if (on) tick(); });
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const part = (all, share) => [...all].sort((a, b) => a - b)[Math.floor(share * (all.length - 1))];
  tick();
  const said = {};
  for (const zoom of [11, 12.5, 14, 15.5]) {
    map.setView([-8.12, 112.2], zoom, { animate: false }); await wait(2500);
    frames.length = 0; last = performance.now();
    for (let k = 0; k < 6; k += 1) { map.panBy([k % 2 ? -260 : 260, k % 3 ? -120 : 120], { animate: true, duration: 0.5 }); await wait(650); }
    const pan = [...frames]; frames.length = 0;
    map.setZoom(zoom + 1); await wait(900); map.setZoom(zoom); await wait(900);
    said[zoom] = [part(pan, 0.5), part(pan, 0.95), part(frames, 0.5), part(frames, 0.95)].map(Math.round);
  }
  on = false;
  return said;
}"""


def told(name: str, found: dict[str, list[int]]) -> float:
    """Say the pauses by zoom; returns the worst p95."""
    for zoom, (pan, pan_late, zoomed, zoomed_late) in sorted(found.items(), key=lambda one: float(one[0])):
        print(
            f"{name:26s} zoom {zoom:>4s}   pan p50 {pan:4d} p95 {pan_late:4d} ms   zoom p50 {zoomed:4d} p95 {zoomed_late:4d} ms",
            flush=True,
        )
    return max(max(each[1], each[3]) for each in found.values())


def map_frame(page: Page) -> Frame:
    """The frame that holds the map."""
    page.frame_locator("iframe").first.locator(".jk-ready").wait_for(timeout=120_000)
    return next(each for each in page.frames if each.evaluate("() => Boolean(window.map && window.map.getZoom)"))


def first_map(page: Page, url: str) -> float:
    """Seconds until the map is there."""
    began = time.perf_counter()
    page.goto(url)
    map_frame(page)
    return time.perf_counter() - began


def clicks(page: Page) -> list[float]:
    """Seconds from clicking a village to its facts beside the map."""
    map_frame(page)
    box = page.locator("iframe").first.bounding_box()
    assert box
    waits = []
    for across, along in ((0.42, 0.35), (0.62, 0.35), (0.72, 0.5), (0.52, 0.55), (0.8, 0.3)):  # far enough apart
        before = page.locator(".st-key-facts").inner_text()
        began = time.perf_counter()
        page.mouse.click(box["x"] + across * box["width"], box["y"] + along * box["height"])
        facts = page.locator(".st-key-facts")
        while facts.inner_text() == before and time.perf_counter() < began + 30:
            page.wait_for_timeout(20)
        waits.append(time.perf_counter() - began)
        page.wait_for_timeout(500)
    return sorted(waits)


def main() -> int:
    """Keep a made base map, start the app, and move."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--roads", type=int, default=30_000)
    asked = options.parse_args()
    rows = round((asked.roads / 2) ** 0.5)
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        folder = Path(name)
        patch.setenv("JANGKAU_DATA_DIR", name)
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        late = {}
        for there in (False, True):
            if there:
                given = {"title": "made", "dated": "2026", "origin": "upload"}
                extract = write_osm(folder / "roads.osm", rows=rows, bends=4)
                keep_drawn_on(
                    RegionFiles("3505"), "basemap", [extract], load_inputs().villages, given, Actor("bench", "admin")
                )
            server = start_server(folder)
            try:
                context = chromium.new_context(
                    viewport=dict(zip(("width", "height"), OFFICE, strict=True)), locale="id-ID"
                )
                context.request.get(STARTS[server.url], max_redirects=0)
                page = context.new_page()
                first_map(page, server.url)
                title = f"{asked.roads} roads" if there else "no roads"
                print(
                    f"{title:26s} first map {min(first_map(page, server.url) for _ in range(3)):.2f} s (best of 3)",
                    flush=True,
                )
                page.wait_for_timeout(2000)
                waits = clicks(page)
                print(f"{title:26s} click p50 {waits[2]:.2f} s, longest {waits[-1]:.2f} s", flush=True)
                page.goto(server.url)
                frame = map_frame(page)
                page.wait_for_timeout(2000)
                late[there] = told(title, frame.evaluate(f"({MOVED})(window.map)"))
            finally:
                stop(server.process)
        roads = load_inputs().basemap
        assert roads
        shapes = gpd.read_parquet(roads.path)[["geometry"]].to_json()
        plain = chromium.new_context(viewport=dict(zip(("width", "height"), OFFICE, strict=True))).new_page()
        plain.set_content('<div id="map" style="width:900px;height:630px"></div>')
        plain.add_style_tag(path=FOLDERS["leaflet"] / "leaflet.css")
        plain.add_script_tag(path=FOLDERS["leaflet"] / "leaflet.js")
        plain.evaluate(
            "(said) => { window.map = L.map('map', {preferCanvas: true, zoomSnap: 0.1}).setView([-8.12, 112.2], 11); L.geoJSON(JSON.parse(said)).addTo(window.map); }",
            shapes,
        )
        peer = told("Leaflet alone, same roads", plain.evaluate(f"({MOVED})(window.map)"))
        chromium.close()
    print(
        f"worst p95: {late[True]:.0f} ms, {late[True] / late[False]:.2f} of that without roads, {late[True] / peer:.2f} of the peer's"
    )
    return 0 if late[True] <= 60 else 1


if __name__ == "__main__":
    raise SystemExit(main())
