"""Inventaris in a real browser: sign in, look at the history, go back; and a viewer who may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from coverage.readers.assets import read_assets
from coverage.readers.shipped import region_dir
from coverage.store import Actor, Store, open_store
from tests.browser.conftest import Server, Visit, Visitor, start_server, stop

PASSWORD = "kata sandi yang panjang 2026"
ADMIN = Actor("pengelola", "admin")
ROW, HEAD = 35, 35
EDITED = "CCTV-001"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An inventory with the sample list and three accounts, in a folder of its own."""
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    store = open_store()
    assets, _ = read_assets(region_dir() / "assets_sample.csv")
    store.apply_import(assets, "assets_sample.csv", ADMIN)
    for name, role in (("ani", "admin"), ("budi", "editor"), ("citra", "viewer")):
        store.add_user(name, role, PASSWORD, ADMIN)
    yield store
    store.close()


@pytest.fixture
def office(browser: Browser, kept: Store, tmp_path: Path) -> Iterator[Server]:
    started = start_server(tmp_path)
    yield started
    stop(started.process)


def sign_in(visitor: Visitor, name: str) -> None:
    visitor.open("/inventaris")
    page = visitor.page
    page.get_by_role("button", name="Masuk").first.click(timeout=60_000)
    page.get_by_role("textbox", name="Nama akun").fill(name)
    page.get_by_role("textbox", name="Kata sandi").fill(PASSWORD)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    page.get_by_text(f"Masuk sebagai {name}").wait_for()
    page.get_by_test_id("stDataFrame").first.wait_for()
    page.wait_for_timeout(1000)  # the list is painted after its frame is there


def cell(visitor: Visitor, row: int, x: float) -> tuple[float, float]:
    """The middle of a cell of the list: ``x`` pixels from its left edge."""
    box = visitor.page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box
    return box["x"] + x, box["y"] + HEAD + ROW * (row + 0.5)


def choose(visitor: Visitor, view: str) -> None:
    visitor.page.get_by_role("radio", name=view).or_(visitor.page.get_by_role("button", name=view)).first.click()


def test_the_history_of_an_asset_and_the_way_back(office: Server, kept: Store, visit: Visit) -> None:
    kept.change(EDITED, 1, {"status": "damaged"}, Actor("budi", "editor"), "disambar petir")
    visitor = visit(office.url)
    sign_in(visitor, "budi")
    visitor.page.mouse.click(*cell(visitor, 0, 27))
    visitor.page.get_by_text("disambar petir").wait_for()
    visitor.picture("inventory_history", whole=True)
    visitor.page.get_by_role("button", name="Kembalikan", exact=True).click()
    visitor.page.get_by_text("Tersimpan.").wait_for()
    assert kept.asset(EDITED, viewer=ADMIN)["status"].iloc[0] == "operational"
    assert len(kept.history(EDITED, ADMIN)) == 3


def test_a_viewer_reads_everything_and_changes_nothing(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    sign_in(visitor, "citra")
    visitor.page.mouse.dblclick(*cell(visitor, 0, 250))
    visitor.page.keyboard.type("Diubah")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_timeout(1500)
    assert visitor.page.get_by_role("button", name="Simpan").count() == 0
    assert visitor.page.get_by_role("button", name="Urungkan perubahan terakhir").count() == 0
    choose(visitor, "Tambah dan pindah di peta")
    visitor.page.get_by_text("Masuk sebagai penyunting").wait_for()
    for view, name in (("Ringkasan", "summary"), ("Daftar perbaikan", "repairs"), ("Andai dibangun", "scenarios")):
        choose(visitor, view)
        visitor.page.wait_for_timeout(4000)
        visitor.picture(f"inventory_{name}", whole=True)
    assert len(kept.history(EDITED, ADMIN)) == 1


def test_who_has_not_signed_in_sees_no_camera(office: Server, visit: Visit) -> None:
    visitor = visit(office.url)
    visitor.open("/")
    visitor.wait_for_map()
    kinds = visitor.map.locator("body").evaluate(
        "() => JSON.stringify(window.jangkau ? Object.keys(window.jangkau) : [])"
    )
    assert json.loads(kinds)
    legend = visitor.map.locator(".jk-legend, .leaflet-control").all_inner_texts()
    assert not any("CCTV" in text for text in legend)
    assert any("Menara" in text for text in legend)
