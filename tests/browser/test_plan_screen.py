"""Prioritas and Rencana in a real browser: weights, two villages, a budget, a fixed village, stop, save, open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from coverage.readers.shipped import region_dir
from tests.browser.conftest import PHONE, Server, Visit, Visitor, served
from tests.browser.test_screen import assert_no_english


def tab(visitor: Visitor, name: str) -> None:
    visitor.settle()
    visitor.page.get_by_role("tab", name=name, exact=True).click()
    visitor.settle()


def write(visitor: Visitor, field: str, value: int) -> None:
    visitor.settle()
    box = visitor.page.get_by_label(field, exact=True)
    box.fill(str(value))
    box.press("Enter")
    visitor.settle()


def wait_for_plan(visitor: Visitor, timeout: float = 90_000) -> str:
    visitor.page.locator(".st-key-plan_stop").wait_for(state="detached", timeout=timeout)
    visitor.page.locator(".jk-plan-strip").wait_for(timeout=timeout)
    visitor.settle()
    # The map of the plan takes the place of the map of states: for a moment both are there.
    visitor.page.wait_for_function("() => document.querySelectorAll('iframe').length === 1")
    return visitor.page.locator(".jk-plan-strip").inner_text()


def test_weights_are_changed_compared_and_two_villages_stand_side_by_side(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    page = visitor.page
    visitor.open("/prioritas")
    page.locator("[data-testid=stVegaLiteChart]").wait_for()
    slider = page.locator(".st-key-weight_people_unserved input")
    slider.focus()
    slider.press("End")
    page.wait_for_function("() => !document.querySelector('.st-key-weights button').disabled")
    tab(visitor, "Kriteria dan cara")
    page.get_by_text("Cara mengurutkan dan mengisi bobot").wait_for()
    visitor.picture("prioritas_kriteria_id", whole=True)
    visitor.choose("Bobot diisi", "Perbandingan berpasangan")
    page.get_by_text("rasio konsistensi").wait_for()
    visitor.picture("prioritas_ahp_id", whole=True)
    assert_no_english(visitor)
    tab(visitor, "Seberapa kokoh")
    page.get_by_role("heading", name="Apakah cara lain memberi urutan yang sama?").wait_for()
    visitor.picture("prioritas_kokoh_id", whole=True)
    tab(visitor, "Bandingkan dua desa")
    page.get_by_text("didahulukan daripada").wait_for()
    visitor.picture("prioritas_banding_id")
    assert_no_english(visitor)


def test_a_budget_for_three_years_with_a_village_fixed_is_planned_saved_and_opened(
    server: Server, visit: Visit
) -> None:
    visitor = visit(server.url)
    page = visitor.page
    visitor.open("/rencana")
    visitor.wait_for_map()
    assert page.get_by_label("Jumlah tahun", exact=True).input_value() == "3"
    visitor.picture("rencana_awal_id")
    visitor.press("Susun rencana")
    wait_for_plan(visitor)
    tab(visitor, "Pilihan per desa")
    visitor.choose("Desa/kelurahan", "Kaulon")
    menu = page.get_by_role("button", name="Ubah Kaulon")
    menu.focus()
    menu.press("Enter")
    page.get_by_text("Pindah tahun ke 2029").click()
    expect(page.locator(".st-key-plan_summary")).to_contain_text("Ditetapkan dengan tangan: Kaulon")
    tab(visitor, "Peta")
    said = wait_for_plan(visitor)
    assert "Terbukti" in said
    visitor.map.locator(".jk-year").first.wait_for(state="attached")
    years = set(visitor.map.locator(".jk-year").all_text_contents())
    assert years == {"2027", "2028", "2029"}
    expect(visitor.map.locator(".jk-legend")).to_contain_text("Dibangun pada tahun")
    visitor.picture("rencana_peta_id")
    assert_no_english(visitor)
    tab(visitor, "Tabel")
    page.get_by_role("button", name="Rencana pembangunan (CSV)").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Rencana pembangunan (CSV)").click()
    rows = download.value.path().read_text("utf-8-sig").splitlines()
    assert [row for row in rows if row.startswith("2029,3505060010")]
    with page.expect_download() as download:
        page.get_by_role("button", name="Rencana pembangunan (Excel)").click()
    assert download.value.path().read_bytes()[:2] == b"PK"
    visitor.picture("rencana_tabel_id", whole=True)
    tab(visitor, "Skenario")
    page.get_by_label("Nama skenario").fill("Usulan pertama")
    page.get_by_label("Nama skenario").press("Tab")
    visitor.press("Simpan")
    page.get_by_text("Disimpan sebagai").wait_for()
    write(visitor, "Jumlah tahun", 5)
    page.get_by_test_id("stTabs").get_by_test_id("stBaseButton-secondary").filter(has_text="Buka").click()
    page.get_by_text("sama seperti ketika disimpan").wait_for()
    visitor.settle()
    assert page.get_by_label("Jumlah tahun", exact=True).input_value() == "3"
    assert page.locator(".jk-plan-strip").inner_text().split("\n")[1] == said.split("\n")[1]
    visitor.picture("rencana_skenario_id")
    tab(visitor, "Lokasi baru")
    visitor.press("Cari lokasi")
    first = page.frame_locator(".st-key-sites_map iframe").locator(".jk-place").first
    expect(first).to_have_text("1")
    assert first.evaluate("one => getComputedStyle(one).backgroundColor") == "rgba(0, 0, 0, 0)"  # a number on its dot
    visitor.picture("rencana_lokasi_id")


@pytest.fixture
def sparse(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The region with a handful of assets: four fifths of it to be planned for, which takes minutes to prove."""
    folder = tmp_path_factory.mktemp("sparse")
    lines = (region_dir() / "assets_sample.csv").read_text("utf-8").splitlines()
    kept = [
        line
        for kind, every in (("fiber_node", 40), ("tower", 50))
        for line in [line for line in lines[1:] if f",{kind}," in line][::every]
    ]
    (folder / "few.csv").write_text("\n".join([lines[0], *kept]), "utf-8")
    with served(folder, "--assets", "few.csv") as started:
        yield started


def test_a_long_search_shows_its_gap_and_stops_with_the_best_so_far(sparse: Server, visit: Visit) -> None:
    visitor = visit(sparse.url)
    page = visitor.page
    visitor.open("/rencana")
    visitor.wait_for_map()
    write(visitor, "Jumlah tahun", 10)
    visitor.press("Susun rencana")
    page.get_by_text("rencana lain dengan anggaran sama menambah paling banyak").wait_for()
    assert page.get_by_role("progressbar").count() == 1
    visitor.picture("rencana_mencari_id")
    page.get_by_role("button", name="Hentikan").click()
    said = wait_for_plan(visitor)
    assert "Dihentikan sebelum selesai" in said


def test_on_a_phone_plan_and_comparison_stay_inside_the_window(server: Server, visit: Visit) -> None:
    visitor = visit(server.url, PHONE)
    page = visitor.page
    visitor.open("/rencana?bahasa=id")
    visitor.wait_for_map()
    visitor.settle()
    page.get_by_role("button", name="Susun rencana").click()
    wait_for_plan(visitor)
    visitor.map.locator(".jk-year").first.wait_for(state="attached")
    page.locator(".jk-plan-strip").scroll_into_view_if_needed()
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= PHONE[0]
    visitor.picture("telepon_rencana")
    visitor.open("/prioritas?bahasa=id")
    tab(visitor, "Bandingkan dua desa")
    page.locator(".jk-compare").wait_for()
    visitor.settle()
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= PHONE[0]
    visitor.picture("telepon_banding", whole=True)
