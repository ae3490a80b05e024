"""Names that would run in a careless page are shown as text: in the map, the search, the facts and the tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from coverage.imports.asset_lists import read_assets
from coverage.readers.shipped import region_dir
from tests.browser.conftest import Server, Visit, served

IMAGE = "<img src=x onerror=window.hacked=1>"
SCRIPT = "</script><script>window.hacked=1</script>"
TEMPLATE = "${window.hacked=1}"
MARKDOWN = "![x](http://example.com/x.png)"
FORMULA = '=HYPERLINK("http://example.com")'
FIRST = "3505010001"
SAMPLE = region_dir() / "assets_sample.csv"


@pytest.fixture(scope="module")
def hostile(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The region that ships, renamed by an enemy."""
    folder = tmp_path_factory.mktemp("hostile")
    region = json.loads((region_dir() / "villages.geojson").read_text("utf-8"))
    for number, feature in enumerate(region["features"]):
        names = (IMAGE, SCRIPT, TEMPLATE, MARKDOWN, FORMULA)
        feature["properties"]["village"] = f"{names[number % len(names)]} {number}"
        feature["properties"]["subdistrict"] = f"{feature['properties']['subdistrict']} {TEMPLATE}{IMAGE}"
    (folder / "desa.geojson").write_text(json.dumps(region), "utf-8")
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        assets = list(csv.DictReader(file))
    for number, asset in enumerate(assets):
        asset["name"] = (IMAGE, SCRIPT, TEMPLATE, MARKDOWN)[number % 4]
        asset["owner"] = IMAGE
        asset["note"] = SCRIPT
    with (folder / "aset.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(assets[0]))
        writer.writeheader()
        writer.writerows(assets)
    with served(folder, "--region", str(folder / "desa.geojson"), "--assets", str(folder / "aset.csv")) as server:
        yield server


def test_hostile_names_are_text_everywhere(hostile: Server, visit: Visit) -> None:
    visitor = visit(hostile.url)
    visitor.open(f"/?desa={FIRST}")
    visitor.wait_for_map()
    visitor.page.locator(".jk-facts h2").wait_for()
    visitor.settle()
    assert visitor.page.locator(".jk-facts h2").inner_text() == f"{IMAGE} 0"
    assert TEMPLATE + IMAGE in visitor.facts()
    field = visitor.map.get_by_role("combobox", name="Cari di peta")
    field.fill("script")
    expect(visitor.map.get_by_role("option").first).to_contain_text(SCRIPT)
    field.press("Escape")
    visitor.settle()
    visitor.map.locator("body").evaluate("(_, at) => { window.map.setView(at, 16, {animate: false}); }", tower())
    visitor.page.wait_for_timeout(700)
    x, y = visitor.place_of(*tower())
    visitor.page.mouse.move(x, y)
    visitor.map.locator(".jk-tip strong").wait_for()
    assert visitor.map.locator(".jk-tip strong").inner_text() in (IMAGE, SCRIPT, TEMPLATE, MARKDOWN)
    visitor.page.mouse.click(x, y)
    visitor.page.locator(".jk-facts dt", has_text="Pemilik").wait_for()
    visitor.settle()
    assert IMAGE in visitor.facts()
    visitor.picture("nama_jahat")
    assert_untouched(visitor.page)
    visitor.open("/prioritas")
    visitor.page.locator("[data-testid=stDataFrame]").first.wait_for()
    visitor.settle()
    visitor.picture("nama_jahat_prioritas")
    assert_untouched(visitor.page)
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Daftar prioritas (CSV)").click()
    assert ",=HYPERLINK" not in download.value.path().read_text("utf-8")


def tower() -> list[float]:
    """Latitude and longitude of a tower of the sample."""
    assets, _ = read_assets(SAMPLE)
    first = assets[assets["kind"] == "tower"].geometry.iloc[0]
    return [first.y, first.x]


def assert_untouched(page: Page) -> None:
    done = page.evaluate("""() => {
      const frame = document.querySelector('iframe');
      return [window.hacked, frame && frame.contentWindow.hacked, document.querySelectorAll('img[src="x"]').length,
        frame ? frame.contentDocument.querySelectorAll('img[src="x"]').length : 0];
    }""")
    assert done == [None, None, 0, 0]
