"""One proposed point from blank to served, in a browser: pocket, proposal, report from the phone, evidence, stages, map.

``python scripts/try_round.py [FOLDER]`` starts a server of its own on the sample region and prints each step with what was
seen; pictures go to FOLDER. Run from the repository; needs the extra ``test`` and Chromium. Exit status 1 where a step
does not end as it should.
"""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Browser, Page, expect, sync_playwright

from coverage.language.words import Words
from tests.browser.conftest import OFFICE, PASSWORD, PHONE, WAIT, Server, Visitor, filled, served
from tests.conftest import chromium_path
from tests.store.field_reports import picture

VILLAGE, NAME = "Kaulon", "Balai Dusun Kaulon"
CODE = "3505060010"
WORDS = Words("id")


def main(folder: Path) -> int:
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        with filled(str(Path(home) / "jangkau.db")):
            pass
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        with served(Path(home)) as server:
            office = Visitor(_page(browser, OFFICE), server.url)
            office.sign_in("budi", f"/?desa={CODE}")
            before = _card(office)
            _step("blank on the map", before, "Blank spot" in before)
            lon, lat = _register(office)
            _step("registered at the pocket", f"{lat}, {lon}", True)
            started = _filled(office)
            _report(browser, server, lon, lat, folder)
            office.open("/usulan")
            office.page.wait_for_timeout(8_000)  # the run is computed anew beside the page
            office.open("/usulan")
            _choose(office)
            now = _filled(office)
            office.page.screenshot(path=folder / "lengkap.png", full_page=True)
            _step("completeness", f"{started} -> {now}", now != started)
            _evidence(office, folder)
            for stage in ("complete", "submitted", "under_review", "approved", "built"):
                _move(office, stage)
            office.press(WORDS("proposals.built.enter"))
            office.page.get_by_text("tercatat di inventaris").first.wait_for()
            _move(office, "on_air")
            office.press(WORDS("proposals.built.in_service"))
            office.settle()
            office.page.screenshot(path=folder / "usulan.png", full_page=True)
            office.open(f"/?desa={CODE}")
            office.page.wait_for_timeout(8_000)  # the run is computed anew beside the page
            office.page.reload()
            after = _card(office)
            office.page.screenshot(path=folder / "peta.png")
            _step("served on the map", after, "Blank spot" not in after)
        browser.close()
    return 0


def _page(browser: Browser, size: tuple[int, int], **options: object) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="id-ID", **options)  # type: ignore[arg-type]
    context.set_default_timeout(WAIT)
    expect.set_options(timeout=WAIT)
    return context.new_page()


def _step(name: str, seen: str, good: bool) -> None:
    print(f"{'ok  ' if good else 'FAIL'} {name}: {seen}", flush=True)
    if not good:
        raise SystemExit(1)


def _card(office: Visitor) -> str:
    office.wait_for_village(VILLAGE)
    office.settle()
    return " ".join(office.facts().split())[:160]


def _register(office: Visitor) -> tuple[float, float]:
    office.open("/usulan")
    office.press(WORDS("proposals.new"))
    office.choose("Desa/kelurahan", VILLAGE)
    office.page.get_by_role("textbox", name="Nama titik").fill(NAME)
    office.choose(WORDS("proposals.at")[:1].upper() + WORDS("proposals.at")[1:], "kantong 1")
    office.press(WORDS("proposals.register"))
    office.page.get_by_role("heading", name="Kelengkapan menurut saluran").wait_for()
    place = office.page.locator(".st-key-proposal_detail dl").first.inner_text()
    lat, lon = next(line for line in place.splitlines() if "," in line and line.lstrip("-")[0].isdigit()).split(", ")
    return float(lon), float(lat)


def _choose(office: Visitor) -> None:
    office.settle()
    table = office.page.locator('[data-testid="stDataFrame"]').first
    box = table.bounding_box()
    assert box
    office.page.mouse.click(box["x"] + 12, box["y"] + 52)
    office.page.get_by_role("heading", name="Kelengkapan menurut saluran").wait_for()


def _filled(office: Visitor) -> str:
    office.settle()
    return office.page.get_by_text("butir terisi").first.inner_text()


def _report(browser: Browser, server: Server, lon: float, lat: float, folder: Path) -> None:
    """At the place, without a network: position, signal, photo; sent when there is one."""
    here = {"longitude": lon, "latitude": lat, "accuracy": 9.0}
    page = _page(browser, PHONE, geolocation=here, permissions=["geolocation"])
    page.goto(f"{server.url}/lapangan")
    page.get_by_label("Nama akun").fill("budi")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.get_by_role("button", name="Ambil lokasi saya").wait_for()
    page.evaluate("() => navigator.serviceWorker.ready")
    page.context.set_offline(True)
    page.get_by_role("button", name="Ambil lokasi saya").click()
    expect(page.locator("#fix")).to_contain_text("± 9 m")
    page.get_by_role("group", name="Telkomsel").get_by_text("tidak ada").click()
    page.get_by_label("Tambah foto").set_input_files(
        files=[{"name": "balai.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(1200, 900))}]
    )
    page.get_by_role("img", name="Foto 1").wait_for()
    page.get_by_role("button", name="Simpan laporan").click()
    expect(page.locator("#reports li")).to_have_attribute("data-state", "waiting")
    page.context.set_offline(False)
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(page.locator("#reports li")).to_have_attribute("data-state", "sent")
    page.screenshot(path=folder / "lapangan.png", full_page=True)
    page.context.close()
    _step("reported from the phone, offline in between", "sent", True)


def _evidence(office: Visitor, folder: Path) -> None:
    office.settle()
    for ending in ("pdf", "zip"):
        taken = office.page.locator(".st-key-proposal_detail").get_by_role(
            "button", name=WORDS(f"proposals.pack.take_{ending}")
        )
        with office.page.expect_download(timeout=180_000) as found:
            taken.click()
        found.value.save_as(folder / f"bukti.{ending}")
    with zipfile.ZipFile(io.BytesIO((folder / "bukti.zip").read_bytes())) as pack:
        names = pack.namelist()
    _step("evidence pack", ", ".join(names), any(name.lower().endswith((".jpg", ".jpeg")) for name in names))


def _move(office: Visitor, stage: str) -> None:
    office.settle()
    if not office.page.get_by_role("button", name=WORDS("proposals.move_now"), exact=True).is_visible():
        office.press(WORDS("proposals.move"), exact=True)
    called = WORDS(f"proposals.stage.{stage}")
    office.choose(WORDS("proposals.next"), called[:1].upper() + called[1:], exact=True)
    office.press(WORDS("proposals.move_now"), exact=True)
    office.settle()
    _step("stage", called, True)


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    out.mkdir(parents=True, exist_ok=True)
    sys.exit(main(out))
