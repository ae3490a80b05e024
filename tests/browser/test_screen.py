"""What a planner does on the screen, in a real browser without a network."""

from __future__ import annotations

import io
import time

import pytest
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from coverage.exports.columns import captioned
from coverage.exports.tables import write_priority
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis
from coverage.run.reweigh import ordered
from tests.browser.conftest import OFFICE, PHONE, Server, Visit, Visitor, patience

KAULON = "3505060010"
ENGLISH = (
    "choose",
    "select",
    "search",
    "download",
    "loading",
    "running",
    "sort",
    "column",
    "filter",
    "fullscreen",
    "results",
    "count",
    "distinct",
    "served",
    "unknown",
    "village",
    "language",
    "settings",
    "deploy",
    "rerun",
    "clear",
    "close",
    "open",
    "zoom",
)
"""Words that an Indonesian page must not show, each as a whole word."""


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs()


@pytest.fixture(scope="module")
def analysis(inputs: Inputs) -> Analysis:
    return analyze(inputs, read_parameters())


def centre(analysis: Analysis, code: str) -> tuple[float, float]:
    village = analysis.villages.set_index("village_code_bps").loc[code]
    return float(village["centre_lat"]), float(village["centre_lon"])


def click_village(visitor: Visitor, analysis: Analysis, code: str) -> None:
    visitor.page.mouse.click(*visitor.place_of(*centre(analysis, code)))


def test_the_map_fills_the_page_and_the_answer_stands_above_it(
    server: Server, visit: Visit, analysis: Analysis
) -> None:
    visitor = visit(server.url)
    visitor.open()
    visitor.wait_for_map()
    box = visitor.page.locator("iframe").bounding_box()
    assert box
    assert box["width"] >= 0.60 * OFFICE[0]
    assert box["height"] >= 0.70 * OFFICE[1]
    assert box["y"] + box["height"] <= OFFICE[1]
    visitor.settle()
    strip = visitor.page.locator(".jk-strip").inner_text()
    legend = visitor.map.locator(".jk-legend").inner_text()
    for count in analysis.states().value_counts():
        assert str(count) in strip
    assert "Menara" in legend  # the states are counted once, above the map
    assert "contoh" in strip
    assert "contoh" in legend
    assert visitor.page.locator("html").get_attribute("lang") == "id"
    assert visitor.page.title().startswith("Peta")
    visitor.picture("peta_id")


def test_a_click_on_a_village_opens_its_facts_beside_the_map(server: Server, visit: Visit, analysis: Analysis) -> None:
    visitor = visit(server.url)
    visitor.open()
    visitor.wait_for_map()
    visitor.settle()
    before, took = visitor.zoom(), []
    for code, name in ((KAULON, "Kaulon"), ("3505030006", "Panggungrejo"), (KAULON, "Kaulon")):
        started = time.monotonic()
        click_village(visitor, analysis, code)
        visitor.wait_for_village(name)
        took.append(time.monotonic() - started)
    print(f"clicks answered in {', '.join(f'{seconds:.2f}' for seconds in took)} s")  # noqa: T201
    assert visitor.zoom() == before  # the map stays where the reader looks
    facts = visitor.facts()
    for expected in (
        KAULON,
        "35.05.12.2011",
        "Tumpang susun aset",
        "Daftar resmi",
        "Blank spot",
        "km",
        "perkiraan",
        "contoh",
    ):
        assert expected in facts
    frame, panel = visitor.page.locator("iframe").bounding_box(), visitor.page.locator(".jk-facts").bounding_box()
    assert frame
    assert panel
    assert panel["x"] >= frame["x"] + frame["width"]
    assert f"desa={KAULON}" in visitor.page.url
    visitor.picture("peta_desa_id")
    assert sorted(took)[1] < 1 * patience()


def test_a_search_by_name_or_code_goes_to_the_village_with_the_keyboard_alone(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    visitor.open()
    visitor.wait_for_map()
    before = visitor.zoom()
    field = visitor.map.get_by_role("combobox", name="Cari di peta")
    field.focus()
    for typed, name in (("kaulon", "Kaulon"), ("3505030006", "Panggungrejo"), ("35.05.12.2011", "Kaulon")):
        field.fill(typed)
        visitor.map.get_by_role("option", name=name).first.wait_for()
        field.press("Enter")
        visitor.wait_for_village(name)
        visitor.settle()
        visitor.map.locator("body").evaluate(
            "(_, least) => new Promise((done) => { const look = () => window.map.getZoom() > least ? done() : setTimeout(look, 50); look(); })",
            before + 1,
        )
    visitor.picture("peta_cari_id")


def test_a_row_of_the_table_gives_the_same_as_a_click(server: Server, visit: Visit, analysis: Analysis) -> None:
    visitor = visit(server.url)
    visitor.open()
    visitor.wait_for_map()
    visitor.page.locator(".st-key-map_beside label").click()
    table = visitor.page.locator(".st-key-facts_and_table [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    visitor.page.mouse.click(box["x"] + 18, box["y"] + 33 * 2.5)  # the second row's box
    visitor.wait_for_village(analysis.villages["village"].iloc[1])
    last = analysis.villages["village_code_bps"].iloc[-1]  # and the other way: a click on the map goes to the row
    visitor.map.get_by_role("button", name="Seluruh wilayah").click()
    click_village(visitor, analysis, last)
    visitor.wait_for_village(analysis.villages["village"].iloc[-1])
    rows = visitor.page.locator(".st-key-all_villages [role=row][aria-selected=true]")
    expect(rows).to_contain_text(last)
    subdistrict = str(analysis.villages["subdistrict"].iloc[0])  # what is filtered out is faint on the map
    visitor.choose("Kecamatan", subdistrict)
    expect(visitor.page.locator(".st-key-take_villages")).to_contain_text(
        f"Unduh {int((analysis.villages['subdistrict'] == subdistrict).sum())} baris"
    )
    visitor.map.locator("path.leaflet-interactive[stroke='#AAB6C1']").nth(200).wait_for(state="attached")
    expect(rows).to_have_count(0)  # the chosen village is not in the table now


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_a_click_on_the_map_goes_to_the_row_of_the_table_under_it(
    server: Server, visit: Visit, analysis: Analysis, size: tuple[int, int]
) -> None:
    visitor = visit(server.url, size)
    visitor.open()
    visitor.wait_for_map()
    last = analysis.villages["village_code_bps"].iloc[-1]
    click_village(visitor, analysis, last)
    visitor.wait_for_village(analysis.villages["village"].iloc[-1])
    table = visitor.page.locator(".st-key-all_villages")
    expect(table.locator("[role=row][aria-selected=true]")).to_contain_text(last)
    if size == PHONE:
        return
    canvas = table.locator("[data-testid=stDataFrame]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    visitor.page.mouse.click(box["x"] + 120, box["y"] + 17)  # sorted: the row is elsewhere, nothing is scrolled to
    expect(table.locator("[role=columnheader]").first).to_contain_text("↑")
    table.locator(".dvn-scroller").evaluate("one => { one.scrollTop = 0; }")
    another = 150
    code = analysis.villages["village_code_bps"].iloc[another]
    visitor.page.locator(".st-key-strip").scroll_into_view_if_needed()  # the map is in sight again
    click_village(visitor, analysis, code)
    visitor.wait_for_village(analysis.villages["village"].iloc[another])
    visitor.settle()
    assert table.locator(".dvn-scroller").evaluate("one => one.scrollTop") == 0


def test_another_rule_colours_the_map_anew_without_loading_it_again(
    server: Server, visit: Visit, analysis: Analysis
) -> None:
    visitor = visit(server.url)
    visitor.open()
    visitor.wait_for_map()
    visitor.map.locator("body").evaluate("() => { window.sameFrame = true; }")
    rule = visitor.page.get_by_role("combobox", name="Aturan")
    rule.click()
    visitor.page.get_by_role("option", name="Tanpa Wi-Fi publik").click()
    blank = int((analysis.states("no_public_wifi") == "blank").sum())
    visitor.page.locator(".jk-cell", has_text="Blank spot").filter(has_text=str(blank)).wait_for()
    assert visitor.map.locator("body").evaluate("() => window.sameFrame")
    visitor.picture("peta_aturan_id")
    visitor.settle()
    visitor.page.get_by_text("EN", exact=True).click()
    expect(visitor.page.get_by_role("combobox", name="Rule")).to_have_value("No public Wi-Fi")


def test_kinds_of_assets_can_be_shown_and_hidden_and_an_asset_opens_its_facts(
    server: Server, visit: Visit, analysis: Analysis
) -> None:
    visitor = visit(server.url)
    visitor.open(f"/?desa={KAULON}")
    visitor.wait_for_map()
    visitor.wait_for_village("Kaulon")
    before = visitor.map.locator(".jk-asset").count()
    visitor.map.get_by_label("CCTV").check()
    cameras = int((analysis.assets["kind"] == "cctv").sum())  # type: ignore[index]
    assert visitor.map.locator(".jk-asset").count() == before + cameras
    assert analysis.assets is not None
    wifi = analysis.assets[analysis.assets["kind"] == "tower"].iloc[0]
    visitor.map.locator("body").evaluate(
        "(_, at) => { window.map.setView(at, 15, {animate: false}); }", [wifi.geometry.y, wifi.geometry.x]
    )
    visitor.settle()
    visitor.page.wait_for_timeout(500)
    visitor.page.mouse.click(*visitor.place_of(wifi.geometry.y, wifi.geometry.x))
    visitor.page.locator(".jk-facts h2", has_text=wifi["name"]).wait_for()
    assert wifi["asset_id"] in visitor.facts()
    assert "contoh" in visitor.facts()
    visitor.picture("peta_aset_id")


def test_a_moved_weight_moves_the_order_at_once_and_the_download_follows(
    server: Server, visit: Visit, analysis: Analysis, inputs: Inputs
) -> None:
    visitor = visit(server.url)
    visitor.open()
    visitor.wait_for_map()
    visitor.page.get_by_role("link", name="Prioritas").click()
    visitor.page.get_by_role("heading", name="Urutan desa yang perlu dilayani").wait_for()
    visitor.page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first.wait_for()
    visitor.picture("prioritas_id")
    words = Words("id")
    assert downloaded(visitor, "Daftar prioritas (CSV)") == captioned(write_priority(analysis, words), words)
    slider = visitor.page.locator(".st-key-weight_people_unserved input")
    slider.focus()
    slider.press("Home")
    visitor.page.wait_for_function("() => !document.querySelector('.st-key-weights button').disabled")
    visitor.settle()
    own = analysis.parameters.priority
    criteria = [
        one.model_copy(update={"weight": 0.0 if one.name == "people_unserved" else one.weight}) for one in own.criteria
    ]
    moved = ordered(analysis, inputs, own.model_copy(update={"criteria": tuple(criteria)})).analysis
    assert moved.priority["village_code_bps"].tolist() != analysis.priority["village_code_bps"].tolist()
    assert downloaded(visitor, "Daftar prioritas (CSV)") == captioned(write_priority(moved, words), words)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(downloaded(visitor, "Daftar prioritas (Excel)"))).sheet_names
    assert sheets[0] == "Prioritas"
    visitor.picture("prioritas_bobot_id")
    visitor.page.get_by_role("button", name="Kembalikan bobot semula").click()
    visitor.page.wait_for_function("() => document.querySelector('.st-key-weights button').disabled")
    assert downloaded(visitor, "Daftar prioritas (CSV)") == captioned(write_priority(analysis, words), words)


def downloaded(visitor: Visitor, button: str) -> bytes:
    visitor.settle()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name=button).click()
    return download.value.path().read_bytes()


def test_no_english_is_left_on_an_indonesian_page(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    visitor.open(f"/?desa={KAULON}")
    visitor.wait_for_map()
    visitor.wait_for_village("Kaulon")
    assert_no_english(visitor)
    visitor.open("/prioritas")
    visitor.page.locator("[data-testid=stVegaLiteChart]").wait_for()
    assert_no_english(visitor)
    box = visitor.page.locator("[data-testid=stDataFrame]").first.bounding_box()
    assert box
    visitor.page.mouse.move(box["x"] + 240, box["y"] + 16)
    visitor.page.mouse.click(box["x"] + 279, box["y"] + 16)  # the three dots in the head of the column of villages
    visitor.page.get_by_role("menuitem", name="Statistik").click()
    visitor.picture("menu_kolom_id")
    assert_no_english(visitor)
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("Escape")
    field = visitor.page.get_by_role("combobox").first
    field.fill("zzz")
    visitor.page.get_by_text("Tidak ditemukan").wait_for()
    assert_no_english(visitor)


def assert_no_english(visitor: Visitor) -> None:
    visitor.settle()
    found = visitor.page.evaluate(
        """(words) => {
      const seen = [document.body.innerText];
      const frame = document.querySelector('iframe');
      if (frame) { seen.push(frame.contentDocument.body.innerText); }
      for (const root of [document, frame && frame.contentDocument]) {
        if (!root) { continue; }
        root.querySelectorAll('[aria-label], [title], [placeholder]').forEach((element) =>
          ['aria-label', 'title', 'placeholder'].forEach((name) => seen.push(element.getAttribute(name) || '')));
      }
      const text = seen.join('\\n').toLowerCase();
      return words.map((word) => text.match(new RegExp('.{0,30}(^|[^a-z])' + word + '([^a-z]|$).{0,30}')))
        .filter((found) => found).map((found) => found[0]);
    }""",
        list(ENGLISH),
    )
    assert found == []


@pytest.mark.parametrize("language", ["id", "en"])
def test_on_a_phone_held_upright_nothing_is_wider_than_the_window(server: Server, visit: Visit, language: str) -> None:
    visitor = visit(server.url, PHONE)
    for path, name in ((f"/?bahasa={language}&desa={KAULON}", "peta"), (f"/prioritas?bahasa={language}", "prioritas")):
        visitor.open(path)
        if name == "peta":
            visitor.wait_for_map()
            visitor.wait_for_village("Kaulon")
        else:
            visitor.page.locator("[data-testid=stDataFrame]").first.wait_for()
        wide = visitor.page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= PHONE[0]
        visitor.picture(f"telepon_{name}_{language}")
    assert visitor.page.locator("html").get_attribute("lang") == language


def test_the_language_switch_changes_everything_and_stays_on_the_other_page(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    visitor.open(f"/?desa={KAULON}")
    visitor.wait_for_village("Kaulon")
    visitor.page.get_by_role("radio", name="EN", exact=True).or_(
        visitor.page.get_by_role("button", name="EN", exact=True)
    ).first.click()
    visitor.page.get_by_text("Service coverage in Kabupaten Blitar").wait_for()
    visitor.page.wait_for_function("() => document.querySelectorAll('iframe').length === 1")
    visitor.map.get_by_text("Legend").wait_for(timeout=20_000)
    assert visitor.page.locator("iframe").get_attribute("title") == "Map of villages"
    assert "BPS code" in visitor.facts()
    assert visitor.map.get_by_role("combobox", name="Search the map").is_visible()
    assert visitor.page.locator("html").get_attribute("lang") == "en"
    visitor.picture("peta_en")
    visitor.page.get_by_role("link", name="Priority").click()
    visitor.page.get_by_role("heading", name="The order in which to serve villages").wait_for()
    visitor.page.locator("[data-testid=stVegaLiteChart]").wait_for()
    visitor.picture("prioritas_en")
    visitor.page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    visitor.picture("prioritas_bawah_en")


def test_text_stands_out_from_its_background(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    for path in (f"/?desa={KAULON}", "/prioritas"):
        visitor.open(path)
        visitor.page.locator("[data-testid=stDataFrame]").first.wait_for()
        if path != "/prioritas":
            visitor.wait_for_village("Kaulon")
        assert visitor.page.evaluate(CONTRAST) == []


CONTRAST = """() => {
  const channels = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const under = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) { return found; }
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || !element.checkVisibility() || element.closest(':disabled, canvas, script, style, [data-testid=stSliderThumbValue]')) { continue; }
    const colour = channels(getComputedStyle(element).color);
    const back = under(element);
    const alpha = colour.length > 3 ? colour[3] : 1;
    const mixed = colour.slice(0, 3).map((c, i) => c * alpha + back[i] * (1 - alpha));
    const [low, high] = [light(mixed), light(back)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) { poor.push(walker.currentNode.nodeValue.trim().slice(0, 40) + ' ' + ratio.toFixed(2)); }
  }
  return [...new Set(poor)];
}"""
