"""Page Data in a real browser: bring a file in, see before and after, take it back; begin a region of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from coverage.run.inputs import load_inputs
from coverage.store import Actor, open_store
from coverage.store.region_files import RegionFiles
from tests.browser.conftest import PHONE, WAIT, Server, Visit, Visitor, served

FILE = ".st-key-data_panel input[type=file]"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def office(browser: Browser, home: Path) -> Iterator[Server]:
    """One server for all tests here: each goes back to the data that ship."""
    with served(home) as started:
        yield started


def open_page(visitor: Visitor, path: str = "/data") -> None:
    visitor.open(path)
    visitor.page.locator(".jk-data").wait_for(timeout=WAIT)


def row(visitor: Visitor, name: str) -> str:
    return visitor.page.locator(".jk-data tbody tr", has_text=name).first.inner_text()


def row_says(visitor: Visitor, name: str, text: str) -> None:
    """The table is drawn anew after the message above it: wait for what it is to say."""
    expect(visitor.page.locator(".jk-data tbody tr", has_text=name).first).to_contain_text(text, timeout=WAIT)


def choose(visitor: Visitor, kind: str) -> None:
    """Choose a kind whose lists go in on page Impor."""
    panel = visitor.page.locator(".st-key-data_kind")
    panel.get_by_role("radio", name=kind, exact=True).or_(
        panel.get_by_role("button", name=kind, exact=True)
    ).first.click()
    expect(visitor.page.locator(FILE)).to_have_count(0)  # the form of the kind before fades out


def bring(visitor: Visitor, *files: Path) -> None:
    visitor.page.locator(FILE).set_input_files([str(file) for file in files])
    visitor.page.get_by_role("button", name="Periksa dan coba").click()


def compared(visitor: Visitor, name: str) -> list[str]:
    cells = visitor.page.locator(
        ".jk-before-after tbody tr", has=visitor.page.get_by_role("rowheader", name=name, exact=True)
    ).first.locator("td")
    return cells.all_inner_texts()


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).click(timeout=WAIT)


def test_a_file_that_is_refused_says_why_and_changes_nothing(office: Server, visit: Visit, tmp_path: Path) -> None:
    wrong = tmp_path / "batas.geojson"
    wrong.write_text('{"type": "FeatureCollection", "features": []}')
    visitor = visit(office.url)
    open_page(visitor)
    visitor.picture("data_page", whole=True)
    uploader = visitor.page.get_by_test_id("stFileUploader")
    for language, said in (("EN", "Upload"), ("ID", "Unggah")):
        visitor.page.get_by_text(language, exact=True).click()
        expect(uploader).to_contain_text(said)
    bring(visitor, wrong)
    visitor.page.get_by_test_id("stAlert").get_by_text("batas.geojson").wait_for(timeout=WAIT)
    assert visitor.page.get_by_role("button", name="Pakai data ini").count() == 0
    row_says(visitor, "Batas desa", "248 desa")


def test_boundaries_of_the_offices_own_replace_the_approximate_ones(
    office: Server, home: Path, visit: Visit, tmp_path: Path
) -> None:
    villages = load_inputs("3505").villages
    own = villages[["village_code_bps", "village", "subdistrict", "regency", "geometry"]].iloc[:240]
    (tmp_path / "batas.geojson").write_text(own.to_json())
    visitor = visit(office.url)
    open_page(visitor)
    row_says(visitor, "Batas desa", "perkiraan")
    bring(visitor, tmp_path / "batas.geojson")
    visitor.page.get_by_role("button", name="Pakai data ini").wait_for(timeout=WAIT)
    assert compared(visitor, "Desa") == ["248", "240"]
    press(visitor, "Pakai data ini")
    visitor.page.get_by_text("Batas desa diganti").wait_for(timeout=WAIT)
    row_says(visitor, "Batas desa", "240 desa")
    assert "perkiraan" not in row(visitor, "Batas desa")
    assert RegionFiles("3505", home).current("boundaries")
    press(visitor, "Jangan pakai berkas ini")
    visitor.page.get_by_text("tidak dipakai lagi").wait_for(timeout=WAIT)
    row_says(visitor, "Batas desa", "248 desa")


def test_another_regency_begins_from_its_own_boundaries(office: Server, visit: Visit, shared: Path) -> None:
    visitor = visit(office.url)
    open_page(visitor)
    bring(visitor, shared / "bogor" / "villages_bps_2020.geojson")
    visitor.page.get_by_text("Batas ini milik wilayah lain: Kota Bogor (3271)").wait_for(timeout=WAIT)
    visitor.picture("data_other_region", whole=True)
    press(visitor, "Mulai wilayah ini")
    visitor.page.get_by_role("heading", name="Data Kota Bogor").wait_for(timeout=WAIT)
    row_says(visitor, "Batas desa", "68 desa")
    visitor.open("/")
    visitor.page.get_by_role("heading", name="Jangkauan layanan di Kota Bogor").wait_for(timeout=WAIT)
    visitor.wait_for_map()
    open_page(visitor)
    visitor.page.locator(".st-key-region").get_by_role("button", name="Kota Bogor").first.click()
    visitor.page.get_by_role("button", name="Kabupaten Blitar, Jawa Timur").first.click()
    visitor.page.get_by_role("heading", name="Data Kabupaten Blitar").wait_for(timeout=WAIT)
    first = visitor.page.get_by_role("button", name="Buka wilayah ini lebih dulu untuk semua orang").first
    if not first.is_visible():
        visitor.page.locator(".st-key-region").get_by_role("button", name="Kabupaten Blitar").first.click()
    first.click()  # for the tests after this one, which share the office
    first.wait_for(state="hidden")


def test_lists_go_in_on_page_import_and_can_be_set_aside(office: Server, home: Path, visit: Visit) -> None:
    store = open_store(str(home / "jangkau.db"))
    shipped = load_inputs("3505").evidence
    assert shipped is not None
    mine = shipped.iloc[:2].assign(
        kind="complaint",
        source="aduan 2025.csv",
        evidence_id=[f"3505/{'a' * 12}/aduan 2025.csv:{row}" for row in (2, 3)],
    )
    store.evidence.add(mine, Actor("ani", "editor"))
    store.close()
    visitor = visit(office.url)
    open_page(visitor)
    row_says(visitor, "Bukti", "9 baris")
    choose(visitor, "Bukti")
    visitor.picture("data_evidence", whole=True)
    press(visitor, "Kesampingkan aduan 2025.csv")
    visitor.page.get_by_text("Daftar itu dikesampingkan").wait_for(timeout=WAIT)
    row_says(visitor, "Bukti", "7 baris")
    choose(visitor, "Penduduk per desa")
    press(visitor, "Bawa masuk di halaman Impor")
    visitor.page.get_by_role("heading", name="Impor daftar").wait_for(timeout=WAIT)


def test_on_a_phone_nothing_is_wider_than_the_screen(office: Server, visit: Visit) -> None:
    visitor = visit(office.url, PHONE)
    open_page(visitor, "/data?bahasa=en")
    visitor.page.get_by_role("heading", name="Data of Kabupaten Blitar").wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    boxes = visitor.page.locator(".jk-data td").evaluate_all(
        "cells => cells.map(cell => cell.getBoundingClientRect().right)"
    )
    assert max(boxes) <= PHONE[0]
    visitor.picture("data_phone_en", whole=True)


def test_a_region_whose_kept_file_is_gone_can_be_rescued(
    office: Server, home: Path, visit: Visit, tmp_path: Path
) -> None:
    people = tmp_path / "penduduk 2026.csv"
    people.write_text("kode_bps,penduduk\n3505030003,1000\n")
    version = RegionFiles("3505", home).put("population", [people], {}, Actor("ani", "editor"))
    (version.files[0].parent / "about.json").write_text('{"sha256"')
    visitor = visit(office.url)
    visitor.open("/data")
    visitor.page.get_by_text("tidak lengkap").wait_for(timeout=WAIT)
    press(visitor, "Batalkan perubahan terakhir: Penduduk per desa")
    visitor.page.locator(".jk-data").wait_for(timeout=WAIT)
    row_says(visitor, "Penduduk per desa", "1.223.745")
