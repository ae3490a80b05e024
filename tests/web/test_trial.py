"""What if on page Sinyal without elevation: a click answers, a drag too; scenarios are compared and handed over."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from types import SimpleNamespace

import geopandas as gpd
import pytest
from streamlit.testing.v1 import AppTest

from coverage.language.words import Words
from coverage.rollout.edits import PlanEdit
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.what_if import TrialAsset
from coverage.store import Actor
from coverage.web import store_access, visitor_work
from coverage.web.maps.map_view import Click
from coverage.web.signal_page import trial, tried
from coverage.web.signal_page.trial_profile import neighbours
from coverage.web.work_process import Task

PLACE = "-8.270000, 112.200000"
EDITOR = Actor("ani", "editor")


def trial_only() -> None:
    from coverage.web import frame, session, settings
    from coverage.web.signal_page import trial

    computed = frame.RUNS.of(settings.sources()).result.result()
    given = {name: getattr(computed, name) for name in ("analysis", "inputs", "ground")}
    trial.show(frame.Context(**given, words=frame.words_in("id"), viewer=session.viewer()))


@pytest.fixture
def page(store: object, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    def here(words: object, working: str, make: object, analysis: object, ground: object, *given: object, **_: object):
        return make(Task(analysis, ground, lambda *_: None), *given)  # type: ignore[operator, arg-type]

    monkeypatch.setattr(tried, "computed", here)
    monkeypatch.setattr(store_access, "who", lambda: EDITOR)
    page = AppTest.from_function(trial_only, default_timeout=120)
    page.session_state["signal_place"] = PLACE
    return page.run()


def html(page: AppTest) -> str:
    return " ".join(str(one.proto.body) for one in page.get("html"))


def test_a_point_answers_at_once_and_scenarios_are_compared_and_handed_over(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not page.exception
    assert "4.194 orang baru terlayani" in html(page)
    assert "kantong 1" in html(page)
    assert "lingkaran" in html(page)
    page.button(key="try_add").click().run()
    assert page.session_state["signal_place"] == ""
    assert [one["kind"] for one in page.session_state["signal_tried"]] == ["tower"]
    assert json.loads(page.query_params["pengaturan"])["signal_tried"][0]["lat"] == -8.27
    page.text_input(key="try_name").set_value("Satu menara").run()
    page.button(key="try_save").click().run()
    page.selectbox(key="try_kind").set_value("wifi").run()
    page.session_state["signal_place"] = "-8.100000, 112.250000"
    page.run()
    page.text_input(key="try_name").set_value("Dengan Wi-Fi").run()
    page.button(key="try_save").click().run()
    assert not page.exception
    assert "Rp 2,6 miliar" in html(page)
    store = store_access.opened_store().store
    assert store is not None
    assert [one["name"] for one in store.scenarios.all("3505", EDITOR)] == ["Dengan Wi-Fi", "Satu menara"]
    for button in ("try_to_plan", "try_to_register", "try_to_inventory"):
        page.button(key=button).click().run()
        assert not page.exception
        assert page.button(key=button).disabled == (button != "try_to_plan")  # what was handed over is so once
    edits: tuple[PlanEdit, ...] = page.session_state["plan_edits"]
    assert [(edit.action, edit.measure) for edit in edits] == [("pin", "small_tower"), ("pin", "public_wifi")]
    asked = [line.proposal for line in store.proposals.all("3505", EDITOR)]
    assert sorted((one.asked, round(one.lat or 0, 2)) for one in asked) == [
        ("public_wifi", -8.1),
        ("small_tower", -8.27),
    ]
    planned = store.assets.table(viewer=EDITOR)
    planned = planned[planned["status"] == "planned"].tail(2).sort_values("kind")
    assert planned["kind"].tolist() == ["tower", "wifi"]
    assert [name.split()[0] for name in planned["name"]] == ["Menara", "Wi-Fi"]
    page.session_state["plan_cost_values"] = {"public_wifi.capital.0": 1e12}
    page.text_input(key="try_name").set_value("Satu menara")
    page.button(key="try_save").click().run()  # what is typed counts at once; the first of this name stays
    again = next(name for name in page.multiselect[0].options if name.startswith("Satu menara ("))
    assert "Satu menara" in page.multiselect[0].options
    assert "triliun" in html(page)  # the costs of page Rencana
    unsaved = (TrialAsset(112.3, -8.2, "wifi"),)
    page.session_state["signal_tried"] = [asdict(one) for one in unsaved]
    page.button(key=f"try_open_{again}").click().run()
    assert page.session_state["signal_scenarios"] == {"Tanpa nama 1": unsaved}
    assert len(page.session_state["signal_tried"]) == 2
    page.session_state["signal_tried"] = 10 * page.session_state["signal_tried"]
    monkeypatch.setattr(trial, "is_listed", lambda *_: False)
    page.run()
    assert page.button(key="try_add").disabled
    assert "tidak diketahui siapa yang belum terlayani" in page.info[0].value
    assert not [one for one in page.button if one.key == "sites_find"]


def test_a_process_is_made_ready_while_one_looks_for_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(tried, "compute", lambda _job, make, *given: asked.append((make, *given)))
    page = AppTest.from_function(trial_only, default_timeout=120).run()
    page.run()
    until = time.monotonic() + 30
    while not asked and time.monotonic() < until:
        time.sleep(0.05)
    ((make, _, _, (one,), rule),) = asked
    assert make is visitor_work.what_if
    assert (one.kind, rule) == ("tower", "no_cellular")  # type: ignore[attr-defined]
    assert -8.4 < one.lat < -7.8  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lon", "status", "told"),
    [
        (112.22, "operational", "berdiri 2,2 km dari MAST, dalam jangkauannya (3 km), jadi mengirim ulang sinyalnya"),
        (112.24, "operational", "tidak memberi apa-apa: MAST, yang paling dekat jangkauannya, 4,4 km dari sini"),
        (
            112.22,
            "damaged",
            "tidak memberi apa-apa: tidak ada menara beroperasi, dari operator dan pita yang diulangnya",
        ),
    ],
)
def test_a_repeater_tells_what_it_hears_or_why_it_gives_nothing(
    analysis: Analysis, lon: float, status: str, told: str
) -> None:
    assert analysis.assets is not None
    assert analysis.land is not None
    first = analysis.assets[analysis.assets["kind"] == "tower"].head(1)
    place = gpd.GeoSeries.from_xy([lon], [-8.27], index=first.index, crs=4326)
    mast = first.assign(asset_id="MAST", status=status, operator=None, reach_m=None).set_geometry(place)
    inputs = Inputs(villages=analysis.villages, assets=mast.drop(columns="neighbour"))
    alone = analyze(inputs, analysis.parameters)
    task = Task(alone, prepare(inputs, analysis.parameters), lambda *_: None)
    effect = visitor_work.what_if(task, [TrialAsset(112.2, -8.27, "repeater")], "no_cellular")
    (heard,) = effect.heard
    assert told in trial._heard(heard, SimpleNamespace(words=Words("id"), analysis=alone))  # type: ignore[arg-type]
    assert bool(effect.circles) == heard.sends == ("mengirim ulang" in told)


def test_a_repeater_on_the_page_names_what_it_hears_and_whose_leave_it_needs(page: AppTest) -> None:
    page.selectbox(key="try_kind").set_value("repeater").run()
    assert not page.exception
    assert page.selectbox(key="try_band_repeater").value is None
    assert "Repeater 1 " in html(page)
    assert "UU 36/1999" in html(page)


def test_a_dragged_point_takes_its_new_place(monkeypatch: pytest.MonkeyPatch) -> None:
    two = TrialAsset(112.2, -8.27), TrialAsset(112.3, -8.2, "wifi")
    state: dict[str, object] = {"signal_tried": [asdict(one) for one in two]}
    monkeypatch.setattr("streamlit.session_state", state)
    trial.clicked(Click(-8.1, 112.1, None, None, proposed=1))
    assert state["signal_tried"] == [asdict(two[0]), asdict(TrialAsset(112.1, -8.1, "wifi"))]
    trial.clicked(Click(-8.15, 112.15, None, None, proposed=2))  # the one that is not collected yet
    assert state["signal_place"] == "-8.150000, 112.150000"


def test_the_nearest_masts_are_offered_for_a_profile(analysis: Analysis) -> None:
    near = neighbours(analysis, TrialAsset(112.2, -8.27))
    assert len(near) == 5
    assert near["metres"].is_monotonic_increasing
    assert near["height_m"].gt(0).all()
    assets = analysis.assets
    assert assets is not None
    masts = assets[assets["kind"].isin(["tower", "radio_link"]) & (assets["status"] == "operational")]
    there = masts.to_crs(32749).distance(gpd.GeoSeries.from_xy([112.2], [-8.27], crs=4326).to_crs(32749).iloc[0])
    assert near["metres"].iloc[0] == pytest.approx(there.min(), rel=0.005)


def test_assets_of_a_scenario_come_back_as_they_were() -> None:
    wanted = (TrialAsset(112.2, -8.27, "tower", 30.0, 1800.0, "Satu", 120.0), TrialAsset(112.3, -8.2, "wifi"))
    assert tried.from_assets(tried.as_assets(wanted)) == wanted
