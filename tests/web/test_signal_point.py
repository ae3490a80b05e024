"""The towers heard at a place, the best first."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyproj

from coverage.reach.repeaters import towers_of
from coverage.reach.signal import NO_SIGNAL, signal_map
from coverage.reach.signal_views import next_best, of_tower
from coverage.reach.terrain import Terrain
from coverage.readers.parameters import read_parameters
from coverage.run.result import Analysis
from coverage.web.signal_page.signal_point import signal_at
from tests.reach.test_signal import CRS, SOUTH, WEST, towers_at


def test_the_towers_that_stay_if_the_best_one_fails_are_named_with_their_own_signal() -> None:
    parameters, radio = read_parameters(), cast(Any, read_parameters().radio)
    plain = Terrain(np.full((200, 300), 50.0, np.float32), WEST - 5000, SOUTH - 5000, 100.0, CRS)
    assets = towers_at((3.0, 5.0, "A"), (9.0, 5.0, "B"), (15.0, 5.0, "C"), (4.0, 5.0, "D"))
    towers = towers_of(assets, range(4), parameters.kinds, radio, plain)
    signal = signal_map(plain, towers, radio)
    analysis = cast(
        Analysis,
        SimpleNamespace(terrain=plain, reached=SimpleNamespace(signal=signal), assets=assets, parameters=parameters),
    )
    lon, lat = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True).transform(WEST + 5050, SOUTH + 5050)
    found = signal_at(analysis, lon, lat)
    assert found is not None
    assert found.server_id == "3"
    assert [name for name, _ in found.next_servers] == ["0", "1"]  # three are kept
    row, column = plain.indices(np.array([WEST + 5050.0]), np.array([SOUTH + 5050.0]))
    for name, level in found.next_servers:
        assert level == of_tower(plain, towers[int(name)], radio)[row[0], column[0]]
    for repeaters, stays in (((), ["0", "1"]), ((0,), ["1"]), ((0, 1), []), ((3,), ["0", "1"])):
        sends = tuple(replace(one, repeats=at in repeaters) for at, one in enumerate(towers))
        analysis.reached.signal = replace(signal, towers=sends)  # type: ignore[misc]
        found = signal_at(analysis, lon, lat)
        assert found is not None
        assert [name for name, _ in found.next_servers] == stays
        level, number = next_best(replace(signal, towers=sends), row, column)
        assert [(str(number[0]), level[0])][: len(stays)] == list(found.next_servers[:1])
        assert stays or level[0] == NO_SIGNAL
