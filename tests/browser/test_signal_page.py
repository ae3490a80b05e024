"""Sinyal in a real browser without a network: the map of the signal, a path across a range, and what a tower would do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OFFICE, PHONE, Server, Visit, Visitor, served
from tests.made_south import (
    BEHIND,
    TOWERS,
    degrees,
    write_elevation,
    write_measurements,
    write_parameters,
    write_towers,
)

BEHIND_THE_RANGE = degrees(*BEHIND)
OUTSIDE = (-8.098, 112.165)
"""The town of Blitar, a municipality of its own amid the regency."""


@pytest.fixture(scope="module")
def hilly(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on made ground: four towers on a plain, a range, and the coast behind it."""
    folder = tmp_path_factory.mktemp("hilly")
    with served(
        folder,
        "--elevation",
        str(write_elevation(folder / "ketinggian.tif")),
        "--assets",
        str(write_towers(folder / "menara.csv")),
        "--parameters",
        str(write_parameters(folder / "parameter.toml")),
        "--measurements",
        str(write_measurements(folder / "uji.csv")),
    ) as started:
        yield started


def opened(visit: Visit, server: Server, size: tuple[int, int] = OFFICE, language: str = "id") -> Visitor:
    visitor = visit(server.url, size)
    visitor.open(f"/sinyal?bahasa={language}")
    visitor.wait_for_map()
    visitor.settle()
    return visitor


def click(visitor: Visitor, place: tuple[float, float]) -> None:
    visitor.settle()
    visitor.page.locator("iframe").scroll_into_view_if_needed()
    visitor.page.mouse.click(*visitor.place_of(*place))


def picture_url(visitor: Visitor) -> str:
    return str(visitor.map.locator("img.jk-signal").get_attribute("src"))


def try_there(visitor: Visitor, place: tuple[float, float]) -> None:
    visitor.page.get_by_text("Andai dibangun", exact=True).click()
    visitor.page.locator(".st-key-try_form").wait_for()
    click(visitor, place)
    expect(visitor.page.locator(".st-key-try_outcome")).to_contain_text("orang baru terlayani")
    visitor.settle()


def drag(visitor: Visitor, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag what is tried out to another place."""
    mouse = visitor.page.mouse
    mouse.move(*visitor.place_of(*start))
    mouse.down()
    mouse.move(*visitor.place_of(*end), steps=5)
    mouse.up()


def number_in(text: str) -> int:
    found = re.search(r"[\d.]+", text)
    assert found
    return int(found[0].replace(".", ""))


def test_the_map_shows_the_signal_and_says_that_it_is_predicted(hilly: Server, visit: Visit) -> None:
    visitor = opened(visit, hilly)
    drawn = visitor.map.locator("img.jk-signal")
    drawn.wait_for()
    assert (
        visitor.map.locator("body").evaluate(
            "() => { const i = document.querySelector('img.jk-signal'); return i.complete && i.naturalWidth; }"
        )
        > 300
    )
    legend = visitor.map.locator(".jk-legend")
    expect(legend).to_contain_text("Prediksi ITU-R P.1812")
    for limit in ("kuat (≥ -105 dBm)", "lemah (-115 sampai -105 dBm)", "tidak ada (< -115 dBm)"):
        expect(legend).to_contain_text(limit)
    expect(visitor.page.locator(".jk-strip")).to_contain_text("bukan hasil pengukuran")
    best = picture_url(visitor)
    visitor.map.get_by_text("Lapisan peta").click()
    visitor.map.get_by_role("checkbox", name="Relief").check()
    expect(visitor.map.locator(".leaflet-relief-pane img")).to_have_count(1)
    visitor.picture("signal_map")
    visitor.page.get_by_role("combobox", name="Yang ditampilkan").click()
    visitor.page.get_by_role("option", name="Operator: Tiga").click()
    expect(drawn).not_to_have_attribute("src", best)


def test_a_place_behind_the_range_has_no_signal_and_the_profile_says_why(hilly: Server, visit: Visit) -> None:
    visitor = opened(visit, hilly)
    click(visitor, BEHIND_THE_RANGE)
    facts = visitor.page.locator(".st-key-signal_facts")
    expect(facts).to_contain_text("Tanpa sinyal")
    said = visitor.page.locator(".jk-profile-said")
    expect(said).to_contain_text("Garis pandang terhalang medan")
    expect(said).to_contain_text("Rugi lintasan")
    expect(visitor.map.locator(".jk-blocked")).to_have_count(1)
    for key in ("profile_heights", "profile_losses"):
        chart = visitor.page.locator(f".st-key-{key} [role=graphics-document]")
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("aria-label", re.compile("terhalang|Rugi lintasan"))
        box, column = chart.bounding_box(), visitor.page.locator(".st-key-signal_profile").bounding_box()
        assert box
        assert column
        assert box["x"] + box["width"] <= column["x"] + column["width"] + 1
    visitor.picture("signal_profile")
    visitor.page.get_by_text("Angka sepanjang profil").click()
    visitor.page.locator(".st-key-signal_profile table tbody tr").nth(9).wait_for()


def test_a_typed_place_and_a_clicked_tower(hilly: Server, visit: Visit) -> None:
    visitor = opened(visit, hilly)
    field = visitor.page.get_by_role("textbox", name="Tempat")
    field.fill("bukan tempat")
    field.press("Enter")
    visitor.page.get_by_role("alert").first.wait_for()
    lat, lon = degrees(TOWERS[0][1] + 3000, TOWERS[0][2])
    field.fill(f"{lat:.5f}, {lon:.5f}")
    field.press("Enter")
    expect(visitor.page.locator(".st-key-signal_facts")).to_contain_text("MNR-1")
    expect(visitor.page.locator(".st-key-signal_facts")).to_contain_text("Sinyal kuat")
    visitor.map.locator(".leaflet-assets-pane i").first.wait_for()
    visitor.map.locator("body").evaluate(
        "(_, at) => window.map.setView(at, 13, {animate: false})", list(degrees(*TOWERS[2][1:3]))
    )
    visitor.settle()
    click(visitor, degrees(*TOWERS[2][1:3]))
    visitor.page.locator(".st-key-profile_title", has_text="MNR-3").wait_for()


def test_a_tower_on_the_coast_serves_the_coast(hilly: Server, visit: Visit) -> None:
    visitor = opened(visit, hilly)
    try_there(visitor, BEHIND_THE_RANGE)
    outcome = visitor.page.locator(".st-key-try_outcome")
    one = number_in(outcome.locator("h2").inner_text())
    assert one > 10_000
    expect(outcome).to_contain_text("Blank spot")
    expect(outcome).to_contain_text("Ada sinyal")  # so the rule of 0 % calls it
    expect(visitor.map.locator(".jk-proposed")).to_have_count(1)
    for said in ("Desa yang berubah", "Sinyal baru di sini"):
        expect(visitor.map.locator(".jk-legend")).to_contain_text(said)
    reach = visitor.map.locator("img.jk-reach")
    before = str(reach.get_attribute("src"))
    aside = degrees(BEHIND[0] + 2_000, BEHIND[1])
    drag(visitor, BEHIND_THE_RANGE, aside)
    expect(reach).not_to_have_attribute("src", before)
    drag(visitor, aside, BEHIND_THE_RANGE)
    expect(reach).to_have_attribute("src", before)
    visitor.picture("signal_what_if")
    visitor.page.get_by_role("button", name="Tambah ke skenario").click()
    try_there(visitor, degrees(BEHIND[0] - 15_000, BEHIND[1]))
    expect(visitor.map.locator(".jk-proposed")).to_have_count(2)
    expect(outcome.locator("h2")).not_to_contain_text(f"{one:,}".replace(",", "."))
    visitor.settle()
    assert number_in(outcome.locator("h2").inner_text()) > one
    visitor.page.get_by_label("Nama skenario").fill("Pantai selatan")
    visitor.page.get_by_label("Nama skenario").press("Enter")
    save = visitor.page.get_by_role("button", name="Simpan skenario")
    expect(save).to_be_enabled()
    visitor.settle()
    save.click()
    visitor.page.get_by_text("Tersimpan sebagai skenario").wait_for()
    visitor.page.get_by_role("button", name="✕").first.click()
    expect(visitor.map.locator(".jk-proposed")).to_have_count(1)
    place = visitor.page.get_by_role("textbox", name="Tempat (klik peta")
    before = place.input_value()
    click(visitor, OUTSIDE)
    expect(place).not_to_have_value(before)


def test_the_best_place_nearby_is_found_and_taken(hilly: Server, visit: Visit) -> None:
    visitor = opened(visit, hilly)
    visitor.page.get_by_text("Andai dibangun", exact=True).click()
    visitor.page.locator(".st-key-try_form").wait_for()
    click(visitor, BEHIND_THE_RANGE)
    button = visitor.page.get_by_role("button", name="Cari tempat terbaik")
    expect(button).to_be_enabled()
    button.click()
    expect(visitor.map.locator(".jk-site").nth(2)).to_be_visible()
    assert visitor.map.locator(".jk-site").count() >= 3
    visitor.page.get_by_text("menurut orang yang baru mendapat sinyal").wait_for()
    visitor.picture("signal_best_places")


def test_what_was_measured_lies_over_the_prediction_and_changes_nothing(hilly: Server, visit: Visit) -> None:
    visitor = opened(visit, hilly)
    predicted = picture_url(visitor)
    visitor.page.get_by_text("Bukti lapangan", exact=True).click()
    summary = visitor.page.locator(".st-key-field_summary")
    expect(summary).to_contain_text("27")
    expect(summary).to_contain_text("tidak diterapkan")
    expect(visitor.map.locator(".leaflet-links-pane path")).to_have_count(27)
    expect(visitor.page.locator(".st-key-field_villages tbody tr").nth(2)).to_be_visible()
    visitor.settle()
    assert picture_url(visitor) == predicted
    visitor.picture("signal_field")


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_the_page_in_english_fits(hilly: Server, visit: Visit, size: tuple[int, int]) -> None:
    visitor = opened(visit, hilly, size, "en")
    field = visitor.page.get_by_role("textbox", name="Place")
    field.fill("{:.5f}, {:.5f}".format(*BEHIND_THE_RANGE))
    field.press("Enter")
    expect(visitor.page.locator(".jk-profile-said")).to_contain_text("line of sight is blocked by the ground")
    visitor.settle()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    name = "phone" if size == PHONE else "office"
    visitor.picture(f"signal_en_{name}")
    visitor.page.locator(".st-key-profile_losses").scroll_into_view_if_needed()
    visitor.picture(f"signal_en_{name}_profile")


def test_without_elevation_the_page_says_what_to_do(server: Server, visit: Visit) -> None:
    visitor = opened(visit, server)
    for said in ("Yang perlu dilakukan", "di halaman Data", "Sama sekali tanpa sinyal seluler"):
        expect(visitor.page.locator(".st-key-signal_none")).to_contain_text(said)
    assert visitor.map.locator(".leaflet-picture-pane path").count() > 100  # circles of the towers
    visitor.picture("signal_without_elevation")


CREST = degrees(632_500.0, 9_091_400.0)


@pytest.mark.parametrize(("language", "size"), [("id", OFFICE), ("en", OFFICE), ("id", PHONE), ("en", PHONE)])
def test_a_repeater_on_the_range_names_the_tower_that_it_hears(
    hilly: Server, visit: Visit, language: str, size: tuple[int, int]
) -> None:
    visitor = opened(visit, hilly, size, language)
    there, kind, place, hears, nothing = {
        "id": ("Andai dibangun", "Yang dibangun", "Tempat", "mendengar MNR-2", "tidak memberi apa-apa"),
        "en": ("What if", "What is built", "Place", "hears MNR-2", "gives nothing"),
    }[language]
    visitor.page.get_by_text(there, exact=True).click()
    visitor.choose(kind, "Repeater")
    field, outcome = visitor.page.get_by_role("textbox", name=place), visitor.page.locator(".st-key-try_outcome")
    for at, told in ((CREST, hears), (BEHIND_THE_RANGE, nothing)):
        field.fill(f"{at[0]:.5f}, {at[1]:.5f}")
        field.press("Enter")
        expect(outcome).to_contain_text(told)
        expect(outcome).to_contain_text("36/1999")
        visitor.settle()
        outcome.scroll_into_view_if_needed()
        visitor.picture(f"signal_repeater_{language}_{size[0]}_{'heard' if told == hears else 'silent'}")
