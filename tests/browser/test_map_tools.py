"""What a map keeps and what its tools say: the place when it is made anew, a drawing, routes, lengths."""

from __future__ import annotations

import re

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Dialog, expect
from pyproj import Geod

from coverage.base.schema import ASSETS
from coverage.store import Store
from tests.browser.conftest import ADMIN, Server, Visit, Visitor
from tests.browser.test_inventory_page import begin_to_draw, choose, counted, eventually, go, typed, wait_until_drawn


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
    for link in (f"/?desa={code}", "/?pandangan=-8.10000,112.20000,13.0"):  # opened again, a link goes there again
        visitor.open(link)
        visitor.wait_for_map()
        there = seen(visitor)
        view(visitor, y + 0.2, x, 9.5)
        visitor.open(link)
        visitor.wait_for_map()
        assert seen(visitor) == pytest.approx(there, abs=1e-3)


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


def routes_alone(visitor: Visitor) -> None:
    for box in visitor.map.locator(".jk-legend label.jk-row input").all():
        label = box.locator("xpath=ancestor::label").inner_text()
        box.set_checked("ute" in label)


@pytest.mark.parametrize("many", [False, True])
def test_a_click_beside_a_route_opens_it_unless_a_point_is_drawn(
    office: Server, kept: Store, visit: Visit, many: bool
) -> None:
    visitor = visit(office.url)
    if many:  # as with more than 400 of a kind
        visitor.page.route(
            re.compile(r"/assets\.js"),
            lambda route: route.fulfill(body=route.fetch().text().replace("config.clusterFrom", "0")),
        )
    row = dict.fromkeys(ASSETS.names) | {"kind": "fiber_route", "status": "operational"}
    row["geometry"] = shapely.LineString([(112.20, -8.10), (112.22, -8.10)])  # due east: its bounds have no height
    (level,) = kept.assets.add(gpd.GeoDataFrame([row], geometry="geometry", crs="EPSG:4326"), ADMIN)
    begin_to_draw(visitor, kept, "Titik")
    routes_alone(visitor)
    view(visitor, -8.10, 112.21, 15)
    visitor.settle()
    left, top = visitor.place_of(-8.10, 112.21)
    visitor.page.mouse.click(left, top + 40)
    eventually(visitor, lambda: bool(typed(visitor)), seconds=20)
    visitor.page.mouse.click(left, top + 4.5)  # a pole stands beside the route
    eventually(visitor, lambda: float(typed(visitor)[0]) == pytest.approx(-8.10, abs=3e-4), seconds=20)
    visitor.map.get_by_role("button", name="Urungkan").click()
    visitor.map.get_by_role("button", name="Urungkan").click()
    eventually(visitor, lambda: not typed(visitor), seconds=20)
    visitor.page.mouse.click(left, top + 4.5)  # the line is 2 pixels wide
    visitor.page.get_by_text(f"Ubah letak {level}").wait_for(timeout=20_000)


def test_a_changed_place_asks_before_leaving_after_the_map_was_made_anew(
    office: Server, kept: Store, visit: Visit
) -> None:
    visitor = visit(office.url)
    begin_to_draw(visitor, kept, "Titik")
    tower = kept.assets.one("TWR-001", viewer=ADMIN).geometry.iloc[0]
    visitor.settle()
    visitor.page.mouse.click(*visitor.place_of(tower.y, tower.x))
    visitor.page.get_by_text("Ubah letak TWR-001").wait_for()
    field = visitor.page.get_by_role("textbox", name="Koordinat")
    field.fill(f"{tower.y + 0.001:.6f}, {tower.x:.6f}")
    field.press("Enter")
    visitor.settle()
    go(visitor, "Peta")
    visitor.wait_for_map()
    go(visitor, "Inventaris")
    choose(visitor, "Gambar di peta")
    visitor.page.get_by_text("Ubah letak TWR-001").wait_for()
    visitor.wait_for_map()
    asked: list[str] = []
    visitor.page.on("dialog", lambda dialog: asked.append(dialog.type))
    visitor.page.evaluate("setTimeout(() => location.reload(), 0)")
    eventually(visitor, lambda: asked == ["beforeunload"], seconds=20)
    visitor.errors.clear()


def test_lengths_are_those_of_the_ellipsoid_along_the_path_and_around(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    visitor.open("/")
    visitor.wait_for_map()
    view(visitor, -8.1, 112.2, 11)
    tool = visitor.map.get_by_role("button", name="Ukur jarak dan luas")
    tool.focus()
    for _ in range(2):
        visitor.page.keyboard.down("Space")  # held down, it is pressed once
    visitor.page.keyboard.up("Space")
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
    visitor.map.locator(".jk-legend input[type=checkbox]").first.focus()
    visitor.page.keyboard.press("Escape")
    expect(tool).to_have_attribute("aria-pressed", "false")
