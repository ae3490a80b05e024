"""Page Laporan, offline: make the set, download it, open it; keep a run and compare."""

import io
import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from coverage import analyze, load_inputs, read_parameters
from coverage.exports.bundle import paper_files
from coverage.language.words import Words
from tests.browser.conftest import PHONE, Server, Visit, Visitor


def press(visitor: Visitor, name: str) -> None:
    """One of a row of choices."""
    page = visitor.page
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).first.click()
    visitor.settle()


def open_reports(visitor: Visitor, language: str = "id") -> None:
    visitor.open(f"/laporan?bahasa={language}")
    visitor.page.locator("img[src*='media']").first.wait_for()
    visitor.settle()


def test_a_set_is_made_downloaded_and_opened(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    open_reports(visitor)
    visitor.picture("reports_office")
    visitor.picture("reports_office_whole", whole=True)
    page = visitor.page
    page.get_by_text("Tabel desa (CSV)").click()
    visitor.settle()
    page.get_by_text("Google Earth (KMZ)").click()
    visitor.settle()
    page.get_by_role("button", name=re.compile("Buat paket")).click()
    take = page.get_by_role("button", name=re.compile("Unduh paket"))
    take.wait_for()
    visitor.picture("reports_made")
    with page.expect_download() as started:
        take.click()
    assert re.fullmatch(r"Kabupaten Blitar - Paket laporan - \d+ \w+ 20\d\d\.zip", started.value.suggested_filename)
    with zipfile.ZipFile(started.value.path()) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        by_title = {tuple(re.split(r" - |(?=\.\w+$)", name))[1::2]: name for name in names - {"run.json"}}
        told = json.loads(archive.read("run.json"))
        assert told["outputs"].keys() == names - {"run.json"}
        assert {ending for _, ending in by_title} == {".pdf", ".xlsx", ".html", ".png", ".csv", ".kmz"}
        for name, entry in told["outputs"].items():
            assert entry["sha256"] == sha256(archive.read(name)).hexdigest()
        listed = archive.read(by_title["Tabel desa", ".csv"])
        assert listed.count(b"\n") == 249
        assert listed.decode("utf-8-sig").startswith("Kode BPS,Kode Kemendagri,Desa/kelurahan")
        assert archive.read(by_title["Laporan", ".pdf"]).startswith(b"%PDF")
        assert Image.open(io.BytesIO(archive.read(by_title["Peta cetak A3", ".png"]))).size == (4960, 3507)
    page.get_by_text("Google Earth (KMZ)").click()
    expect(take).to_have_count(0)  # the choice is another one now


def test_a_paper_alone_in_the_other_language(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    open_reports(visitor)
    page = visitor.page
    press(visitor, "Satu berkas")
    press(visitor, "English")
    visitor.picture("reports_single")
    with page.expect_download() as started:
        visitor.press("Lembar usulan (PDF)")
    assert started.value.suggested_filename.startswith("Kabupaten Blitar - Proposal sheets - ")


def test_a_run_is_kept_and_compared_with_the_present_one(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    open_reports(visitor)
    page = visitor.page
    press(visitor, "Bandingkan hitungan")
    page.get_by_label("Simpan hitungan ini, dengan catatan").fill("akhir tahun <b>2026</b>")
    page.keyboard.press("Tab")
    visitor.press("Simpan hitungan ini")
    page.get_by_text("Tidak ada desa yang berubah").wait_for()
    expect(page.locator(".st-key-kept_runs")).to_contain_text("akhir tahun <b>2026</b>")
    visitor.picture("reports_compare", whole=True)
    with page.expect_download() as started:
        visitor.press("Perbandingan (Excel)")
    assert started.value.suggested_filename.startswith("Kabupaten Blitar - Perbandingan hitungan - ")
    press(visitor, "Indikator per tahun")
    page.get_by_role("button", name="Indikator (Excel)").wait_for()
    visitor.picture("reports_years")


@pytest.mark.parametrize("language", ["en", "id"])
def test_on_a_phone_nothing_is_wider_than_the_screen(language: str, server: Server, visit: Visit) -> None:
    visitor = visit(server.url, PHONE)
    open_reports(visitor, language)
    visitor.picture(f"reports_phone_{language}", whole=True)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_map_html_is_taken_away_as_the_export_makes_it_and_opens(
    server: Server, visit: Visit, browser: Browser, tmp_path: Path
) -> None:
    """By Chromium itself, byte for byte: nothing of the server's page gets in on the way."""
    visitor = visit(server.url)
    visitor.open("/?bahasa=id")
    visitor.wait_for_map()
    visitor.press("Unduh berkas")
    with visitor.page.expect_download() as started:
        visitor.page.get_by_role("button", name="Peta yang dapat diklik (HTML)").click()
    assert re.fullmatch(r"Kabupaten Blitar - Peta yang dapat diklik - .+\.html", started.value.suggested_filename)
    taken = Path(started.value.path()).read_bytes()

    made = paper_files(analyze(load_inputs(), read_parameters()), Words("id"), ["map.html"])["map.html"]
    assert taken == made
    file = tmp_path / "map.html"
    file.write_bytes(taken)
    context = browser.new_context(offline=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None)
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    assert "blank spot" in page.inner_text("#counts")
    context.close()
    assert faults == []
