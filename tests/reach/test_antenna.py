"""Antenna patterns: 3GPP's formula, measured ones, and what they do in a made valley."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest

from coverage.base.errors import InputError
from coverage.language.words import LANGUAGES, Words
from coverage.reach.antenna import Antenna, antenna_loss_db, down_deg
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import ReachResult
from coverage.reach.radials import Medium, Transmitter, loss_key, loss_window
from coverage.reach.signal import EVERY_CELL, Signal, Tower, keep_best, signal_map
from coverage.reach.signal_views import disturbed, towers_heard
from coverage.reach.terrain import Terrain
from coverage.readers.antennas import read_msi
from coverage.readers.parameters import read_parameters
from coverage.run.missing import antenna_note

NEAR = Medium(reach_m=3000.0)


def formula(off: float, down: float, tilt: float, most: float = 20.0, side_lobe: float = 20.0) -> float:
    """TR 36.814 as it stands there: gains below 0, one place at a time."""
    horizontal = -min(12 * (off / 65) ** 2, most)
    vertical = -min(12 * ((down - tilt) / 10) ** 2, side_lobe)
    return min(-(horizontal + vertical), most)


def test_the_formula_of_3gpp() -> None:
    off, down = (part.ravel() for part in np.meshgrid(np.arange(-180.0, 181, 15), np.arange(-30.0, 91, 2.5)))
    found = antenna_loss_db(Antenna(6.0), off, down, 65.0, 20.0)
    assert found == pytest.approx([formula(o, d, 6.0) for o, d in zip(off, down, strict=True)], abs=1e-12)
    # By hand: half the width loses 3 dB, half of the vertical one 3 dB more; 10 degrees off alone 12 dB.
    by_hand = antenna_loss_db(Antenna(6.0), np.array([32.5, 32.5, 0, 180]), np.array([6.0, 11, 16, 6]), 65.0, 20.0)
    assert by_hand == pytest.approx([3, 6, 12, 20])
    all_round = antenna_loss_db(Antenna(6.0), None, np.array([6.0, 1.0]), 65.0, 20.0)
    assert all_round == pytest.approx([0, 3])


def test_the_angle_below_the_horizon() -> None:
    assert down_deg(np.array([40.0, 0.0]), np.array([40.0, 10_000.0]), 8.5e6) == pytest.approx([45, 0.0337], abs=2e-4)


def written(folder: Path, text: str, name: str = "A.msi") -> Path:
    (folder / name).write_text(text)
    return folder / name


HEAD = "NAME Uji 65\nMAKE Contoh\nFREQUENCY 900\nGAIN 15.0 dBd\nTILT ELECTRICAL\n"
ACROSS = "HORIZONTAL 4\n0 0\n90 10\n180\t30.0\n270 12\n"
ALONG = "VERTICAL 7\n0 1\n6 0\n16 14\n90 20\n180 25\n270 20\n350 16\n"


def test_a_measured_pattern_is_read_and_used(tmp_path: Path) -> None:
    pattern = read_msi(written(tmp_path, HEAD + ACROSS + ALONG))
    assert (pattern.name, pattern.gain_dbi) == ("Uji 65", 17.15)
    assert [pattern.horizontal_db[at] for at in (0, 45, 90, 180, 315)] == [0, 5, 10, 30, 6]
    assert [pattern.vertical_db[at] for at in (0, 6, 11, 355)] == [1, 0, 7, 8.5]
    found = antenna_loss_db(Antenna(0.0, measured=pattern), np.array([0.0, -90, 180]), np.array([6.0, 0, 16]), 65, 20)
    assert found == pytest.approx([0, 13, 30])  # never more than its weakest direction
    tilted = antenna_loss_db(Antenna(5.0, measured=pattern), np.array([0.0, 90.0]), np.array([11.0, 6.0]), 65, 20)
    assert tilted == pytest.approx([0, 10])  # sideways a mechanical tilt changes nothing
    (tmp_path / "own.toml").write_text('[radio]\nantennas = ["A.msi"]\n')
    radio = read_parameters(tmp_path / "own.toml").radio
    assert isinstance(radio, RadioParameters)
    antenna = radio.antenna_of(None, "uji 65")
    assert antenna is not None
    assert antenna.measured == pattern
    assert RadioParameters.model_validate_json(radio.model_dump_json()) == radio
    towers = tuple(Tower(at, (), Transmitter(0.0, 0.0, 42.0, 0.942), 0.0) for at in range(3))
    nothing = np.zeros((1, 1, 1), np.int32)
    signal = Signal(nothing.astype(np.float32), nothing, nothing[0].astype(np.uint8), towers, ())
    reached = ReachResult("signal", pd.DataFrame(), np.ones(3, bool), signal=signal)
    assets = pd.DataFrame({"antenna": pd.Series(["Sektoral", None, "uji 65"], dtype="str")})
    ((_, told),) = antenna_note(assets, reached, read_parameters(tmp_path / "own.toml"))
    assert told == {"count": 1, "names": "Sektoral"}


def test_an_electrical_tilt_is_counted_once(tmp_path: Path) -> None:
    """A list tells 6 degrees in all, of which the cut of the file holds 6 already, or 4."""
    for head, left in (("TILT 6", 0.0), ("ELECTRICAL_TILT 4.0", 2.0), ("TILT ELECTRICAL", 6.0)):
        text = HEAD.replace("TILT ELECTRICAL", head) + ACROSS + ALONG
        (tmp_path / "own.toml").write_text(f'[radio]\nantennas = ["{written(tmp_path, text).name}"]\n')
        radio = read_parameters(tmp_path / "own.toml").radio
        assert isinstance(radio, RadioParameters)
        antenna = radio.antenna_of(6.0, "Uji 65")
        assert antenna is not None
        assert antenna.tilt_deg == left


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("radio = 3", "radio"),
        ('radio.antennas = "A.msi"', "radio.antennas"),
        ("radio.antennas = [3]", "radio.antennas.0"),
        ('radio.antennas = ["A.msi", "B.msi"]', "A.msi and B.msi"),
        ('[[radio.antennas]]\nname = "C"\ngain_dbi = 15\nhorizontal_db = [0]\nvertical_db = [0]', "horizontal_db"),
        ("priority.criterion = 3", "priority.criterion"),
    ],
)
def test_what_is_no_antenna_is_refused(tmp_path: Path, text: str, field: str) -> None:
    written(tmp_path, HEAD + ACROSS + ALONG)
    written(tmp_path, HEAD + ACROSS + ALONG, "B.msi")
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(InputError) as refused:
        read_parameters(tmp_path / "own.toml")
    told = Words("en").error(refused.value)
    assert "own.toml" in told
    assert field in told


@pytest.mark.parametrize(
    ("text", "row", "value"),
    [
        (HEAD + ACROSS, None, "VERTICAL"),
        (ACROSS + ALONG, None, "GAIN"),
        (HEAD + ACROSS.replace("90 10", "90 sepuluh") + ALONG, 8, "90 sepuluh"),
        (HEAD + ACROSS.replace("180\t30.0", "180 -30") + ALONG, 9, "180 -30"),
        (HEAD + ACROSS + ALONG.replace("VERTICAL 7", "VERTICAL 360"), 11, "360"),
        (HEAD + ACROSS + "VERTICAL 2\n0 0\n180 25\n", 11, "2"),
        (HEAD.replace("15.0", "150") + ACROSS + ALONG, 4, "150 dBd"),
        (HEAD.replace("15.0 dBd", "tinggi") + ACROSS + ALONG, 4, "tinggi"),
    ],
)
def test_a_broken_pattern_is_refused(tmp_path: Path, text: str, row: int | None, value: str) -> None:
    with pytest.raises(InputError) as refused:
        read_msi(written(tmp_path, text))
    assert (refused.value.place.file, refused.value.place.row, refused.value.place.value) == ("A.msi", row, value)
    for language in LANGUAGES:
        told = Words(language).error(refused.value)
        assert "A.msi" in told
        assert value in told
        assert row is None or str(row) in told


def flat(height_m: float = 0.0) -> Terrain:

    return Terrain(np.full((241, 241), height_m, np.float32), 600_000.0, 9_100_000.0, 30.0, pyproj.CRS("EPSG:32749"))


def test_a_tilt_changes_the_signal_as_by_hand() -> None:
    plain = Transmitter(603_615.0, 9_103_615.0, 42.0, 0.942)
    tilted = Transmitter(603_615.0, 9_103_615.0, 42.0, 0.942, 0.0, antenna=Antenna(6.0))
    ground, more = flat(), loss_window(flat(), tilted, NEAR).loss_db - loss_window(flat(), plain, NEAR).loss_db
    for north, east in ((10, 0), (50, 0), (0, 50), (-20, 0), (20, 20)):
        metres = 30.0 * math.hypot(north, east)
        down = math.degrees(math.atan(40.5 / metres + metres / (2 * 1000 * 8878)))
        by_hand = formula(math.degrees(math.atan2(east, north)), down, 6.0)
        assert more[100 + north, 100 + east] == pytest.approx(by_hand, abs=0.02)
    again = Transmitter(603_615.0, 9_103_615.0, 42.0, 0.942, 0.0)
    assert loss_key(ground, again, NEAR) != loss_key(ground, tilted, NEAR)


def test_power_and_technology_of_a_service() -> None:
    radio = read_parameters().radio
    assert isinstance(radio, RadioParameters)
    names = [radio.technology_of(*one).name for one in ((2300.0,), (2300.0, "5G"), (2300.0, "4G/5G"), (1432.0,))]
    assert names == ["lte_2300", "nr_2300", "lte_2300", "nr_1400"]
    said = ("5G", "5GNR", "5G-SA", "4G/5G", "4G", None)
    names = [radio.technology_of(None, one).name for one in said]
    assert names == ["nr_2300", "nr_2300", "nr_2300", "lte_900", "lte_900", "lte_900"]
    assert radio.technology_of(700.0).name == "lte_700"
    assert radio.technology_of(900.0, "5G NR").name == "lte_900"
    lte = radio.technology_of(900.0)
    # As shipped: 46 dBm + 18 dBi - 3 dB.
    assert radio.without_loss_dbm(lte, eirp_dbm=61.0) == pytest.approx(radio.without_loss_dbm(lte))
    assert radio.without_loss_dbm(lte, eirp_dbm=51.0) == pytest.approx(radio.without_loss_dbm(lte) - 10)
    assert radio.without_loss_dbm(lte, gain_dbi=15.0) == pytest.approx(radio.without_loss_dbm(lte) - 3)


def test_the_best_of_each_mast_is_kept_at_a_cell() -> None:
    """Against all of them sorted, one cell at a time; sectors must not push the other masts out."""
    steps = np.random.default_rng(3).integers(0, 12, (9, 1, 300), dtype=np.uint8)
    rsrp = np.append(np.float32(-np.inf), -70 - 5 * np.arange(11, dtype=np.float32))
    masts = np.array([0, 0, 0, 3, 3, 5, 6, 0, 8], np.int32)
    towers = tuple(Tower(k, ("A",), Transmitter(0.0, 0, 42, 0.942), 0.0, mast=int(m)) for k, m in enumerate(masts))
    levels, servers = np.full((3, 1, 300), -200, np.float32), np.full((3, 1, 300), -1, np.int32)
    signal = Signal(levels, servers, np.zeros((1, 300), np.uint8), towers, ("A",))
    for k, loss in enumerate(steps):
        bits = (np.int32(k), np.uint8(1), np.float32(-115), 0, 1)
        keep_best(loss, 0, 0, rsrp, *bits, levels, servers, signal.heard, signal.masts, *EVERY_CELL)
    values = rsrp[steps[:, 0]]
    best = np.array([values[masts == m].max(axis=0) for m in np.unique(masts)])
    assert levels[:, 0] == pytest.approx(np.maximum(-np.sort(-best, axis=0)[:3], -200))
    there = servers[:, 0] >= 0
    assert (np.take_along_axis(values, np.maximum(servers[:, 0], 0), axis=0)[there] == levels[:, 0][there]).all()
    radio = read_parameters().radio
    assert isinstance(radio, RadioParameters)
    assert towers_heard(signal, radio).tolist() == [np.minimum((best >= -115).sum(axis=0), 3).tolist()]


def test_interference_is_likely_where_another_mast_is_as_strong() -> None:
    """By hand, over flat ground: halfway between two masts of one operator and technology, not beside one of them."""
    radio, ground = read_parameters().radio, flat()
    assert isinstance(radio, RadioParameters)

    def heard(
        operators: tuple[str, str],
        technologies: tuple[str, str] = ("lte_900", "lte_900"),
        mast: int = 1,
        repeats: tuple[bool, bool] = (False, False),
    ) -> list[int]:
        towers = [
            Tower(
                at,
                (operators[at],),
                Transmitter(602_115.0 + 3000 * at, 9_103_615.0, 42.0, 0.942),
                20.0,
                0.0,
                m,
                technologies[at],
                repeats[at],
            )
            for at, m in enumerate((0, mast))
        ]
        signal = signal_map(ground, towers, radio)
        return disturbed(ground, signal, radio)[120, [80, 120, 160]].tolist()

    assert heard(("A", "A")) == [1, 3, 1]
    assert heard(("A", "B")) == [1, 1, 1]  # other frequencies
    assert heard(("A", "A"), ("lte_900", "lte_1800")) == [1, 1, 1]
    assert heard(("A", "A"), mast=0) == [1, 1, 1]  # sectors of one mast
    assert heard(("A", "A"), repeats=(False, True)) == [1, 1, 1]  # one cell's signal
    assert heard(("A", "A"), repeats=(True, True)) == [1, 1, 1]
