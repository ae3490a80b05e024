"""What a link carries opens the same elsewhere; what does not fit is left out; another region starts afresh."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from coverage.web import linked

GIVEN = {
    "criteria_used": ["people_unserved", "distance_to_backhaul"],
    "direction_people_unserved": "more_is_urgent",
    "order_method": "topsis",
    "pair_people_unserved_terrain": -3,
    "plan_budget": 700,
    "plan_budget_2028": 900,
    "plan_own_years": True,
    "signal_mode": "try",
    "signal_place": "-8.17, 112.16",
    "signal_tried": [
        {"lon": 112.25, "lat": -8.2, "kind": "tower", "height_m": 42.0, "operator": None},
        {"lon": 112.3, "lat": -8.1, "kind": "wifi", "band_mhz": 2400},
    ],
    "signal_view": "operator:XL",
    "try_kind": "tower",
    "weight_people_unserved": 40,
}
REFUSED = {
    "criteria_used": "people_unserved",
    "direction_people_unserved": ["more_is_urgent"],
    "is_admin": True,
    "order_method": "rumus sendiri",
    "plan_budget": "700",
    "plan_budget_2028": -1,
    "plan_edits": [{"action": "pin", "village": "3505010001", "who": "bupati"}],
    "plan_own_years": 1,
    "session_ticket": "keluar",
    "signal_mode": "admin",
    "signal_opacity": 200,
    "signal_place": "<script>",
    "signal_tried": [{"lon": 112.25, "lat": -8.2, "kind": "tower", "asset_id": "TWR-1"}],
    "signal_view": ["best"],
    "try_kind": "cctvs",
    "weight_people_unserved": 101,
}


def app() -> None:
    import json

    import streamlit as st

    from coverage.web import linked, session

    linked.take_settings()
    st.text(linked.settings_text() or "")
    st.text(json.dumps(linked.map_options()))
    st.text(session.link())
    st.text(str(session.flight()))
    st.button("Bogor", key="bogor", on_click=session.choose_region, args=("3271",))


def opened(**address: str) -> AppTest:
    page = AppTest.from_function(app, default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def test_the_map_goes_to_the_village_of_a_link_only_where_the_link_has_no_view() -> None:
    assert said(opened(desa="3505060010"))[3] == "3505060010"
    assert said(opened(desa="3505060010", pandangan="-8.1,112.2,12.0"))[3] == "0"
    assert said(opened(desa="<b>"))[3] == "0"


def test_weights_and_budget_come_back_as_they_were_sent() -> None:
    page = opened(pengaturan=json.dumps(GIVEN))
    assert json.loads(said(page)[0]) == GIVEN
    assert all(page.session_state[key] == value for key, value in GIVEN.items())
    assert "pengaturan=" in said(page)[2]


@pytest.mark.slow
def test_what_an_address_may_not_say_is_left_out() -> None:
    for text in (json.dumps(REFUSED), "[1]", "{", '"x"', "[" * 9000, json.dumps({"plan_budget": True})):
        page = opened(pengaturan=text)
        assert said(page)[0] == ""
        assert not any(key in page.session_state for key in REFUSED)


@pytest.mark.slow
def test_the_view_and_the_layers_of_the_map_are_taken_from_the_address() -> None:
    found = json.loads(said(opened(pandangan="-8.1,112.2,12.5", lapis="tower,medan,<script>"))[1])
    assert found == {"view": [-8.1, 112.2, 12.5], "layers": {"kinds": ["tower"], "on": {"relief": True}}}  # as of old
    chosen = {
        "order": ["assets"],
        "on": {"people": True},
        "opacity": {"areas": 40},
        "paint": "rank",
        "breaks": [2, 9.5],
    }
    assert linked.map_layers(json.dumps(chosen)) == chosen
    for refused in (
        {"on": {"<b>": True}},
        {"opacity": {"areas": 400}},
        {"breaks": ["1"]},
        {"more": 1},
        {"kinds": "tower"},
    ):
        assert linked.map_layers(json.dumps(chosen | refused)) == {}
    for wrong in ("-8.1,112.2", "a,b,c", "nan,112,9", "-8,112,99", "-91,112,9"):
        assert json.loads(said(opened(pandangan=wrong))[1]) == {}


def test_another_region_starts_afresh_but_for_the_language_and_a_list_under_way() -> None:
    page = opened(pengaturan=json.dumps(GIVEN), desa="3505060010", bahasa="en")
    page.session_state["language"], page.session_state["import_draft"] = "en", "daftar"
    page.session_state["plan_made"] = page.session_state["plan_edits"] = page.session_state["data_trial"] = "Blitar"
    page.button(key="bogor").click().run()
    assert not page.exception
    assert said(page)[0] == ""
    assert "wilayah=3271" in said(page)[2]
    assert "desa=" not in said(page)[2]
    assert "pengaturan=" not in said(page)[2]
    assert not any(key in page.session_state for key in ("plan_made", "plan_edits", "data_trial", *GIVEN))
    assert (page.session_state["language"], page.session_state["import_draft"]) == ("en", "daftar")


@pytest.mark.parametrize(
    "tried",
    [
        "tower",
        [{"lon": 112.25, "lat": -98.2, "kind": "tower"}],
        [{"lon": 112.25, "lat": -8.2, "kind": "fiber_route"}],
        [{"lon": 112.25, "lat": -8.2, "kind": "cctv"}],
        [{"lon": 112.25, "lat": -8.2, "kind": "wifi", "band_mhz": 1e-3}],
        [{"lon": 112.25, "lat": float("nan"), "kind": "tower"}],
        21 * [{"lon": 112.25, "lat": -8.2, "kind": "tower"}],
    ],
)
def test_what_no_form_lets_one_try_out_is_left_out(tried: object) -> None:
    assert not linked._fits(linked.TRIED, tried)
