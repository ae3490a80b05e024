"""Loss around a terminal by ITU-R P.2108-1, held against NTIA's reference implementation (proplib-p2108 1.1)."""

import pytest

from coverage.reach.p2108 import built_up_db, cover_terms, height_gain_db, median_of, terminal_db


@pytest.mark.parametrize(
    ("f", "height_m", "clutter_m", "loss"),
    [
        (0.1, 1.5, 3.0, 2.049362),
        (0.7, 5.0, 15.0, 19.020427),
        (0.942, 1.5, 10.0, 18.948781),
        (0.942, 1.5, 15.0, 22.774984),
        (2.35, 1.5, 20.0, 29.268085),
        (3.0, 5.0, 3.0, 0.0),
    ],
)
def test_the_loss_down_from_the_top_of_the_surroundings(
    f: float, height_m: float, clutter_m: float, loss: float
) -> None:
    assert height_gain_db(f, height_m, clutter_m, 27.0) == pytest.approx(loss, abs=1e-6)
    assert terminal_db(f, 5.0, height_m, clutter_m, False, 27.0) == pytest.approx(loss, abs=1e-6)


@pytest.mark.parametrize(
    ("f", "d", "percent", "loss"),
    [
        (0.942, 0.25, 50, 18.392916),
        (0.942, 0.5, 10, 17.411277),
        (0.942, 1.0, 90, 29.868234),
        (0.942, 10.0, 50, 24.738603),
        (2.35, 0.5, 50, 26.113823),
        (2.35, 1.0, 90, 33.834505),
        (2.35, 2.0, 10, 23.561250),
    ],
)
def test_the_loss_between_houses(f: float, d: float, percent: float, loss: float) -> None:
    # Quantiles by the approximate inverse normal of P.1812, right to 0.0009.
    assert built_up_db(f, d, percent) == pytest.approx(loss, abs=0.006)
    if percent == 50:
        assert median_of(*cover_terms(f), d) == pytest.approx(loss, abs=1e-6)
        assert terminal_db(f, d, 1.5, 10.0, True, 27.0) == pytest.approx(loss, abs=1e-5)


def test_a_terminal_above_its_surroundings_loses_nothing() -> None:
    assert terminal_db(0.942, 5.0, 12.0, 10.0, True, 27.0) == 0.0
