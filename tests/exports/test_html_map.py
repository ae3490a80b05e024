"""map.html in a real browser with every network request refused: it draws, answers, and runs no text of others."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from coverage.exports.html_map import UNIT, json_in_html, packed, write_html_map
from coverage.exports.village_facts import village_facts
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs
from tests.exports.conftest import HOSTILE, Small, make_small

ARTIFACTS = Path(__file__).parents[2] / "artifacts" / "exports"


class Page:
    """A page that notes every request to elsewhere, every error, and every dialog."""

    def __init__(self, page: Any) -> None:
        self.page, self.faults = page, []
        page.on(
            "console",
            lambda message: self.faults.append(message.text) if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda request: self.faults.append(request.url) if not request.url.startswith(("file:", "data:")) else None,
        )

    def open(self, content: bytes, path: Path) -> Any:
        path.write_bytes(content)
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("body[data-ready=yes]")
        return self.page


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    yield Page(context.new_page())
    context.close()


@pytest.mark.browser
def test_a_planner_reads_the_answer_searches_and_clicks(page: Page, small: Small, words: Words, tmp_path: Path) -> None:
    opened = page.open(write_html_map(small, words), tmp_path / "map.html")
    assert re.sub(r"\s+", " ", opened.inner_text("#counts")) == (
        "1 terlayani 1 lemah 2 blank spot 0 belum diketahui 2.000 orang belum terlayani"
    )
    opened.fill("#search", "35.05.02.2001")
    opened.keyboard.press("Enter")
    facts = opened.inner_text("#facts")
    for text in (
        "Barat",
        "3505020001",
        "blank spot",
        "Tercantum dalam daftar resmi",
        "4,4 km",
        "Pertentangan",
        "kode bertentangan",
    ):
        assert text.lower() in facts.lower(), text
    opened.wait_for_timeout(600)
    opened.mouse.click(20 + opened.viewport_size["width"] * 0.35, 300)
    box = opened.locator("#map").bounding_box()
    assert box["width"] >= 0.6 * 1366
    assert box["height"] >= 0.7 * 768
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    opened.screenshot(path=str(ARTIFACTS / "map_small.png"))
    assert page.faults == []


@pytest.mark.browser
def test_a_village_on_the_map_is_clicked(page: Page, small: Small, words: Words, tmp_path: Path) -> None:
    opened = page.open(write_html_map(small, words), tmp_path / "map.html")
    shape = opened.locator("path.v-weak").first.bounding_box()
    opened.mouse.click(shape["x"] + shape["width"] / 4, shape["y"] + shape["height"] / 4)
    assert opened.locator("#facts h2").inner_text() == "Tengah"
    opened.fill("#search", "tidak ada desa begini")
    assert "Tidak ada desa yang cocok" in opened.inner_text("#results")
    assert page.faults == []


@pytest.mark.browser
def test_hostile_names_are_shown_as_text_and_run_nothing(page: Page, words: Words, tmp_path: Path) -> None:
    for name in HOSTILE:
        opened = page.open(write_html_map(make_small(name, asset_name=name), words), tmp_path / "map.html")
        opened.fill("#search", "3505020002")
        opened.keyboard.press("Enter")
        shown = opened.locator("#facts h2").text_content()
        assert shown == name
        assert opened.locator("script").count() == 3
        assert opened.locator("img").count() == 0
    assert page.faults == []


@pytest.mark.browser
def test_on_a_phone_the_map_comes_first_and_nothing_sticks_out(
    browser: Any, small: Small, words: Words, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    opened = Page(context.new_page()).open(write_html_map(small, words), tmp_path / "map.html")
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.browser
def test_no_name_of_a_subdistrict_lies_over_another_on_a_phone(browser: Any, words: Words, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page = context.new_page()
    content = write_html_map(analyze(load_inputs(), read_parameters()), words)
    Page(page).open(content, tmp_path / "map.html")
    page.wait_for_timeout(500)
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('.leaflet-tooltip.area')].filter((one) => one.style.visibility !== 'hidden')
          .map((one) => { const box = one.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; })"""
    )
    context.close()
    assert len(boxes) > 5
    assert not [
        (a, b) for a, b in combinations(boxes, 2) if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def test_a_fact_of_which_nothing_is_known_has_no_row(small: Small, words: Words) -> None:
    assert "" not in [value for fact in village_facts(small, words) for value in fact.basics]


def test_the_page_names_no_other_host_and_the_same_run_gives_the_same_bytes(small: Small, words: Words) -> None:
    content = write_html_map(small, words)
    assert content == write_html_map(make_small(), words)
    text = re.sub(r"<script>.*?</script>", "", content.decode("utf-8"), flags=re.S)
    assert re.findall(r"(?:src|href)=[\"']?(?!data:)\w+", text) == []


@given(st.text())
def test_no_text_can_end_the_data_block(text: str) -> None:
    made = json_in_html({"name": text})
    assert not set("<>&\u2028\u2029") & set(made)
    assert json.loads(made) == {"name": text}


def test_packed_outlines_come_back_within_a_metre() -> None:
    import geopandas as gpd

    shape = shapely.Polygon([(112.123456, -8.1), (112.2, -8.1), (112.2, -8.223456)], [])
    (((steps,),),) = packed(gpd.GeoSeries([shape], crs=4326))
    x = y = 0
    points = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x * UNIT, y * UNIT))
    pairs = zip(points, shape.exterior.coords, strict=True)
    assert max(abs(a - b) for p, q in pairs for a, b in zip(p, q, strict=True)) <= UNIT
