"""The signal shown while it is computed: what there is of it, and nothing of what is not known yet."""

import io
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image
from streamlit.testing.v1 import AppTest

from coverage.exports.overlays import COLOURS
from coverage.language.words import Words
from coverage.reach.radials import Transmitter
from coverage.reach.signal import NO_SIGNAL, Signal, Tower
from coverage.reach.terrain import Terrain
from coverage.readers.parameters import read_parameters
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis, SignalSoFar
from coverage.web import frame
from coverage.web.maps import filling
from coverage.web.run_cache import ComputedRun, Run
from coverage.web.server.app import SCRIPT

WEST, SOUTH = 600_000.0, 9_100_000.0


@pytest.fixture
def so_far() -> SignalSoFar:
    """Two of three towers are done: strong in the west, weak in the middle, nothing yet in the east."""
    crs = pyproj.CRS("EPSG:32749")
    terrain = Terrain(np.zeros((300, 300), np.float32), WEST, SOUTH, 30.0, crs)
    box = shapely.box(WEST + 3100, SOUTH + 3100, WEST + 5900, SOUTH + 5900)
    villages = gpd.GeoDataFrame(geometry=[box], crs=crs).to_crs(4326)
    level = np.full((1, *terrain.shape), NO_SIGNAL, np.float32)
    level[0, :, :100], level[0, :, 100:200] = -80.0, -109.0
    place = Transmitter(WEST + 3000, SOUTH + 3000, 42.0, 0.9)
    towers = tuple(Tower(position, (), place, 20.0) for position in (0, 1, 2, 2))  # the last repeats two
    signal = Signal(level, np.full(level.shape, -1, np.int32), np.zeros(terrain.shape, np.uint8), towers, ())
    return SignalSoFar(villages, terrain, read_parameters().radio, signal, 2)


def test_a_place_without_signal_yet_has_no_colour(so_far: SignalSoFar) -> None:
    made = filling.picture_of(so_far)
    picture = np.asarray(Image.open(io.BytesIO(made.png)).convert("RGBA"))
    middle = picture[picture.shape[0] // 2]
    quarter, half, late = (tuple(middle[int(picture.shape[1] * at)]) for at in (0.17, 0.5, 0.83))
    assert (quarter, half) == (COLOURS["strong"], COLOURS["weak"])
    assert late[3] == 0
    assert tuple(COLOURS["none"]) not in {tuple(one) for one in picture.reshape(-1, 4)}
    (south, west), (north, east) = made.bounds
    inside = so_far.villages.total_bounds
    assert west < inside[0] < inside[2] < east
    assert south < inside[1] < inside[3] < north


def test_whoever_waits_sees_the_signal_so_far_and_then_the_page(
    so_far: SignalSoFar, analysis: Analysis, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, shown = Run(), []
    run.advance("reach", 0.4, so_far)

    def figure_of(*given: Any) -> Any:
        shown.append(made(*given))
        run.result.set_result(ComputedRun(inputs, analysis, None, inputs))  # type: ignore[arg-type]
        return shown[-1]

    made = filling.figure_of
    monkeypatch.setattr(filling, "figure_of", figure_of)
    monkeypatch.setattr(frame.RUNS, "shown", lambda sources: (run, False))
    app = AppTest.from_file(SCRIPT, default_timeout=60).run()
    assert not app.exception
    assert Words("id")("web.so_far", done=2, count=3) in shown[0]
    assert "belum lengkap" in shown[0]
    page = " ".join(str(element.proto.body) for element in app.get("html"))
    assert "jk-filling" not in page
    assert "Jangkauan layanan di Kabupaten Blitar" in page
