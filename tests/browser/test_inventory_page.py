"""Inventaris in a real browser: what an office does with it, two at once, and what a viewer may not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import Error, expect

from coverage.run.inputs import load_inputs
from coverage.store import Actor, AssetFilter, Store
from coverage.store.drawn_on import keep_drawn_on
from coverage.store.region_files import RegionFiles
from coverage.web.tickets import COOKIE
from tests.browser.conftest import ADMIN, EDITED, Server, Visit, Visitor, filled, patience, served
from tests.made_osm import write_osm

ROW, HEAD = 35, 35


def sign_in(visitor: Visitor, name: str) -> None:
    visitor.sign_in(name, "/inventaris")
    wait_for_list(visitor)


def wait_for_list(visitor: Visitor) -> None:
    """Until the list is there and painted, and nothing on the page is still on its way."""
    visitor.settle()
    visitor.page.get_by_test_id("stDataFrame").locator("canvas").first.wait_for()
    visitor.page.wait_for_timeout(600)


def cell(visitor: Visitor, row: int, x: float) -> tuple[float, float]:
    """The middle of a cell of the list, scrolled to where it can be clicked: ``x`` pixels from the left edge."""
    listed = visitor.page.get_by_test_id("stDataFrame").first
    listed.scroll_into_view_if_needed()
    box = listed.bounding_box()
    assert box
    return box["x"] + x, box["y"] + HEAD + ROW * (row + 0.5)


def write(visitor: Visitor, row: int, x: float, text: str) -> None:
    """Type into a cell as a person does; the editor of a cell opens a moment after the second click."""
    visitor.page.mouse.dblclick(*cell(visitor, row, x))
    field = visitor.page.locator("#portal textarea, #portal input").first
    field.wait_for()
    field.fill(text)
    visitor.page.wait_for_timeout(300)
    field.press("Enter")
    visitor.page.get_by_role("button", name="Simpan 1 aset").wait_for()
    visitor.settle()


def save(visitor: Visitor, note: str = "") -> None:
    page = visitor.page
    if note:
        page.get_by_role("textbox", name="Catatan (mengapa)").fill(note)
        page.keyboard.press("Tab")
    visitor.press("Simpan 1 aset")


def choose(visitor: Visitor, view: str) -> None:
    visitor.page.get_by_role("radio", name=view).or_(visitor.page.get_by_role("button", name=view)).first.click()
    visitor.settle()


def go(visitor: Visitor, page: str) -> None:
    """Another page of the app, by its link, so that it is the same visit."""
    visitor.page.get_by_role("link", name=page).first.click()
    visitor.settle()


def counted(visitor: Visitor, kind: str) -> int:
    """How many of a kind the map's legend counts."""
    visitor.wait_for_map()
    row = visitor.map.locator(".jk-legend label.jk-row", has_text=kind)
    return int(row.locator(".jk-count").inner_text().replace(".", ""))


def eventually(visitor: Visitor, there: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what the computation in the background brings, while the map may be drawn anew at any moment."""
    deadline = time.monotonic() + seconds * patience()
    while time.monotonic() < deadline:
        try:
            if there():
                return
        except (Error, ValueError):  # the frame was just being replaced
            pass
        visitor.page.wait_for_timeout(100)
    assert there()


NAME = 277  # the column of names, in pixels from the left edge of the list


def test_an_asset_is_added_by_a_click_on_the_map_and_the_map_follows(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    sign_in(visitor, "budi")
    assets = kept.assets.table(viewer=ADMIN)
    before, towers = len(assets), int((assets["kind"] == "tower").sum())
    choose(visitor, "Gambar di peta")
    visitor.wait_for_map()
    visitor.page.mouse.click(*visitor.place_of(-8.0947, 112.2250))
    visitor.page.get_by_text("Terletak di").wait_for()
    visitor.settle()
    visitor.picture("inventory_add")
    form = visitor.page.get_by_test_id("stForm")
    form.get_by_role("textbox", name="Nama").fill("Balai warga baru")
    form.get_by_role("textbox", name="Catatan (mengapa)").fill("dipasang hari ini")
    form.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    visitor.page.get_by_text("ditambahkan.").wait_for()
    visitor.picture("inventory_added")
    assets = kept.assets.table(viewer=ADMIN)
    added = assets[assets["name"] == "Balai warga baru"]
    assert (len(assets), len(added)) == (before + 1, 1)
    assert added["kind"].iloc[0] == "tower"  # the first of the legend
    assert abs(added.geometry.iloc[0].x - 112.2250) < 0.003
    assert abs(added.geometry.iloc[0].y + 8.0947) < 0.003
    (line,) = kept.history.of(added["asset_id"].iloc[0], ADMIN)
    assert (line.who, line.note) == ("budi", "dipasang hari ini")
    go(visitor, "Peta")
    eventually(visitor, lambda: counted(visitor, "Menara") == towers + 1)


def begin_to_draw(visitor: Visitor, kept: Store, form: str) -> tuple[float, float]:
    """Open the map for drawing, near a tower; its longitude and latitude."""
    sign_in(visitor, "budi")
    choose(visitor, "Gambar di peta")
    choose(visitor, form)
    visitor.wait_for_map()
    tower = kept.assets.one("TWR-001", viewer=ADMIN).geometry.iloc[0]
    at = [tower.y, tower.x]
    visitor.map.locator("body").evaluate("(_, at) => window.map.setView(at, 14.5, { animate: false })", at)
    return tower.x, tower.y


def typed(visitor: Visitor) -> list[str]:
    """The numbers in the text of a drawing."""
    return re.findall(r"-?[\d.]+", visitor.page.get_by_role("textbox", name="Koordinat").input_value())


def wait_until_drawn(visitor: Visitor, *places: tuple[float, float]) -> None:
    """Until the text says so, within what a pixel is."""
    wanted = [one for place in places for one in place]
    eventually(visitor, lambda: pytest.approx(wanted, abs=2e-4) == list(map(float, typed(visitor))), seconds=20)


def test_a_route_is_drawn_moved_undone_saved_split_and_in_the_list_with_its_history(
    office: Server, kept: Store, visit: Visit
) -> None:
    visitor = visit(office.url)
    x, y = begin_to_draw(visitor, kept, "Rute")
    step = 0.004

    first, second, third, moved = (y - step, x), (y, x + step), (y + step, x + step), (y - step, x + 2 * step)
    visitor.page.mouse.click(*visitor.place_of(*first))
    left, top = visitor.place_of(y, x)
    visitor.page.mouse.click(left + 8, top - 6)  # snaps to the tower
    visitor.page.mouse.click(*visitor.place_of(*second))
    visitor.page.mouse.click(*visitor.place_of(*third))
    wait_until_drawn(visitor, first, (y, x), second, third)
    assert typed(visitor)[2:4] == [str(y), str(x)]
    visitor.page.mouse.move(*visitor.place_of(*second))
    visitor.page.mouse.down()
    visitor.page.mouse.move(*visitor.place_of(*moved), steps=3)
    visitor.page.mouse.up()
    wait_until_drawn(visitor, first, (y, x), moved, third)
    visitor.map.get_by_role("button", name="Urungkan").click()
    wait_until_drawn(visitor, first, (y, x), second, third)
    visitor.page.get_by_test_id("stForm").get_by_role("textbox", name="Nama").fill("Rute sekolah")
    visitor.press("Tambah", exact=True)
    visitor.page.get_by_text("RUTE-007 ditambahkan.").wait_for()
    visitor.map.locator("path.jk-lit").wait_for()
    visitor.picture("inventory_drawn")
    choose(visitor, "Daftar")
    visitor.page.get_by_role("textbox", name="Cari").fill("Rute sekolah")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("1 aset", exact=True).wait_for()
    visitor.settle()
    visitor.page.mouse.click(*cell(visitor, 0, 42))
    visitor.press("Ubah letaknya di peta")
    visitor.page.get_by_text("Ubah letak RUTE-007").wait_for()
    visitor.wait_for_map()
    visitor.settle()
    visitor.page.mouse.click(*visitor.place_of(*second))
    visitor.map.get_by_role("button", name="Pisahkan").click()
    visitor.press("Pisahkan rute")
    visitor.page.get_by_text("bagian keduanya RUTE-008").wait_for()
    (line,) = kept.history.of("RUTE-008", ADMIN)
    assert (line.who, line.action, line.after["name"]) == ("budi", "split", "Rute sekolah")
    assert [line.action for line in kept.history.of("RUTE-007", ADMIN)] == ["add", "split"]
    assert [len(kept.assets.one(one, viewer=ADMIN).geometry.iloc[0].coords) for one in ("RUTE-007", "RUTE-008")] == [
        3,
        2,
    ]


def test_a_conflict_made_by_a_second_browser_is_resolved_field_by_field(
    office: Server, kept: Store, visit: Visit
) -> None:
    first, second = visit(office.url), visit(office.url)
    sign_in(first, "ani")
    sign_in(second, "budi")
    write(first, 0, NAME, "Terminal Lama")
    write(second, 0, NAME, "Terminal Baru")
    save(second, "papan nama diganti")
    second.page.get_by_text("1 aset disimpan.").wait_for()
    kept.assets.change(EDITED, 2, {"owner": "Dinas Perhubungan"}, Actor("budi", "editor"))
    save(first)
    first.page.get_by_text("Belum disimpan").wait_for()
    shown = first.page.locator(".st-key-asset_conflict")
    for said in ("Terminal Pagergunung", "Terminal Baru", "Terminal Lama", "Dinas Perhubungan", "diubah oleh budi"):
        expect(shown).to_contain_text(said)
    first.settle()
    first.picture("inventory_conflict")
    assert kept.assets.one(EDITED, viewer=ADMIN)["name"].iloc[0] == "Terminal Baru"
    mine = first.page.locator(".st-key-asset_conflict").get_by_role("radio", name="Nilai Anda")
    mine.locator("xpath=ancestor::label").click()
    expect(mine).to_be_checked()
    first.settle()
    first.page.get_by_role("button", name="Gabungkan dan simpan").click()
    first.page.get_by_text("1 aset disimpan.").wait_for()
    now = kept.assets.one(EDITED, viewer=ADMIN).iloc[0]
    assert (now["name"], now["owner"]) == ("Terminal Lama", "Dinas Perhubungan")  # what only the other changed stays
    last = kept.history.of(EDITED, ADMIN)[-1]
    assert (last.who, last.changed, last.version) == ("ani", ["name"], 4)


def test_what_is_being_edited_stays_what_was_shown_while_others_change_it(
    office: Server, kept: Store, visit: Visit
) -> None:
    """Read anew at every click, the list would name a version that this visitor never saw, and no conflict be told."""
    visitor = visit(office.url)
    sign_in(visitor, "ani")
    write(visitor, 0, NAME, "Terminal Lama")
    kept.assets.change(EDITED, 1, {"name": "Terminal Baru"}, Actor("budi", "editor"))
    visitor.page.get_by_role("textbox", name="Catatan (mengapa)").fill("membuat halaman dijalankan lagi")
    visitor.page.keyboard.press("Tab")
    visitor.settle()
    save(visitor)
    visitor.page.get_by_text("Belum disimpan").wait_for()
    assert kept.assets.one(EDITED, viewer=ADMIN)["name"].iloc[0] == "Terminal Baru"


def test_the_history_of_an_asset_the_way_back_and_the_map_follows(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    sign_in(visitor, "budi")
    write(visitor, 0, NAME, "Terminal Lama")
    save(visitor, "papan nama lama")
    visitor.page.get_by_text("1 aset disimpan.").wait_for()
    kept.assets.change(EDITED, 2, {"status": "damaged"}, Actor("ani", "admin"), "disambar petir")
    visitor.settle()
    wait_for_list(visitor)
    visitor.page.mouse.click(*cell(visitor, 0, 42))
    visitor.page.get_by_text("disambar petir").wait_for()
    expect(visitor.page.locator(".st-key-asset_detail")).to_contain_text("papan nama lama")
    visitor.picture("inventory_history", whole=True)
    visitor.settle()
    version = visitor.page.get_by_role("combobox", name="Kembalikan ke")
    version.scroll_into_view_if_needed()
    visitor.page.wait_for_timeout(500)  # a list of choices closes while the page scrolls
    version.click()
    visitor.page.get_by_role("option", name="versi 1").click()
    visitor.press("Kembalikan", exact=True)
    visitor.page.get_by_text("Tersimpan.").wait_for()
    now = kept.assets.one(EDITED, viewer=ADMIN).iloc[0]
    assert (now["status"], now["name"]) == ("operational", "Terminal Pagergunung")
    assert [line.action for line in kept.history.of(EDITED, ADMIN)] == ["import", "change", "change", "set_back"]
    go(visitor, "Peta")
    eventually(visitor, lambda: office.health()["status"] == "sehat")
    visitor.open("/")
    visitor.wait_for_map()
    for box in visitor.map.locator(".jk-legend label.jk-row input").all():  # cameras alone, so that none is covered
        box.uncheck()
    visitor.map.locator(".jk-legend label.jk-row", has_text="CCTV").locator("input").check()
    place = [now["geometry"].y, now["geometry"].x]  # symbols can be chosen from near by only
    visitor.map.locator("body").evaluate("(_, at) => window.map.setView(at, 14, { animate: false })", place)
    visitor.page.mouse.click(*visitor.place_of(*place))
    facts = visitor.page.locator(".jk-facts", has_text="Terminal Pagergunung")
    facts.wait_for()
    expect(facts).to_contain_text("beroperasi", ignore_case=True)


def test_thirty_are_ticked_and_set_to_damaged_and_it_is_undone(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    sign_in(visitor, "budi")
    page = visitor.page
    page.get_by_role("textbox", name="Cari").fill("Pasar")
    page.keyboard.press("Enter")
    visitor.settle()
    wanted = kept.assets.page(AssetFilter(text="Pasar"), ADMIN, limit=200).rows
    page.get_by_text(f"{len(wanted)} aset", exact=True).wait_for()
    visitor.press("Pilih semua baris ini")
    page.get_by_text(f"Ubah status {len(wanted)} aset terpilih").wait_for()
    visitor.picture("inventory_bulk")
    visitor.press("Terapkan")
    page.get_by_text("aset disimpan.").wait_for()
    visitor.settle()
    assert set(kept.assets.table(AssetFilter(text="Pasar"), viewer=ADMIN)["status"]) == {"damaged"}
    visitor.press("Urungkan perubahan terakhir")
    page.get_by_text("aset dikembalikan").wait_for()
    back = kept.assets.table(AssetFilter(text="Pasar"), viewer=ADMIN)
    assert list(back["status"]) == list(wanted["status"])


def test_a_viewer_reads_everything_and_changes_nothing(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    sign_in(visitor, "citra")
    visitor.page.mouse.dblclick(*cell(visitor, 0, NAME))
    visitor.page.keyboard.type("Diubah", delay=30)
    visitor.page.wait_for_timeout(600)
    visitor.page.keyboard.press("Enter")
    visitor.settle()
    for forbidden in ("Simpan", "Urungkan perubahan terakhir", "Pilih semua baris ini"):
        assert visitor.page.get_by_role("button", name=forbidden).count() == 0
    choose(visitor, "Gambar di peta")
    visitor.page.get_by_text("Masuk sebagai penyunting").wait_for()
    for view, name in (("Ringkasan", "summary"), ("Daftar perbaikan", "repairs"), ("Andai dibangun", "scenarios")):
        choose(visitor, view)
        visitor.settle()
        visitor.picture(f"inventory_{name}", whole=True)
    assert len(kept.history.of(EDITED, ADMIN)) == 1


def test_a_session_outlives_a_reload_and_ends_with_signing_out(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    sign_in(visitor, "budi")
    visitor.page.reload()
    visitor.wait_for_person("budi")
    (cookie,) = [one for one in visitor.page.context.cookies() if one["name"].startswith(COOKIE)]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert visitor.page.evaluate("document.cookie").find(COOKIE) == -1
    assert kept.accounts.signed_in(cookie["value"]) == Actor("budi", "editor")
    visitor.press("budi")
    visitor.press("Keluar")
    visitor.wait_for_person("Masuk")
    assert kept.accounts.signed_in(cookie["value"]) is None
    while any(one["name"].startswith(COOKIE) for one in visitor.page.context.cookies()):
        visitor.page.wait_for_timeout(100)
    visitor.settle()
    visitor.page.context.add_cookies([cookie])  # whoever kept a copy of it
    visitor.open("/inventaris")
    visitor.wait_for_person("Masuk")


def test_who_has_not_signed_in_sees_no_camera(office: Server, visit: Visit) -> None:
    visitor = visit(office.url)
    visitor.open("/")
    visitor.wait_for_map()
    legend = visitor.map.locator(".jk-legend").all_inner_texts()
    assert any("Menara" in text for text in legend)
    assert not any("CCTV" in text for text in legend)


@pytest.fixture
def on_roads(tmp_path: Path) -> Iterator[tuple[Server, gpd.GeoSeries]]:
    """An office with a base map, and its residential roads in metres."""
    with filled(str(tmp_path / "jangkau.db")), pytest.MonkeyPatch.context() as patch:
        patch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
        extract, given = write_osm(tmp_path / "jalan.osm"), {"title": "", "dated": "2026", "origin": "upload"}
        keep_drawn_on(RegionFiles("3505"), "basemap", [extract], load_inputs().villages, given, ADMIN)
    lines = gpd.read_file(extract, layer="lines").query("highway == 'residential'")
    with served(tmp_path) as office:
        yield office, lines.geometry.to_crs(32749)


def test_a_route_snaps_to_the_road_unless_it_is_told_not_to(
    on_roads: tuple[Server, gpd.GeoSeries], visit: Visit
) -> None:
    office, roads = on_roads
    middle = roads.iloc[len(roads) // 2].interpolate(0.5, normalized=True)
    ((lon, lat),) = gpd.GeoSeries([middle], crs=32749).to_crs(4326).iloc[0].coords
    visitor = visit(office.url)
    sign_in(visitor, "budi")
    choose(visitor, "Gambar di peta")
    choose(visitor, "Rute")
    visitor.wait_for_map()
    visitor.map.locator("body").evaluate("(_, at) => window.map.setView(at, 15.5, { animate: false })", [lat, lon])
    text = visitor.page.get_by_role("textbox", name="Koordinat")

    def read() -> list[float]:
        return list(map(float, re.findall(r"-?[\d.]+", text.input_value())))

    def away(count: int) -> float:
        """Metres from the last of so many points to the nearest road."""
        eventually(visitor, lambda: len(read()) == 2 * count, seconds=20)
        lat, lon = read()[-2:]
        return float(roads.distance(gpd.GeoSeries.from_xy([lon], [lat], crs=4326).to_crs(32749).iloc[0]).min())

    visitor.settle()
    drawn = "() => { const all = [...document.querySelectorAll('.leaflet-tile')]; "
    drawn += "return all.length > 0 && all.every((one) => one.classList.contains('leaflet-tile-loaded')); }"
    eventually(visitor, lambda: bool(visitor.map.locator("body").evaluate(drawn)))
    x, y = visitor.place_of(lat, lon)
    visitor.page.mouse.click(x + 8, y + 8)  # some 30 m from it
    assert away(1) < 2
    visitor.map.get_by_role("button", name="Tempelkan ke aset dan jalan").click()
    visitor.page.mouse.click(x + 9, y - 9)
    assert away(2) > 8


def test_an_area_is_drawn_saved_and_chosen_again_on_the_map(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    x, y = begin_to_draw(visitor, kept, "Area")
    step = 0.004
    corners = [(y - step, x - step), (y - step, x + step), (y + step, x + step), (y + step, x - step)]
    for corner in corners:
        visitor.page.mouse.click(*visitor.place_of(*corner))
    wait_until_drawn(visitor, *corners)
    visitor.page.get_by_text("aset di dalam area").wait_for()
    visitor.page.get_by_test_id("stForm").get_by_role("textbox", name="Nama").fill("Homepass pusat")
    visitor.press("Tambah", exact=True)
    visitor.page.get_by_text("ditambahkan.").wait_for()
    visitor.picture("inventory_area")
    table = kept.assets.table(viewer=ADMIN)
    (added,) = table[table["name"] == "Homepass pusat"].itertuples()
    assert added.kind == "service_area"
    assert added.geometry.bounds == pytest.approx((x - step, y - step, x + step, y + step), abs=2e-4)
    choose(visitor, "Titik")
    eventually(visitor, lambda: counted(visitor, "Area layanan") == 1)
    visitor.settle()
    visitor.page.mouse.click(*visitor.place_of(y - step, x - step / 2))  # its edge
    visitor.page.get_by_text(f"Ubah letak {added.asset_id}").wait_for()
