"""What a click on page Sinyal takes to answer "what would a tower here change?", in a real Chromium.

    python scripts/bench/bench_what_if.py [--clicks 8] [--without-elevation]

Made hills in cells of 30 m, the sample list. Prints the seconds from each click to the last change of the answer, and how
often the usual one goes into a whole run with that tower, computed beside it. Ends with status 1 where a click after the
first takes more than half a second.
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
from playwright.sync_api import Page, expect, sync_playwright

from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from coverage.store.losses import LossCache
from tests.browser.by_socket import STARTS
from tests.browser.conftest import OFFICE, start_server, stop
from tests.conftest import chromium_path

LIMIT_S = 0.5
PLACE, STEP = (-8.2, 112.25), (0.004, -0.009)
"""Latitude and longitude in the south of the regency, and from one click to the next."""
WATCH = """() => {
    const box = document.querySelector(".stMain") || document.body;
    let text = "";
    const look = () => {
        const told = document.querySelector(".st-key-try_outcome");
        if (told && told.innerText !== text) { text = told.innerText; window.answered = Date.now(); }
    };
    new MutationObserver(look).observe(box, { subtree: true, childList: true, characterData: true });
}"""


def clicked(page: Page, place: tuple[float, float]) -> float:
    """Seconds from a click to the last change of the answer."""
    frame = page.frame_locator("iframe")
    x, y = frame.locator("body").evaluate(
        "(_, at) => { const p = window.map.latLngToContainerPoint(at); return [p.x, p.y]; }", list(place)
    )
    box = page.locator("iframe").bounding_box()
    assert box
    began = page.evaluate("() => { window.answered = 0; return Date.now(); }")
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_function("() => window.answered && Date.now() - window.answered > 1500")
    return (float(page.evaluate("() => window.answered")) - began) / 1000


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
            page.get_by_text("Andai dibangun", exact=True).click()
            expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
            page.wait_for_timeout(4000)
            page.evaluate(WATCH)
            places = [(PLACE[0] + k * STEP[0], PLACE[1] + k * STEP[1]) for k in range(asked.clicks)]
            first, *seconds = [clicked(page, place) for place in places]
        finally:
            chromium.close()
            stop(server.process)
        print(f"first {first:.2f} s, then " + ", ".join(f"{one:.2f}" for one in seconds) + " s", flush=True)
        parameters = read_parameters()
        inputs = load_inputs(elevation=[Path(given[1])] if given else [])
        ground = prepare(inputs, parameters, LossCache(folder / "signal"))
        analyze(inputs, parameters, ground)
        began = time.perf_counter()
        analyze(inputs, parameters, ground)
        usual = sorted(seconds)[len(seconds) // 2]
        print(
            f"a whole run, with all losses kept, takes {(time.perf_counter() - began) / usual:.0f} times the usual one"
        )
    return int(max(seconds) > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
