"""What a map keeps and what its tools say: the place when it is made anew, a drawing, routes, lengths."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, expect
from pyproj import Geod

from coverage.store import Store
from tests.browser.conftest import ADMIN, Server, Visit, Visitor
from tests.browser.test_inventory_page import begin_to_draw, counted, eventually, go, wait_until_drawn


def seen(visitor: Visitor) -> tuple[float, float, float]:
    """Middle and zoom of the map."""
    lat, lon, zoom = visitor.map.locator("body").evaluate(
        "() => { const at = window.map.getCenter(); return [at.lat, at.lng, window.map.getZoom()]; }"
    )
    return lat, lon, zoom


def view(visitor: Visitor, lat: float, lon: float, zoom: float) -> None:
    visitor.map.locator("body").evaluate(
        "(_, to) => window.map.setView(to.slice(0, 2), to[2], { animate: false })", [lat, lon, zoom]
    )


def test_the_map_stays_where_it_was_when_it_is_made_anew(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    x, y = begin_to_draw(visitor, kept, "Titik")
    towers = counted(visitor, "Menara")
    view(visitor, y, x, 17)
    visitor.settle()
    visitor.page.mouse.click(*visitor.place_of(y + 0.0005, x + 0.0005))
    wait_until_drawn(visitor, (y + 0.0005, x + 0.0005))
    visitor.page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    visitor.page.get_by_text("ditambahkan.").wait_for()
    lit = visitor.map.locator(".jk-pin.jk-lit span")
    expect(lit).to_have_css("border-top-color", "rgb(255, 196, 0)")
    eventually(visitor, lambda: counted(visitor, "Menara") == towers + 1)
    assert seen(visitor) == pytest.approx((y, x, 17), abs=1e-3)

    go(visitor, "Peta")
    visitor.wait_for_map()
    assert seen(visitor)[2] < 12  # another map has a place of its own
    view(visitor, y, x, 15.5)
    visitor.page.reload()
    visitor.wait_for_map()
    assert seen(visitor) == pytest.approx((y, x, 15.5), abs=1e-3)
    visitor.open("/?pandangan=-8.10000,112.20000,13.0")
    visitor.wait_for_map()
    assert seen(visitor) == pytest.approx((-8.1, 112.2, 13), abs=1e-3)
    view(visitor, y, x, 16)
    visitor.map.get_by_role("button", name="Seluruh wilayah").click()
    visitor.page.reload()
    visitor.wait_for_map()
    assert seen(visitor)[2] < 12
    code = kept.assets.one("TWR-001", viewer=ADMIN)["village_code_bps"].iloc[0]
    visitor.open(f"/?desa={code}")
    visitor.wait_for_map()
    assert seen(visitor)[2] > 12


def test_leaving_amid_a_drawing_asks_first(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    x, y = begin_to_draw(visitor, kept, "Rute")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if len(asked) == 1:
            visitor.errors.clear()

    visitor.page.on("dialog", stay)
    first, second = (y, x + 0.004), (y + 0.004, x + 0.004)
    visitor.page.mouse.click(*visitor.place_of(*first))
    visitor.page.mouse.click(*visitor.place_of(*second))
    wait_until_drawn(visitor, first, second)
    visitor.page.evaluate("setTimeout(() => location.reload(), 0)")
    eventually(visitor, lambda: asked == ["beforeunload"], seconds=20)
    visitor.errors.clear()
    wait_until_drawn(visitor, first, second)
    for _ in range(2):
        visitor.map.get_by_role("button", name="Urungkan").click()
    visitor.settle()
    visitor.page.reload()  # nothing is drawn: nothing is asked
    visitor.wait_for_person("budi")
    assert asked == ["beforeunload"]


def test_a_click_beside_a_route_opens_it(office: Server, kept: Store, visit: Visit) -> None:
    visitor = visit(office.url)
    _x, _y = begin_to_draw(visitor, kept, "Titik")
    route = kept.assets.one("RUTE-001", viewer=ADMIN).geometry.iloc[0]
    middle = route.interpolate(0.5, normalized=True)
    for box in visitor.map.locator(".jk-legend label.jk-row input").all():
        label = box.locator("xpath=ancestor::label").inner_text()
        box.set_checked("ute" in label)
    view(visitor, middle.y, middle.x, 15)
    visitor.settle()
    left, top = visitor.place_of(middle.y, middle.x)
    visitor.page.mouse.click(left, top + 4.5)  # the line is 2 pixels wide
    visitor.page.get_by_text("Ubah letak RUTE-001").wait_for(timeout=20_000)


def test_lengths_are_those_of_the_ellipsoid_along_the_path_and_around(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    visitor.open("/")
    visitor.wait_for_map()
    view(visitor, -8.1, 112.2, 11)
    tool = visitor.map.get_by_role("button", name="Ukur jarak dan luas")
    tool.focus()
    visitor.page.keyboard.press("Space")
    expect(tool).to_have_attribute("aria-pressed", "true")
    body = visitor.map.locator("body")
    body.evaluate(
        "() => window.map.on('mousemove', (event) => { window.pointed = [event.latlng.lat, event.latlng.lng]; })"
    )
    places = []  # where the clicks are, to the pixel
    for place in ((-8.05, 112.2), (-8.15, 112.2), (-8.15, 112.25), (-8.1, 112.3)):
        visitor.page.mouse.click(*visitor.place_of(*place))
        places.append(body.evaluate("() => window.pointed"))
        visitor.page.wait_for_timeout(350)  # two clicks at once would be a double one
    told = visitor.map.locator(".jk-measure:visible")
    expect(told).to_contain_text("keliling")
    visitor.page.keyboard.press("Backspace")
    geod = Geod(ellps="WGS84")
    lats, lons = zip(*places[:3], strict=True)
    area, around = geod.polygon_area_perimeter(lons, lats)
    wanted = (geod.line_length(lons, lats) / 1000, around / 1000, abs(area) / 1e6)
    eventually(
        visitor,
        lambda: (
            pytest.approx(wanted, rel=6e-4)
            == [float(one.replace(",", ".")) for one in re.findall(r"[\d,]+", told.inner_text())]
        ),
        seconds=10,
    )
