"""Outlines without codes on page Data: proposed, shown, confirmed, tried, and kept."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from coverage.base.errors import FileRefusedError
from coverage.readers.shipped import data_dir
from coverage.store import Actor, Store
from coverage.web.data_page import data_trial
from coverage.web.data_page.code_proposal import CodeProposal
from tests.web.test_region_data import Upload

EDITOR = Actor("ani", "editor")


@pytest.fixture
def without_codes() -> Upload:
    """Outlines of Bakung by name alone, as OpenStreetMap gives them; one is called otherwise."""
    shipped = json.loads((data_dir() / "blitar" / "villages.geojson").read_text("utf-8"))
    known = [one for one in shipped["features"] if one["properties"]["subdistrict"] == "Bakung"]
    features = [
        {"type": "Feature", "geometry": one["geometry"], "properties": {"@id": f"relation/{at}", "name": name}}
        for at, one in enumerate(known)
        if (name := "Bukit Lain" if at == 0 else one["properties"]["village"])
    ]
    return Upload("osm bakung.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())


def data_only() -> None:
    from coverage.web import frame
    from coverage.web.data_page.page import PAGE

    frame._show_page(PAGE, frame.words_in("id"))


@pytest.mark.slow
def test_what_was_confirmed_is_tried_and_what_no_name_speaks_for_is_left_out(
    store: Store, without_codes: Upload
) -> None:
    with pytest.raises(FileRefusedError) as refused:
        data_trial.begin("boundaries", [without_codes], "", "", {}, "3505", EDITOR)  # type: ignore[list-item]
    assert refused.value.code in ("villages.no_codes", "villages.no_code_column")
    polygons, proposal, villages = data_trial.propose([without_codes])  # type: ignore[list-item]
    assert proposal["how"].iloc[0] == "place_only"
    assert set(proposal["how"].iloc[1:]) == {"same_name"}
    page = AppTest.from_function(data_only, default_timeout=120)
    page.session_state["data_codes"] = CodeProposal(without_codes.name, "", "2026", polygons, proposal, villages)
    page.run()
    assert not page.exception
    left = "1 ditinggalkan"
    button = page.button(key="data_codes_confirm")
    assert left in button.label
    assert f"{len(proposal) - 1} batas" in button.label
    button.click().run()
    assert not page.exception
    trial, run = page.session_state["data_trial"]
    found = run.result.result(300).inputs.villages
    assert len(found) == len(proposal) - 1
    assert set(found["village_code_bps"]) == set(proposal["village_code_bps"].iloc[1:])
    assert trial.versions[0].about["dated"] == "2026"
    assert "data_codes" not in page.session_state


def test_the_proposal_is_given_up(store: Store, without_codes: Upload) -> None:
    page = AppTest.from_function(data_only, default_timeout=120)
    page.session_state["data_codes"] = CodeProposal(
        without_codes.name,
        "",
        "",
        *data_trial.propose([without_codes]),  # type: ignore[list-item]
    )
    page.run()
    page.button(key="data_codes_cancel").click().run()
    assert not page.exception
    assert page.button(key="data_try_boundaries").disabled
