"""What a click on page Sinyal takes to answer "what would a tower here change?", in a real Chromium.

    python scripts/bench/bench_what_if.py [--clicks 8] [--without-elevation]

Made hills in cells of 30 m, the sample list. Prints the seconds from each click until its text changes no more and until
the page is done, and how often the usual one goes into a whole run of the same inputs, computed beside it with all
losses kept. Ends with status 1 where a click after the first takes more than half a second.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import pytest
from playwright.sync_api import Frame, Page, expect, sync_playwright

from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from coverage.store.losses import LossCache
from tests.browser.by_socket import STARTS
from tests.browser.conftest import OFFICE, start_server, stop
from tests.conftest import chromium_path

LIMIT_S, QUIET_MS = 0.5, 1500
PLACE, STEP = (-8.2, 112.25), (0.01, -0.03)
"""Latitude and longitude in the south of the regency, and from one click to the next: not on the point that is there."""
WATCH = """() => {
    let text = null;
    setInterval(() => {
        const box = document.querySelector(".st-key-signal_beside"), app = document.querySelector("[data-testid=stApp]");
        if (!box || app.getAttribute("data-test-script-state") !== "notRunning") window.done = null;
        else if (!window.done) window.done = Date.now();
        if (box && box.innerText !== text) { text = box.innerText; window.changed = Date.now(); }
    }, 10);
}"""
DONE = """([place, quiet]) => {
    const typed = (document.querySelector("input[aria-label^='Tempat']") || {}).value || "";
    const [lat, lon] = typed.split(",").map(Number);
    const there = Math.abs(lat - place[0]) < 0.003 && Math.abs(lon - place[1]) < 0.003;
    return there && window.done && Date.now() - Math.max(window.done, window.changed) > quiet;
}"""


def clicked(page: Page, frame: Frame, place: tuple[float, float]) -> tuple[float, float]:
    """Seconds from a click to the last change of the text beside the map (none where it says the same), and to the page's
    being done."""
    x, y = frame.evaluate(
        "(at) => { const p = window.map.latLngToContainerPoint(at); return [p.x, p.y]; }", list(place)
    )
    box = page.locator("iframe").bounding_box()
    assert box
    began = page.evaluate("() => Date.now()")
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_function(DONE, arg=[list(place), QUIET_MS])
    changed, done = page.evaluate("() => [window.changed, window.done]")
    return max(changed - began, 0) / 1000, (done - began) / 1000


def main() -> int:
    """Start the app on made ground, and click."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clicks", type=int, default=8)
    options.add_argument("--without-elevation", action="store_true")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        folder, given = Path(name), []
        patch.setenv("JANGKAU_DATA_DIR", name)
        if not asked.without_elevation:
            maker = str(Path(__file__).with_name("bench_terrain.py"))
            subprocess.run([sys.executable, maker, str(folder / "dem.tif")], check=True)
            given = ["--elevation", str(folder / "dem.tif")]
        server = start_server(folder, *given)
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        try:
            context = chromium.new_context(viewport=dict(zip(("width", "height"), OFFICE, strict=True)), locale="id-ID")
            context.set_default_timeout(300_000)
            context.request.get(STARTS[server.url], max_redirects=0)
            page = context.new_page()
            page.goto(f"{server.url}/sinyal")
            page.frame_locator("iframe").locator(".jk-ready").wait_for()
            if given:
                page.get_by_text("Andai dibangun", exact=True).click()
            expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
            page.wait_for_timeout(10_000)  # as long as one looks for a place
            page.evaluate(WATCH)
            frame = next(each for each in page.frames[1:] if each.evaluate("() => Boolean(window.map)"))
            places = [(PLACE[0] + k * STEP[0], PLACE[1] + k * STEP[1]) for k in range(asked.clicks)]
            told, done = zip(*(clicked(page, frame, place) for place in places), strict=True)
            seconds = [max(pair) for pair in zip(told[1:], done[1:], strict=True)]
        finally:
            chromium.close()
            stop(server.process)
        for what, found in (("text", told), ("page", done)):
            print(
                f"{what}: first {found[0]:.2f} s, then " + ", ".join(f"{one:.2f}" for one in found[1:]) + " s",
                flush=True,
            )
        parameters = read_parameters()
        inputs = load_inputs(elevation=[Path(given[1])] if given else [])
        ground = prepare(inputs, parameters, LossCache(folder / "signal"))
        analyze(inputs, parameters, ground)
        began = time.perf_counter()
        analyze(inputs, parameters, ground)
        usual = sorted(seconds)[len(seconds) // 2]
        print(f"a whole run, all losses kept, takes {(time.perf_counter() - began) / usual:.0f} times the usual one")
    return int(max(seconds) > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
