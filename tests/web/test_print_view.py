"""What the browser says of the map becomes what is drawn on paper; what does not fit is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.result import Analysis
from coverage.store import Store
from coverage.web import store_access
from coverage.web.map_page.print_view import RAMP, chosen, chosen_areas
from coverage.web.maps.layers import Viewer, figure_layer
from coverage.web.maps.on_demand import areas_offered

BOUNDS = [112.2, -8.3, 112.4, -8.2]


def test_the_paper_has_the_layers_and_classes_of_the_screen(analysis: Analysis, words: Words) -> None:
    layers = {
        "on": {"relief": True, "land": False, "people": True},
        "opacity": {"villages": 40},
        "kinds": ["tower"],
        "hidden": ["planned"],
        "paint": "density",
    }
    choice = chosen(analysis, {"bounds": BOUNDS, "lapis": json.dumps(layers)}, "3505060010", None, words, Viewer())
    assert (choice.bounds, choice.kinds, choice.hidden) == (tuple(BOUNDS), {"tower"}, {"planned"})
    assert [choice.shows(name) for name in ("relief", "land", "basemap")] == [True, False, True]
    assert (choice.alpha("villages"), choice.village) == (0.4, "3505060010")
    assert (choice.also, choice.notes, choice.lacking) == ({"people"}, (words("web.map.people_even"),), ())
    assert choice.painted is not None
    counts = np.bincount(choice.painted.classes(np.array(figure_layer(analysis)["codes"], dtype=object)))
    assert len(counts) == len(RAMP)
    assert np.ptp(counts) <= 2  # as many villages in each
    by_hand = chosen(
        analysis, {"lapis": json.dumps({"paint": "population", "breaks": [5000, 9000]})}, None, None, words, Viewer()
    )
    assert by_hand.painted is not None
    assert by_hand.painted.breaks[1:] == (5000, 9000)
    planned = chosen(
        analysis, {"lapis": json.dumps({"paint": "plan_year"})}, None, {"3505060010": 2028}, words, Viewer()
    )
    assert planned.painted is not None
    assert planned.painted.unstated == words("web.map.unplanned")


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"bounds": [1, 2, 3], "lapis": "{"},
        {"bounds": [112.4, -8.3, 112.2, -8.2], "lapis": {}},
        {"bounds": [float("nan")] * 4, "lapis": json.dumps({"paint": "../x", "kinds": [1]})},
        {"bounds": ["112", "-8", "113", "-7"], "lapis": json.dumps({"paint": "no_such_figure"})},
    ],
)
def test_what_does_not_fit_is_left_out(analysis: Analysis, words: Words, said: Any) -> None:
    choice = chosen(analysis, said, None, None, words, Viewer())
    assert (choice.bounds, choice.painted, choice.lacking) == (None, None, ())
    assert choice.kinds == set(asset_kinds().public)
    assert not choice.shows("relief")


def test_points_and_areas_are_those_that_the_visitor_may_see(
    analysis: Analysis, words: Words, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"state": "blank", "at": (112.1, -8.1)}, {"state": "weak", "at": (112.2, -8.1)}]
    evidence = pd.DataFrame({
        "village_code_bps": "3505060010", "kind": "complaint", "claimed_state": [row["state"] for row in rows],
        "lon": [row["at"][0] for row in rows], "lat": [row["at"][1] for row in rows], "source": "warga", "date": "2026",
    })  # fmt: skip
    run = replace(analysis, evidence=evidence, run={**analysis.run, "run_id": "on paper"})
    areas = {area.name: area.key for area in areas_offered(run, words, Viewer())}
    said = {"lapis": json.dumps({"on": {"evidence": True}, "areas": [*areas.values(), "0000000000"]})}
    drawn = chosen(run, said, None, None, words, Viewer()).points
    assert [(one.title, one.at.tolist()) for one in drawn] == [
        (f"{words('web.map.layer.evidence')}: {words('core.state.blank')}", [[112.1, -8.1]]),
        (f"{words('web.map.layer.evidence')}: {words('core.state.weak')}", [[112.2, -8.1]]),
    ]
    named = [name for _, _, name in chosen_areas(run, said, words, Viewer())]
    assert len(named) == len(areas)
    cameras = words("core.service.surveillance").casefold()
    assert any(cameras in name.casefold() for name in named)
    strangers = [name for _, _, name in chosen_areas(run, said, words, Viewer(sees_cctv=False))]
    assert len(strangers) == len(named) - 1
    assert not any(cameras in name.casefold() for name in strangers)
    monkeypatch.setattr(store_access, "who", lambda: None)
    assert chosen(run, said, None, None, words, Viewer()).points == ()
    off = {"lapis": json.dumps({"on": {"areas": False}, "areas": [*areas.values()]})}
    assert chosen_areas(run, off, words, Viewer()) == []
