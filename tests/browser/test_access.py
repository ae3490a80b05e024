"""The pages for who uses no mouse, or no eyes: axe-core on each, and how many keys lead to what is looked for.

``scripts/try_access.py`` looks at every page in both languages.
"""

from __future__ import annotations

import pytest

from tests.browser.accessibility import PAGES, findings_on
from tests.browser.conftest import OFFICE, PHONE, Server, Visit, Visitor

MANY_SIZES = ("/", "/prioritas", "/data")
SELDOM = ("/?desa=3505060010", "/sinyal", "/persiapan", "/akun", "/inventaris")
"""Left to the script."""
MOST_KEYS = 12
"""Key presses before typing."""


@pytest.mark.slow
def test_no_page_has_a_serious_finding(server: Server, visit: Visit) -> None:
    """On a phone the first, and into the map of the first: the rest is for the script, as it takes minutes."""
    visitor, found = visit(server.url), []
    for path in (path for path in PAGES if path not in SELDOM):
        found += findings_on(visitor, path, "id", (OFFICE, PHONE)[: 2 if path in MANY_SIZES else 1], frames=path == "/")
    assert found == []


def press_until(visitor: Visitor, wanted: str, keys: list[str]) -> int:
    """Press keys, and Tab after them, until a field or button of that name has the focus; how many it took."""
    told = """() => { let at = document.activeElement; while (at.contentDocument) { at = at.contentDocument.activeElement; }
        const named = at.labels && at.labels[0] ? at.labels[0] : at;
        return at.getAttribute("aria-label") || (at.matches("body, #map_div") ? "" : named.textContent); }"""
    for count in range(1, MOST_KEYS + 1):
        visitor.page.keyboard.press(keys[count - 1] if count <= len(keys) else "Tab")
        if wanted in visitor.page.evaluate(told):
            return count
    raise AssertionError(f"{wanted} is not reached in {MOST_KEYS} keys")


def test_a_village_is_found_and_a_plan_is_made_by_keyboard(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    keyboard = visitor.page.keyboard
    visitor.open("/")
    visitor.wait_for_map()
    visitor.settle()
    assert press_until(visitor, "Cari di peta", ["Tab", "Enter"]) <= 5  # past the header, into the map
    keyboard.type("Kaulon")
    visitor.map.get_by_role("option", name="Kaulon").first.wait_for()
    keyboard.press("Enter")
    visitor.wait_for_village("Kaulon")
    visitor.open("/rencana")
    visitor.wait_for_map()
    visitor.settle()
    assert press_until(visitor, "Anggaran per tahun", ["Tab", "Enter"]) <= 5
    keyboard.press("Control+a")
    keyboard.type("500")
    assert press_until(visitor, "Susun rencana", []) <= MOST_KEYS
    visitor.settle()
    keyboard.press("Enter")
    visitor.page.get_by_text("Rp 1,5 miliar").first.wait_for()
    visitor.page.locator(".jk-plan-strip").wait_for()
