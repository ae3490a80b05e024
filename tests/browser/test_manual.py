"""The manual from the page one is on, its search, and the tour of one minute that it leads to."""

from __future__ import annotations

from playwright.sync_api import expect

from coverage.language.words import Words
from scripts.manual_pictures import take
from tests.browser.conftest import PHONE, Server, Visit


def test_the_manual_opens_at_the_page_and_leads_to_the_tour(server: Server, visit: Visit) -> None:
    visitor = visit(server.url)
    assert take(visitor.page, server.url, "akun", Words("en"))[8:12] == b"WEBP"  # as scripts/manual_pictures.py does
    with visitor.page.context.expect_page() as opened:
        visitor.page.get_by_role("link", name="Manual of page Accounts").press("Enter")
    other = opened.value
    expect(other.get_by_role("heading", level=1)).to_have_text("Accounts")
    assert other.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    other.get_by_role("searchbox").fill("fresnel")
    other.keyboard.press("Enter")
    other.get_by_role("link", name="Words and marks › Other words").click()
    expect(other.get_by_role("heading", name="Other words")).to_be_in_viewport()

    other.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    other.get_by_role("link", name="Tour of 1 minute").click()
    tour, offer = other.get_by_role("dialog", name="Tour of 1 minute"), other.locator(".jk-tour-offer a")
    for step in range(1, 7):
        expect(tour).to_contain_text(f"{step}/6")
        box = tour.bounding_box()
        assert box
        assert 0 <= box["x"] <= PHONE[0] - box["width"]
        assert 0 <= box["y"] <= PHONE[1] - box["height"]
        expect(offer).to_be_visible()
        other.keyboard.press("ArrowRight")
    expect(tour).to_have_count(0)
    expect(offer).to_be_hidden()  # offered once
    other.evaluate("window.location.hash = 'tur'")
    expect(tour).to_contain_text("1/6")
    other.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    other.reload()
    expect(other.locator("html.jk-tour-seen")).to_have_count(1)
