"""Impor in a real browser: a messy Excel list, its columns confirmed, repaired, applied, taken back, and corrected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, expect
from python_calamine import CalamineWorkbook

from coverage.store import Actor, Store, open_store
from tests.browser.conftest import PHONE, Server, Visit, Visitor, served

PASSWORD = "kata sandi yang panjang 2026"
ADMIN = Actor("pengelola", "admin")
MESSY = [
    ["DAFTAR MENARA TELEKOMUNIKASI KABUPATEN BLITAR"],
    ["Keadaan November 2026"],
    [],
    ["", "No", "Nama Site", "Pemilik", "Letak", "", "Tinggi", "Alat"],
    ["", "", "", "", "Koordinat", "Sumber", "", ""],
    ["", 1, "Menara Satu", "PT. Telkom", "-8.1355, 112.2245", "GPS", "31m", "BTS"],
    ["", 2, "Menara Dua", "TELKOM", "8°7'12\" LS 112°12'0\" BT", "peta", "-", "BTS"],
    ["", 3, "Menara Tiga", "Telkom Indonesia", "-8.1200 112.2000", "GPS", "42 M", "BTS"],
    ["", 4, "Menara Empat", "X", "112.21, -8.12", "GPS", "42", "BTS"],
    ["", 5, "Menara Lima", "X", "8.121, 112.211", "GPS", "42", "BTS"],
    ["", 6, "Menara Enam", "X", "0, 0", "GPS", "42", "BTS"],
    ["", "", "Jumlah", "", "", "", "", ""],
]
PLACED = {"Menara Satu", "Menara Dua", "Menara Tiga", "Menara Empat"}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    store = open_store()
    for name, role in (("budi", "editor"), ("citra", "viewer")):
        store.accounts.add(name, role, PASSWORD, ADMIN)
    yield store
    store.close()


@pytest.fixture
def empty(browser: Browser, kept: Store, tmp_path: Path) -> Iterator[Server]:
    """An office without assets."""
    with served(tmp_path) as started:
        yield started


def write(path: Path, rows: list[list[object]], merged: tuple[tuple[int, int, int, int], ...] = ()) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Menara")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(at, column, cell)
        for area in merged:
            sheet.merge_range(*area, rows[area[0]][area[1]])
    return path


def sign_in(visitor: Visitor, name: str) -> None:
    visitor.sign_in(name, "/impor")


def hand_in(visitor: Visitor, path: Path) -> None:
    """Steps 1 and 2: the file, what it holds, and the columns, found right."""
    page = visitor.page
    page.locator("input[type=file]").set_input_files(path)
    visitor.choose("Daftar ini berisi aset apa?", "Menara", exact=True)
    page.get_by_role("button", name="Kolom sudah benar").wait_for()


def confirm(visitor: Visitor) -> None:
    visitor.press("Kolom sudah benar")
    visitor.page.get_by_role("heading", name="Terapkan").wait_for()


def names(store: Store) -> set[str]:
    return set(store.assets.table(viewer=ADMIN)["name"])


def test_a_messy_list_goes_in_comes_out_and_goes_in_again_corrected(
    empty: Server, kept: Store, visit: Visit, tmp_path: Path
) -> None:
    messy = write(tmp_path / "menara kantor.xlsx", MESSY, ((0, 0, 0, 7), (3, 4, 3, 5)))
    visitor = visit(empty.url)
    page = visitor.page
    sign_in(visitor, "budi")
    hand_in(visitor, messy)

    # the columns are shown with samples, one of them is changed, and nothing is checked before they are found right
    assert page.locator(".jk-sample", has_text="Menara Satu · Menara Dua").count() == 1
    assert page.get_by_role("heading", name="Periksa isi").count() == 0
    page.get_by_role("combobox", name="Nama", exact=True).wait_for()
    page.get_by_text("Tampilkan isian lain").click()
    visitor.choose("Alamat", "Alat", exact=True)
    page.locator(".jk-sample", has_text="BTS").wait_for()
    visitor.picture("import_columns", whole=True)
    confirm(visitor)

    # 7 rows = 3 accepted + 4 refused; a swap and a minus are offered, the swap is accepted
    page.get_by_role("heading", name="4 baris ditolak").wait_for()
    visitor.press("Terima semua (1 baris)")
    page.get_by_role("heading", name="3 baris ditolak").wait_for()
    visitor.settle()  # while the page is made anew there are two maps, the old one and the new one
    assert names(kept) == set()
    picture = page.locator(".st-key-import_preview_map iframe")
    expect(picture).to_have_count(1)
    frame = picture.content_frame
    frame.locator(".jk-ready").wait_for()
    expect(frame.locator(".jk-row", has_text="Baru")).to_contain_text("4")
    expect(page.get_by_role("radio", name="Baru (4)").or_(page.get_by_role("button", name="Baru (4)"))).to_be_visible()
    visitor.picture("import_preview", whole=True)

    visitor.settle()
    page.get_by_role("textbox", name="Catatan (mengapa)").fill("daftar dari operator")
    visitor.press("Terapkan: 4 aset baru")
    page.get_by_text("selesai dan tersimpan").wait_for()
    assert names(kept) == PLACED
    assert set(kept.assets.table(viewer=ADMIN)["owner"]) == {"Telkom Indonesia", "X"}
    assert kept.imports.all(ADMIN)[0]["note"] == "daftar dari operator"
    visitor.picture("import_done", whole=True)

    # the refused rows as Excel, with the reason of each
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh 3 baris ditolak").click()
    refused = tmp_path / "baris_ditolak.xlsx"
    download.value.save_as(refused)
    head, *rows = CalamineWorkbook.from_path(str(refused)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    reason = head.index("Alasan ditolak (Jangkau)")
    assert "minus" in rows[0][reason]

    # back out of the inventory
    visitor.press("Tarik kembali")
    visitor.press("Ya, tarik kembali")
    page.get_by_text("Impor ditarik kembali: 4 aset").wait_for()
    assert names(kept) == set()
    page.get_by_role("button", name="Terapkan: 4 aset baru").wait_for()

    # corrected in Excel and handed in as it is
    place = next(at for at, name in enumerate(head) if "Koordinat" in str(name))
    rows[0][place], rows[1][place] = "-8.121, 112.211", "-8.10, 112.25"
    corrected = write(tmp_path / "diperbaiki.xlsx", [head, *rows[:2]])
    visitor.press("Pilih berkas lain")
    page.locator("input[type=file]").wait_for(state="attached")
    hand_in(visitor, corrected)
    confirm(visitor)
    page.get_by_text("Tidak ada baris yang ditolak.").wait_for()
    visitor.press("Terapkan: 2 aset baru")
    page.get_by_text("selesai dan tersimpan").wait_for()
    assert names(kept) == {"Menara Lima", "Menara Enam"}


def test_a_viewer_is_told_who_may_import(office: Server, visit: Visit) -> None:
    visitor = visit(office.url, PHONE)
    sign_in(visitor, "citra")
    visitor.page.get_by_text("Hanya penyunting dan pengelola").wait_for()
    assert visitor.page.locator("input[type=file]").count() == 0
