"""Page Mulai: the checklist, and the way to it from every page."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from coverage.language.words import Words
from coverage.run.inputs import Inputs
from coverage.run.readiness import checklist
from coverage.run.result import Analysis

pytestmark = pytest.mark.usefixtures("store")


def start_only() -> None:
    from coverage.web import frame
    from coverage.web.start_page.page import PAGE

    frame._show_page(PAGE, frame.words_in("id"))


def test_the_checklist_tells_what_is_missing_for_the_time_being_and_ready(analysis: Analysis, inputs: Inputs) -> None:
    found = {item.kind: item.readiness for item in checklist(analysis, inputs)}
    assert found == {
        "boundaries": "approximate",
        "assets": "approximate",
        "population": "approximate",
        "people": "approximate",
        "evidence": "ready",
        "elevation": "missing",
        "measurements": "missing",
    }
    without = replace(analysis, run={**analysis.run, "approximations": []})
    bare = {item.kind: item.readiness for item in checklist(without, replace(inputs, assets=None))}
    assert bare["assets"] == "missing"
    assert bare["boundaries"] == bare["population"] == "ready"


def test_the_page_says_it_with_a_template_and_the_way_in(words: Words) -> None:
    page = AppTest.from_function(start_only, default_timeout=60).run()
    assert not page.exception
    shown = "".join(element.proto.body for element in page.get("html"))
    assert words("start.kind.elevation") in shown
    assert words("start.readiness.missing") in shown
    assert {button.key for button in page.button} >= {"bring_boundaries", "bring_assets", "bring_elevation"}
    assert len(page.get("download_button")) == 4


def test_another_region_is_chosen_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    page = AppTest.from_function(start_only, default_timeout=60).run()
    box = page.selectbox(key="start_search")
    assert any("Brebes" in option for option in box.options)
    page.selectbox(key="start_province").select("Jawa Tengah").run()
    assert all("Jawa Tengah" in option for option in page.selectbox(key="start_search").options)


@pytest.mark.parametrize(
    ("text", "said", "offered"),
    [
        ("bogor", "dapat berarti beberapa", ["asked_3201", "asked_3271", "asked_first"]),
        ("brebs", "Mungkin maksudnya", ["asked_3329", "asked_first"]),
        ("atlantis", "buka Kabupaten Blitar", ["asked_first"]),
        ("fakfak", "Fakfak (92.03) belum ada di daftar", ["asked_bring", "asked_first"]),
    ],
)
def test_an_address_that_names_no_region_or_several_is_asked_about(text: str, said: str, offered: list[str]) -> None:
    page = AppTest.from_function(start_only, default_timeout=60)
    page.query_params["wilayah"] = text
    page.run()
    assert not page.exception
    assert said in "".join(element.proto.body for element in page.get("html"))
    assert [button.key for button in page.button] == offered
    page.button(key=offered[-1]).click().run()
    assert "Mulai" in "".join(element.proto.body for element in page.get("html"))
