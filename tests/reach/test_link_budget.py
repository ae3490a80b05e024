"""From loss to RSRP and classes, Wi-Fi ranges, and parameters with their sources."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from coverage.base.errors import ParameterError
from coverage.reach.link_budget import RadioParameters, building_entry_db
from coverage.reach.p1411 import loss_db
from coverage.readers.parameters import read_parameters
from coverage.readers.shipped import data_dir


@pytest.fixture(scope="module")
def shipped() -> RadioParameters:
    found = read_parameters().radio
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("band_mhz", "line_of_sight", "metres"),
    [(2400.0, False, 127), (2400.0, True, 309), (5800.0, False, 69), (5800.0, True, 128)],
)
def test_wifi_ranges_as_published(shipped: RadioParameters, band_mhz: float, line_of_sight: bool, metres: int) -> None:
    assert round(shipped.wifi.range_m(band_mhz, line_of_sight)) == metres


def test_a_wifi_range_is_where_the_loss_is_what_is_allowed(shipped: RadioParameters) -> None:
    distance = shipped.wifi.range_m(2400.0)
    assert loss_db(shipped.wifi.residential, distance, 2.4) == pytest.approx(90.0)


def test_eirp_of_a_resource_element_by_hand(shipped: RadioParameters) -> None:
    # 46 dBm + 18 dBi - 3 dB over 50 · 12 subcarriers: 61 - 27.78.
    technology = shipped.technology_of(900.0)
    assert technology.eirp_per_element_dbm == pytest.approx(61 - 10 * math.log10(600))


def test_rsrp_without_loss_by_hand(shipped: RadioParameters) -> None:
    # Phone -3 dBi, body 4 dB; for three quarters of places 0.674 standard deviations of (0.52 + 0.024 f)·100^0.28.
    spread = (0.52 + 0.024 * 0.942) * 100**0.28
    expected = 61 - 10 * math.log10(600) - 3 - 4 - 0.674 * spread
    assert shipped.without_loss_dbm(shipped.technology_of(900.0)) == pytest.approx(expected, abs=0.01)


def test_indoors_a_building_takes_its_share_and_calibration_adds_to_every_value(shipped: RadioParameters) -> None:
    technology = shipped.technology_of(900.0)
    outdoors = shipped.without_loss_dbm(technology)
    phone = shipped.phone.model_copy(update={"place": "indoor"})
    indoors = shipped.model_copy(update={"phone": phone}).without_loss_dbm(technology)
    assert outdoors - indoors == pytest.approx(building_entry_db(0.942, "traditional"))
    margin = shipped.margin.model_copy(update={"calibration_db": -4.5})
    assert shipped.model_copy(update={"margin": margin}).without_loss_dbm(technology) == pytest.approx(outdoors - 4.5)


@pytest.mark.parametrize(("building", "loss"), [("traditional", 14.3), ("thermally_efficient", 31.0)])
def test_median_building_entry_loss_at_1_ghz_by_hand(building: str, loss: float) -> None:
    # 10 log(10^1.264 + 10^0.91 + 10^-0.3) and 10 log(10^2.819 + 10^2.78 + 10^-0.3).
    assert building_entry_db(1.0, building) == pytest.approx(loss, abs=0.05)
    assert building_entry_db(1.0, building, 90.0) > building_entry_db(1.0, building, 50.0) + 8


def test_a_microcell_is_weaker_than_a_tower(shipped: RadioParameters) -> None:
    technology = shipped.technology_of(1800.0)
    assert shipped.without_loss_dbm(technology) - shipped.without_loss_dbm(
        technology, small_cell=True
    ) == pytest.approx((46 + 18 - 3) - (38 + 5))


@pytest.mark.parametrize(
    ("band", "name"),
    [
        (700.0, "lte_700"),
        (850.0, "lte_850"),
        (900.0, "lte_900"),
        (1800.0, "lte_1800"),
        (2100.0, "lte_2100"),
        (2300.0, "lte_2300"),
        (2600.0, "lte_2600"),
        (None, "lte_900"),
        (26_000.0, "lte_900"),
    ],
)
def test_every_band_has_its_technology(shipped: RadioParameters, band: float | None, name: str) -> None:
    assert shipped.technology_of(band).name == name


def test_classes_at_their_thresholds(shipped: RadioParameters) -> None:
    rsrp = np.array([-80.0, -105.0, -105.1, -115.0, -115.1, -200.0, np.nan])
    assert shipped.signal_class(rsrp).tolist() == [2, 2, 1, 1, 0, 0, 0]


def test_every_value_names_its_source() -> None:
    def sourceless(table: dict[str, object], name: str) -> list[str]:
        found = [name] if any(isinstance(v, int | float) for v in table.values()) and not table.get("source") else []
        for key, value in table.items():
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    found += sourceless(part, f"{name}.{key}")
        return found

    assert sourceless(tomllib.loads((data_dir() / "radio.toml").read_text("utf-8")), "radio") == []


def test_a_planner_changes_one_value_and_keeps_the_rest(tmp_path: Path, shipped: RadioParameters) -> None:
    own = tmp_path / "radio.toml"
    own.write_text(
        '[radio.thresholds]\nweak_dbm = -120\n[[radio.technologies]]\nname = "lte_900"\ngain_dbi = 15\n', "utf-8"
    )
    changed = read_parameters(own).radio
    assert changed is not None
    assert (changed.thresholds.weak_dbm, changed.thresholds.strong_dbm) == (-120, -105)
    assert changed.technology_of(900.0).gain_dbi == 15
    assert changed.technology_of(900.0).resource_blocks == 50
    assert changed.technology_of(1800.0) == shipped.technology_of(1800.0)


def test_classes_from_before_there_were_legends_are_one(shipped: RadioParameters) -> None:
    """Saved runs and parameter files of then open."""
    saved = shipped.model_dump(mode="json")
    saved["clutter"] = {"default_m": 0.0, "by_class": [[10, 15.0], [50, 10.0]], "source": "ESA"}
    legend = RadioParameters.model_validate(saved).clutter.legend_of([10, 50])
    assert (legend.by_class, legend.built_up) == (((10, 15.0), (50, 10.0)), ())


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("[radio.thresholds]\nweak_dbm = -90\n", "parameters.invalid", "thresholds"),
        ("[radio.phone]\nheight = 2\n", "parameters.invalid", "phone.height"),
        ('radio.default_technology = "gsm"\n', "parameters.invalid", ""),
        ("[radio.phone\n", "parameters.unreadable", ""),
    ],
)
def test_parameters_that_cannot_be_are_refused(tmp_path: Path, text: str, code: str, field: str) -> None:
    own = tmp_path / "radio.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(ParameterError) as refused:
        read_parameters(own)
    assert refused.value.code == code
    assert field in str(refused.value)
