"""The field page on a phone: a report with a photo made without a network, the page killed, the session ended; sent once."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PIL.ExifTags import Base
from playwright.sync_api import Browser, expect

from coverage.readers.photos import read_photo
from coverage.store import Store
from coverage.store.photos import photo_file
from tests.browser.conftest import ADMIN, PASSWORD, PHONE, PICTURES, Server
from tests.store.field_reports import picture

HERE = {"longitude": 112.22, "latitude": -8.13, "accuracy": 8.0}


def test_a_report_of_two_days_offline_is_sent_once(
    browser: Browser, office: Server, kept: Store, tmp_path: Path
) -> None:
    """Signed in once; then no network, a killed page, a full disk, an ended session; then sent, twice at once."""
    photo = tmp_path / "jauh.jpg"
    photo.write_bytes(picture(size=(1700, 2000), orientation=6, grey=0) + b"\0" * 500_000)
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        geolocation=HERE,
        permissions=["geolocation"],  # type: ignore[arg-type]
    )
    try:
        page = context.new_page()
        page.goto(f"{office.url}/lapangan")
        page.get_by_label("Nama akun").fill("budi")
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        page.get_by_role("button", name="Ambil lokasi saya").wait_for()
        page.evaluate("() => navigator.serviceWorker.ready")
        context.set_offline(True)
        page.get_by_role("button", name="Ambil lokasi saya").click()
        expect(page.locator("#fix")).to_contain_text("-8.13000, 112.22000 (± 8 m")
        assert page.get_by_label("Desa/kelurahan").input_value() == "3505080005"
        page.get_by_label("Dusun, RT/RW").fill("Krajan")
        page.get_by_role("group", name="Telkomsel").get_by_text("lemah").click()
        page.evaluate(
            "() => { const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...all) {"
            " IDBObjectStore.prototype.put = put; throw new DOMException('', 'QuotaExceededError'); }; }"
        )
        page.get_by_label("Tambah foto").set_input_files(photo)
        expect(page.get_by_role("alert")).to_contain_text("Penyimpanan ponsel penuh")
        page.get_by_label("Tambah foto").set_input_files(photo)
        page.get_by_role("img", name="Foto 1").wait_for()
        page.close()  # killed before it was saved

        page = context.new_page()
        page.goto(f"{office.url}/lapangan/")
        page.get_by_role("img", name="Foto 1").wait_for()
        expect(page.get_by_label("Dusun, RT/RW")).to_have_value("Krajan")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "lapangan-isian.png", full_page=True)
        page.get_by_role("button", name="Simpan laporan").click()
        expect(page.locator("#reports li")).to_have_attribute("data-state", "waiting")
        page.close()

        context.clear_cookies()
        page, again = context.new_page(), context.new_page()
        page.goto(f"{office.url}/lapangan/")
        context.set_offline(False)
        page.get_by_role("button", name="Kirim sekarang").click()
        page.get_by_label("Nama akun").fill("budi")
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        again.goto(f"{office.url}/lapangan/")
        for one in (page, again):
            one.evaluate("() => { sendAll(); sendAll(); }")
            expect(one.locator("#reports li")).to_have_attribute("data-state", "sent")
    finally:
        context.close()
    reports = kept.reports.table("3505", ADMIN)
    assert len(reports) == 1
    report = reports.iloc[0]
    assert (report["hamlet"], report["sent_by"], round(report["lat"], 4)) == ("Krajan", "budi", -8.13)
    (sent,) = report["photos"]
    assert (sent["taken_at"], sent["lon"], sent["lat"]) == ("2026-11-20T10:04:05+07:00", 112.25, -8.125)
    assert sent["original_sha256"] != sent["sha256"]
    file = office.folder / "regions" / "3505" / "photos" / photo_file("3505", sent["sha256"]).name
    assert file.stat().st_size < 300_000
    with Image.open(file) as small:  # upright, and said to be so
        assert (small.size, small.getexif()[Base.Orientation], read_photo(file)["lat"]) == ((1600, 1360), 1, -8.125)
