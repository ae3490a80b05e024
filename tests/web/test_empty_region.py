"""The pages of a regency that nothing was brought in for: each says what is missing and where it goes in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.language.words import LANGUAGES, Words
from coverage.store import open_store
from coverage.web import frame, store_access
from coverage.web.store_access import OpenedStore

NO_LIST = {
    "map": "web.facts.no_assets",
    "priority": "web.priority.nothing_known",
    "plan": "planning.no_assets",
    "signal": "web.facts.no_assets",
    "proposals": "proposals.empty",
    "inventory": "inventory.empty_here",
    "import": "import_page.intro",
    "data": "data.used.no_assets",
    "report": "web.facts.no_assets",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    opened = open_store(str(tmp_path / "jangkau.db"))
    monkeypatch.setattr(store_access, "opened_store", lambda: OpenedStore(opened))
    yield
    opened.close()


def one_page() -> None:
    import streamlit as st

    from coverage.web import frame

    page = next(page for page in (*frame.PAGES, *frame.BEHIND) if page.key == st.query_params["halaman"])
    frame._show_page(page, frame.words_in(st.query_params["bahasa"]))


@pytest.mark.slow
def test_every_page_of_a_fresh_regency_says_what_is_missing() -> None:
    language = LANGUAGES[0]
    words = Words(language)
    assert set(NO_LIST) == {page.key for page in (*frame.PAGES, frame.SIGNAL)}
    for name, sentence in NO_LIST.items():
        app = AppTest.from_function(one_page, default_timeout=120)
        app.query_params.update({"wilayah": "kota sabang", "halaman": name, "bahasa": language})
        app.run()
        assert not app.exception, name
        shown = "".join(element.proto.body for element in app.get("html"))
        shown += "".join(str(element.value) for element in (*app.info, *app.caption, *app.markdown))
        assert words(sentence) in shown, name
        assert "Kota Sabang" in shown, name
        for never in (words("start.sample", region="Kota Sabang"), words("planning.nothing")):
            assert never not in shown, name


@pytest.mark.slow
def test_who_draws_the_first_asset_finds_back() -> None:
    app = AppTest.from_function(one_page, default_timeout=120)
    app.query_params.update({"wilayah": "kota sabang", "halaman": "inventory", "bahasa": "id"})
    app.session_state["inventory_view"] = "place"
    app.run()
    words = Words("id")
    assert words("inventory.empty_here") not in [one.value for one in app.info]
    app.segmented_control(key="inventory_view").set_value("list").run()
    assert not app.exception
    assert words("inventory.empty_here") in [one.value for one in app.info]
