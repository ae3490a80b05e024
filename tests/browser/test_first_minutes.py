"""From an empty data folder, without a network: an office's own villages on the map, then its towers, then figures."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from coverage.readers.nation import find_region, villages_of
from tests.browser.conftest import WAIT, Server, Visit, Visitor, patience, start_server, stop
from tests.browser.test_import_page import confirm, hand_in

COUNT_CLICKS = """addEventListener('click', event => {
  if (event.isTrusted) sessionStorage.setItem('clicks', 1 + +sessionStorage.getItem('clicks'))
}, true)"""


@pytest.fixture
def started(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, float]]:
    """A server on an empty folder, and when its start began."""
    (tmp_path / "kosong").mkdir()
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path / "kosong"))
    began = time.perf_counter()
    server = start_server(tmp_path)
    yield server, began
    stop(server.process)


def counts(visitor: Visitor) -> list[int]:
    """Villages served, weak, blank and not known, as the strip above the map says."""
    return [int(number) for number in re.findall(r"(\d+)\s+desa", visitor.page.locator(".jk-strip").inner_text())]


@pytest.mark.slow
def test_brebes_is_on_the_map_within_six_clicks_and_its_towers_give_figures(
    started: tuple[Server, float], visit: Visit, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    server, began = started
    visitor = visit(server.url)
    page = visitor.page
    page.add_init_script(COUNT_CLICKS)
    visitor.open()
    page.get_by_role("button", name="Mulai dengan kabupaten Anda").first.click()
    search = page.get_by_role("combobox", name="Kabupaten atau kota lain").last
    search.click()
    search.press_sequentially("brebes")
    page.get_by_role("option", name="Kabupaten Brebes").click()
    expect(page.get_by_role("button", name="Kabupaten Brebes").first).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="Peta").first.click()
    visitor.wait_for_map()
    villages = visitor.map.locator("path.jk-village, path.leaflet-interactive")
    expect(villages).to_have_count(297)
    seconds, clicks = time.perf_counter() - began, int(page.evaluate("sessionStorage.clicks"))
    record_property("seconds_from_start_to_map", round(seconds, 1))
    record_property("clicks", clicks)
    assert clicks <= 6
    assert seconds < 60 * patience()
    assert counts(visitor) == [0, 0, 0, 297]
    visitor.picture("first_brebes")

    towers = tmp_path / "menara brebes.csv"
    with towers.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Nama", "Lintang", "Bujur"])
        for place in villages_of(find_region("brebes"))[::6].itertuples():
            rows.writerow([f"Menara {place.village}", place.lat, place.lon])
    page.get_by_role("link", name="Impor").first.click()
    page.get_by_role("heading", name="Impor daftar").wait_for()
    page.reload()  # the address of any page carries the region
    expect(page.get_by_role("button", name="Kabupaten Brebes").first).to_be_visible(timeout=WAIT)
    page.get_by_role("heading", name="Impor daftar").wait_for()
    visitor.settle()
    hand_in(visitor, towers)
    confirm(visitor)
    visitor.press("Terapkan: 50 aset baru")
    page.get_by_text("selesai dan tersimpan").wait_for()
    page.get_by_role("link", name="Peta").first.click()
    expect(page.locator(".jk-strip")).not_to_contain_text("297", timeout=2 * WAIT)
    served, weak, blank, unknown = counts(visitor)
    assert served + weak + blank + unknown == 297
    assert served + weak > 50, "fifty towers reach their own villages at least"
    visitor.picture("first_brebes_towers")
