"""Take the pictures of the manual anew, of the app as it is, in both languages.

    python scripts/manual_pictures.py          all of them
    python scripts/manual_pictures.py peta     those of some chapters

Needs Chromium and the extras web and test. They show the trial region in a store of their own. ``tests/browser/test_manual.py``
takes one of them in the same way, so that this goes on working.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402

from coverage.language.words import LANGUAGES, Words  # noqa: E402
from coverage.web.server.manual import PAGES  # noqa: E402
from tests.browser.by_socket import STARTS  # noqa: E402
from tests.browser.conftest import OFFICE, start_server, stop  # noqa: E402
from tests.conftest import chromium_path  # noqa: E402

MOST_BYTES = 60_000
WIDTH = 1000
VILLAGE = "3505030003"


def settle(page: Page) -> None:
    """Until Streamlit has answered everything, figures and pictures are those of now, and the map is drawn."""
    page.locator(".jk-notes").wait_for()
    for pause in (400, 400):
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        for passing in ('[data-testid="stSkeleton"]', '[data-testid="stSpinner"]', ".jk-older"):
            expect(page.locator(passing)).to_have_count(0)
        page.wait_for_timeout(pause)
    if page.locator("iframe").count():
        page.frame_locator("iframe").first.locator(".jk-ready").wait_for()
        page.wait_for_timeout(800)


def webp(png: bytes) -> bytes:
    """Shrink a screenshot to what the manual shows, at most 60 kB."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if image.width > WIDTH:
        image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    for quality in (80, 65, 50, 35):
        packed = io.BytesIO()
        image.save(packed, "webp", quality=quality, method=6)
        if packed.tell() <= MOST_BYTES:
            break
    return packed.getvalue()


def take(page: Page, url: str, name: str, words: Words) -> bytes:
    """Take the picture of a chapter."""
    at = {"peta": f"/?desa={VILLAGE}&", "istilah": "/?"}.get(name, f"/{name}?")
    page.goto(f"{url}{at}bahasa={words.language}")
    settle(page)
    if name in ACTS:
        ACTS[name](page, words)
        settle(page)
    if name == "istilah":
        return webp(page.frame_locator("iframe").locator(".jk-legend").screenshot())
    foot = page.locator(".jk-notes").bounding_box()
    assert foot
    height = min(OFFICE[1], foot["y"] + foot["height"] + 15)
    return webp(page.screenshot(clip={"x": 0, "y": 0, "width": OFFICE[0], "height": height}))


def _sample_list(page: Page, words: Words) -> None:
    if page.get_by_role("button", name=words("inventory.use_sample")).count():
        page.get_by_role("button", name=words("inventory.use_sample")).click()
        page.get_by_role("button", name=words("inventory.use_sample")).wait_for(state="detached")
        settle(page)
        page.reload()  # without the message that it was taken in


def _plan(page: Page, words: Words) -> None:
    page.get_by_role("button", name=words("planning.compute")).click()
    page.locator(".jk-plan-strip").wait_for()
    page.get_by_role("button", name=words("planning.stop")).wait_for(state="detached")


def _proposals(page: Page, words: Words) -> None:
    if not page.locator('[data-testid="stDataFrame"]').count():
        page.get_by_role("button", name=words("proposals.new")).click()
        page.get_by_role("combobox", name=words("proposals.field.village")).fill("Kaulon")
        page.keyboard.press("Enter")
        page.get_by_role("textbox", name=words("proposals.field.name")).fill("SDN Kaulon 2")
        page.get_by_role("button", name=words("proposals.register"), exact=True).click()
        page.locator(".st-key-proposal_detail").wait_for()
        page.keyboard.press("Escape")
        return
    page.locator('[data-testid="stDataFrame"]').click(position={"x": 15, "y": 50})
    page.locator(".st-key-proposal_detail").wait_for()


def _whole_region(page: Page, words: Words) -> None:
    page.frame_locator("iframe").get_by_role("button", name=words("web.map.whole")).click()


ACTS: dict[str, Callable[[Page, Words], None]] = {"peta": _whole_region, "inventaris": _sample_list, "rencana": _plan}
ACTS["usulan"] = _proposals
NAMES = (*PAGES, "istilah")


def main() -> None:
    """Take them all; the inventory last, as it changes what the others show."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ |= {"JANGKAU_DATA_DIR": folder, "LOGNAME": "ani"}
        expect.set_options(timeout=120_000)
        server = start_server(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": OFFICE[0], "height": OFFICE[1]}, locale="id-ID")
        context.request.get(STARTS[server.url], max_redirects=0)
        context.set_default_timeout(120_000)
        try:
            for name in sorted(sys.argv[1:] or NAMES, key=lambda each: each == "inventaris"):
                for language in LANGUAGES:
                    packed = take(context.new_page(), server.url, name, Words(language))
                    (ROOT / "docs/manual" / language / "pictures" / f"{name}.webp").write_bytes(packed)
                    print(f"{language} {name} {len(packed) / 1000:.0f} kB")
        finally:
            browser.close()
            stop(server.process)


if __name__ == "__main__":
    main()
