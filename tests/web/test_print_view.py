"""What the browser says of the map becomes what is drawn on paper; what does not fit is left out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.result import Analysis
from coverage.web.map_page.print_view import RAMP, chosen
from coverage.web.maps.layers import figure_layer

BOUNDS = [112.2, -8.3, 112.4, -8.2]


def test_the_paper_has_the_layers_and_classes_of_the_screen(analysis: Analysis, words: Words) -> None:
    layers = {
        "on": {"relief": True, "land": False, "evidence": True},
        "opacity": {"villages": 40},
        "kinds": ["tower"],
        "hidden": ["planned"],
        "paint": "density",
    }
    choice = chosen(analysis, {"bounds": BOUNDS, "lapis": json.dumps(layers)}, "3505060010", None, words)
    assert (choice.bounds, choice.kinds, choice.hidden) == (tuple(BOUNDS), {"tower"}, {"planned"})
    assert [choice.shows(name) for name in ("relief", "land", "basemap")] == [True, False, True]
    assert (choice.alpha("villages"), choice.village) == (0.4, "3505060010")
    assert choice.lacking == (words("web.map.layer.evidence"),)
    assert choice.painted is not None
    counts = np.bincount(choice.painted.classes(np.array(figure_layer(analysis)["codes"], dtype=object)))
    assert len(counts) == len(RAMP)
    assert np.ptp(counts) <= 2  # as many villages in each
    by_hand = chosen(
        analysis, {"lapis": json.dumps({"paint": "population", "breaks": [5000, 9000]})}, None, None, words
    )
    assert by_hand.painted is not None
    assert by_hand.painted.breaks[1:] == (5000, 9000)
    planned = chosen(analysis, {"lapis": json.dumps({"paint": "plan_year"})}, None, {"3505060010": 2028}, words)
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
    choice = chosen(analysis, said, None, None, words)
    assert (choice.bounds, choice.painted, choice.lacking) == (None, None, ())
    assert choice.kinds == set(asset_kinds().public)
    assert not choice.shows("relief")
