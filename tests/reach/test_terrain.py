"""The ground as a grid: profiles worked out by hand, gaps refused, changes noticed."""

import numpy as np
import pyproj
import pytest

from coverage.base.errors import InputError
from coverage.reach.terrain import Terrain, fractal_terrain

CRS = pyproj.CRS("EPSG:32749")
RAMP = Terrain(np.array([[0, 10, 20], [30, 40, 50], [60, 70, 80]], np.float32), 1000.0, 2000.0, 10.0, CRS)


def test_a_profile_over_a_ramp_by_hand() -> None:
    # Between centres of cells the ramp rises 1 m per m to the east and 3 m per m to the north.
    distance, height, clutter = RAMP.profile((1005.0, 2005.0), (1025.0, 2005.0), spacing_m=5.0)
    assert distance.tolist() == pytest.approx([0, 0.005, 0.01, 0.015, 0.02])
    assert height.tolist() == pytest.approx([0, 5, 10, 15, 20])
    assert clutter.tolist() == [0] * 5
    _, height, _ = RAMP.profile((1005.0, 2005.0), (1025.0, 2025.0))
    assert height.tolist() == pytest.approx([0, 20, 40, 60, 80])


def test_rows_run_from_the_south_and_the_edge_is_flat() -> None:
    row, column = RAMP.indices(np.array([1001.0, 1029.0, 999.0]), np.array([2001.0, 2029.0, 2001.0]))
    assert (row.tolist(), column.tolist()) == ([0, 2, 0], [0, 2, -1])
    assert RAMP.holds(row, column).tolist() == [True, True, False]
    assert RAMP.profile((1000.0, 2000.0), (1001.0, 2000.0))[1].max() == 0


def test_clutter_is_that_of_the_nearest_cell() -> None:
    woods = Terrain(RAMP.height_m, 1000.0, 2000.0, 10.0, CRS, np.array([[0, 9, 0]] * 3, np.float32))
    assert woods.profile((1002.0, 2005.0), (1028.0, 2005.0))[2].tolist() == [0, 0, 9, 0, 0]


@pytest.mark.parametrize(
    ("heights", "code"),
    [
        (np.array([[0, np.nan], [1, 2]], np.float32), "terrain.voids"),
        (np.zeros((1, 5), np.float32), "terrain.shape"),
        (np.zeros(4, np.float32), "terrain.shape"),
    ],
)
def test_gaps_and_odd_shapes_are_refused(heights: np.ndarray, code: str) -> None:
    with pytest.raises(InputError) as refused:
        Terrain(heights, 0.0, 0.0, 10.0, CRS)
    assert refused.value.code == code


def test_a_profile_that_leaves_the_terrain_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        RAMP.profile((1005.0, 2005.0), (1050.0, 2005.0))
    assert refused.value.code == "terrain.outside"


def test_a_change_is_noticed_where_it_matters() -> None:
    ground = np.zeros((1000, 1000), np.float32)
    before = Terrain(ground, 0.0, 0.0, 30.0, CRS)
    changed = ground.copy()
    changed[900, 900] = 1.0
    after = Terrain(changed, 0.0, 0.0, 30.0, CRS)
    assert before.digest(100, 100, 50) == after.digest(100, 100, 50)
    assert before.digest(880, 880, 50) != after.digest(880, 880, 50)
    assert before.digest(100, 100, 50) != before.digest(100, 101, 50)
    woods = Terrain(ground, 0.0, 0.0, 30.0, CRS, np.ones_like(ground))
    assert woods.digest(100, 100, 50) != before.digest(100, 100, 50)


def test_made_terrain_is_the_same_for_the_same_seed_and_as_high_as_asked() -> None:
    one, two, other = (fractal_terrain(50, 70, 30.0, 300.0, seed) for seed in (1, 1, 2))
    assert one.shape == (50, 70)
    assert (one.height_m == two.height_m).all()
    assert (one.height_m != other.height_m).any()
    assert (one.height_m.min(), one.height_m.max()) == (0, 300)
