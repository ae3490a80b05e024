"""The dashboard: figures of a day, the series by year, what waits for repair, and the view."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from coverage.exports.dashboard import by_year, day_figures, waiting
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.store import Actor, Store
from coverage.web import store_access
from coverage.web.report_page import dashboard

ADMIN = Actor("rina", "admin")


def test_figures_of_a_day_sum_to_those_of_the_region_and_what_is_unknown_stays_so(analysis: Analysis) -> None:
    table = pd.DataFrame(day_figures(analysis))
    service = analysis.village_service
    for name in ("cellular", "public_wifi"):
        people = service.loc[service["service"] == name, "population_served"].sum()
        assert table[name].sum() == pytest.approx(people, abs=len(table))
    assert (table["villages"].sum(), table["people"].sum()) == (248, analysis.villages["population"].sum())
    assert analysis.pockets is not None
    assert table["pockets"].sum() == (analysis.pockets["pocket"] > 0).sum()
    unknown = service.assign(population_served=service["population_served"].mask(service["service"] == "cellular"))
    found = day_figures(replace(analysis, village_service=unknown, pockets=None))
    assert {row["cellular"] for row in found} == {row["pockets"] for row in found} == {None}
    years = by_year({2025: found, 2024: day_figures(analysis)})
    assert years["year"].tolist() == [2024, 2025]
    assert pd.isna(years["cellular"][1])
    assert years["people"][0] == years["people"][1]


def test_the_last_run_of_each_day_is_kept_by_itself_and_the_last_day_of_a_year_counts(
    store: Store, analysis: Analysis
) -> None:
    days = store.run_days
    for day, run_id, people in (
        ("2025-03-01", "a", 1),
        ("2025-12-30", "b", 2),
        ("2025-12-30", "c", 3),
        ("2026-01-02", "d", 4),
    ):
        days.keep("3505", day, run_id, [{"people": people}])
    days.keep("3506", "2025-12-31", "x", [{"people": 9}])
    assert days.last_of_years("3505") == {2025: ("2025-12-30", [{"people": 3}]), 2026: ("2026-01-02", [{"people": 4}])}
    real = replace(analysis, run={**analysis.run, "approximations": []})
    untried: Any = SimpleNamespace(tried=())
    for sources, run in ((untried, analysis), (SimpleNamespace(tried=(1,)), real)):
        dashboard.keep_day(sources, SimpleNamespace(analysis=run))  # type: ignore[arg-type]
    today = dt.date.today()
    assert today.isoformat() not in str(days.last_of_years("3505"))
    dashboard.keep_day(untried, SimpleNamespace(analysis=real))  # type: ignore[arg-type]
    assert days.last_of_years("3505")[today.year] == (today.isoformat(), day_figures(real))


def test_how_long_repairs_wait() -> None:
    assets = pd.DataFrame(
        {"asset_id": ["a", "b", "c", "d", "e"], "subdistrict": ["Bakung", None, "Wates", "Wates", "Wates"]}
    )
    assets["status"] = ["damaged", "inactive", "damaged", "damaged", "operational"]
    since = {
        "a": "2026-11-01T00:00:00Z",
        "b": "2026-05-01T00:00:00Z",
        "c": "2025-01-01T00:00:00Z",
        "gone": "2020-01-01",
    }
    found = waiting(since, assets, dt.date(2026, 11, 30))
    assert found["days"].dropna().to_dict() == {"a": 29, "b": 213, "c": 698}
    assert found["waits"].to_dict() == {"a": 0, "b": 2, "c": 3, "d": 4}
    assert waiting({}, assets, dt.date(2026, 11, 30))["waits"].tolist() == [4, 4, 4, 4]


def the_view(analysis, inputs):  # type: ignore[no-untyped-def]  # no name of this module is known there
    from coverage.language.words import Words
    from coverage.web.context import Context
    from coverage.web.maps.layers import Viewer
    from coverage.web.report_page import dashboard

    dashboard.show(Context(analysis, inputs, Words("id"), Viewer(), None))  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_view_shows_what_the_role_may_see(
    store: Store, analysis: Analysis, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "name": "Mast",
        "village_code_bps": "3505010001",
        "asked": "small_tower",
        "channel": "bakti",
        "year": 2027,
    }
    store.proposals.add([{**values, "stage": "draft", "stage_on": "2026-11-01"}], ADMIN)
    years = pd.DataFrame({"year": [2027], "budget_idr": [9e9], "capital_idr": [5e9], "running_idr": [1e9]})
    monkeypatch.setattr(dashboard.paper_set, "plan_of", lambda *_: (SimpleNamespace(years=years), None))
    for who, charts, plan in ((ADMIN, 4, None), (None, 3, None), (ADMIN, 5, {"made": 1})):
        store.settings.decide("3505", "plan", plan, ADMIN)
        monkeypatch.setattr(store_access, "who", lambda *_, who=who: who)
        shown = AppTest.from_function(the_view, default_timeout=60, args=(analysis, inputs)).run()
        assert not shown.exception
        assert len(shown.get("vega_lite_chart") or shown.get("arrow_vega_lite_chart")) == charts
        said = "".join(one.value for one in shown.caption)
        assert ("Belum ada rencana kantor" in said) == (plan is None)
        assert "lamanya tidak tercatat" not in said
        assert ("Masuk dulu" in said) == (who is None)
