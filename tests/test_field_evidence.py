"""Measurements beside the prediction: agreement by village, and a calibration that finds the offset put in."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest

from coverage.base.parameters import Parameters
from coverage.base.schema import AGREEMENT, COMPARED, check
from coverage.cli.app import run
from coverage.reach.model import radio_of
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from coverage.run.result import Analysis
from coverage.store import Actor
from coverage.store.region_files import RegionFiles
from coverage.villages_served.calibration import LEAST_BLOCKS, calibrated, calibration
from coverage.villages_served.field_evidence import compare, measured_class
from tests.made_valley import EAST, LEMBAH, LERENG, NORTH, UTM, write_elevation, write_towers, write_villages

TO_DEGREES = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)


def made(*rows: tuple[float, float, object, object, object, object]) -> pd.DataFrame:
    """Measurements at km east of the corner and metres north of the villages: operator, RSRP, speed, words."""
    lon, lat = TO_DEGREES.transform([EAST + 1000 * row[0] for row in rows], [NORTH + 5000 + row[1] for row in rows])
    return pd.DataFrame(
        {
            "measurement_id": [f"m:{k}" for k in range(len(rows))],
            "lon": lon,
            "lat": lat,
            "time": None,
            "operator": pd.Series([row[2] for row in rows], dtype=object),
            "rsrp_dbm": np.array([row[3] for row in rows], dtype=float),
            "mbit_s": np.array([row[4] for row in rows], dtype=float),
            "told": pd.Series([row[5] for row in rows], dtype=object),
            "source": "m",
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("valley")
    write_villages(folder / "desa.geojson")
    write_towers(folder / "menara.csv", ("M1", 5.0, 0.0, "Satu"), ("M2", -4.0, 0.0, "Dua"))
    write_elevation(folder / "dem.tif")
    return folder


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return read_parameters()


@pytest.fixture(scope="module")
def analysis(folder: Path, parameters: Parameters) -> Analysis:
    inputs = load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "dem.tif"])
    return analyze(inputs, parameters, prepare(inputs, parameters))


def compared(analysis: Analysis, measurements: pd.DataFrame) -> pd.DataFrame:
    assert analysis.terrain is not None
    assert analysis.reached.signal is not None
    return compare(measurements, analysis.villages, analysis.terrain, analysis.reached.signal, analysis.parameters)


def test_classes_come_from_rsrp_then_words_then_speed(parameters: Parameters) -> None:
    rows = made(
        (7, 0, None, -104.9, 0, "none"),
        (7, 0, None, -105.1, np.nan, None),
        (7, 0, None, -115.1, np.nan, None),
        (7, 0, None, np.nan, 50, "weak"),
        (7, 0, None, np.nan, 50, None),
        (7, 0, None, np.nan, 2, None),
        (7, 0, None, np.nan, 0, None),
    )
    assert measured_class(rows, radio_of(parameters)).tolist() == [
        "strong",
        "weak",
        "none",
        "weak",
        "strong",
        "weak",
        "none",
    ]


@pytest.mark.slow
def test_each_measurement_meets_the_prediction_of_its_operator(analysis: Analysis) -> None:
    rows = compared(
        analysis,
        made(
            (11, 0, "satu", -80, np.nan, None),
            (11, 0, "Dua", -80, np.nan, None),
            (11, 0, "Lain", -80, np.nan, None),
            (90, 0, None, -80, np.nan, None),
        ),
    )
    check(rows, COMPARED)
    one, other, unknown, outside = (rows.iloc[k] for k in range(4))
    assert one["predicted_dbm"] == unknown["predicted_dbm"] > other["predicted_dbm"]
    assert one["village_code_bps"] == LERENG
    assert outside["predicted_class"] is None
    assert outside["village_code_bps"] is None


@pytest.mark.slow
def test_agreement_is_counted_by_village(folder: Path, parameters: Parameters, tmp_path: Path) -> None:
    # Lembah is predicted to have none, Lereng strong signal: two of three agree in Lembah, none of two in Lereng.
    lon, lat = TO_DEGREES.transform([EAST + 7000, EAST + 11_000], [NORTH + 5000] * 2)
    file = tmp_path / "uji.csv"
    file.write_text(
        "lat,lon,hasil\n"
        + "".join(
            f"{lat[k]},{lon[k]},{words}\n"
            for k, words in (
                (0, "tidak ada sinyal"),
                (0, "tidak ada"),
                (0, "kuat"),
                (1, "lemah"),
                (1, "tidak ada sinyal"),
            )
        ),
        "utf-8",
    )
    inputs = load_inputs(
        folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "dem.tif"], measurements=[file]
    )
    found = analyze(inputs, parameters)
    assert found.agreement is not None
    check(found.agreement, AGREEMENT)
    rows = found.agreement.set_index("village_code_bps")
    assert rows.loc[LEMBAH, ["measured", "better", "worse"]].tolist() == [3, 1, 0]
    assert rows.loc[LEMBAH, "share_agreed"] == pytest.approx(2 / 3)
    assert rows.loc[LERENG, ["measured", "share_agreed", "better", "worse"]].tolist() == [2, 0, 0, 2]
    assert found.run["measurements"]["agreed"] == 2
    assert found.run["measurements"]["calibration"] is None
    assert (
        found.run["run_id"]
        != analyze(
            load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "dem.tif"]), parameters
        ).run["run_id"]
    )


def drive(analysis: Analysis, offset_db: float, spread_db: float, count: int = 300) -> pd.DataFrame:
    """A drive along the plain west of the ridge: the median prediction, an offset, and chance."""
    random = np.random.default_rng(1)
    x, north = random.uniform(-6, 6, count), random.uniform(-3000, 3000, count)
    rows = made(*((a, b, None, -80.0, np.nan, None) for a, b in zip(x, north, strict=True)))
    predicted = compared(analysis, rows)["predicted_dbm"].to_numpy()
    median = predicted - radio_of(analysis.parameters).margin_db()
    return rows.assign(rsrp_dbm=np.clip(median + offset_db + random.normal(0, spread_db, count), -150, -35))


@pytest.mark.slow
def test_the_offset_put_in_is_found_within_its_error(analysis: Analysis) -> None:
    found = calibration(compared(analysis, drive(analysis, -6.0, 7.0)), analysis.parameters)
    assert found is not None
    assert abs(found.offset_db + 6.0) < 3 * found.error_db
    assert 0.2 < found.error_db < 1.5
    assert found.count == 300
    assert LEAST_BLOCKS < found.blocks <= 300


def test_measurements_in_one_place_do_not_make_it_sure(analysis: Analysis) -> None:
    here = drive(analysis, -6.0, 7.0, 1).loc[[0] * 500].assign(measurement_id=[f"m:{k}" for k in range(500)])
    assert calibration(compared(analysis, here.reset_index(drop=True)), analysis.parameters) is None


def test_a_calibrated_budget_has_nothing_left_to_calibrate(analysis: Analysis) -> None:
    rows = drive(analysis, -6.0, 3.0)
    found = calibration(compared(analysis, rows), analysis.parameters)
    assert found is not None
    changed = calibrated(analysis.parameters, found)
    assert radio_of(analysis.parameters).margin.calibration_db == 0
    assert radio_of(changed).margin.calibration_db == pytest.approx(found.offset_db)


def made_clusters(seed: int, operator_db: float, band_db: float, ground_db: float, count: int = 400) -> pd.DataFrame:
    """Table COMPARED along one road: offsets of -6 dB and more by cluster (half up, half down), and 4 dB of chance."""
    random = np.random.default_rng(seed)
    high = random.random((3, count)) < 0.5
    beside = (np.where(high, 1, -1) * np.array([[operator_db], [band_db], [ground_db]])).sum(axis=0)
    return pd.DataFrame(
        {
            "measured_dbm": -96 + beside + random.normal(0, 4, count),
            "predicted_dbm": -90.0,
            "operator": np.where(high[0], "Satu", "Dua"),
            "band": np.where(high[1], "942", "1842"),
            "ground": np.where(high[2], "open", "houses"),
            "lon": 112.0 + random.uniform(0, 2, count),
            "lat": -8.0,
        }
    )


def test_clusters_get_offsets_of_their_own_where_that_leaves_less_at_places_held_out(parameters: Parameters) -> None:
    apart = calibration(made_clusters(3, 5.0, 0.0, -3.0), parameters)
    assert apart is not None
    assert {"operator", "ground"} <= set(apart.used)
    own = {one.name: one.offset_db for one in apart.clusters}
    assert own["Satu"] == pytest.approx(5, abs=1)
    assert own["open"] == pytest.approx(-3, abs=1)
    held = apart.held_out_db
    assert held["all"] > held["operator"] + 1.5
    assert apart.left_db == pytest.approx(4, abs=0.6)
    changed = radio_of(calibrated(parameters, apart))
    assert sum(changed.margin.calibration_by_operator.values()) == pytest.approx(0, abs=1)
    assert changed.margin.calibration_by_ground["houses"] == own["houses"]
    assert changed.uncertainty.common_db == apart.error_db
    together = np.hypot(changed.uncertainty.tower_db, changed.uncertainty.place_db)
    assert together == pytest.approx(apart.left_db)
    technology = changed.technology_of(None)
    banded = changed.model_copy(
        update={"margin": changed.margin.model_copy(update={"calibration_by_band": {"942": 2.0}})}
    )
    before = changed.margin.calibration_by_band.get("942", 0.0)
    assert banded.without_loss_dbm(technology) - changed.without_loss_dbm(technology) == pytest.approx(2.0 - before)


def test_offsets_of_clusters_are_drawn_to_that_of_all_where_little_was_measured(parameters: Parameters) -> None:
    # Worlds of clusters that do not differ: none are used but by chance. Worlds that do: the interval holds the truth.
    alike = [calibration(made_clusters(seed, 0.0, 0.0, 0.0, 60), parameters) for seed in range(8)]
    assert sum(len(found.used) for found in alike if found) <= 4  # of 24
    inside = []
    for seed in range(8):
        rows = made_clusters(seed, 3.0, 0.0, 0.0, 60)
        found = calibration(rows, parameters)
        assert found is not None
        assert found.left_db <= found.held_out_db["all"]
        high = rows["operator"] == "Satu"
        for one in found.clusters[:2] if "operator" in found.used else ():
            truth = 3.0 * ((1 if one.name == "Satu" else -1) - (high.mean() - (1 - high.mean())))
            inside.append(one.low_db <= truth <= one.high_db)
    assert len(inside) >= 8
    assert np.mean(inside) >= 0.85
    # Three places of an operator move it less than three hundred do.
    few = made_clusters(5, 4.0, 0.0, 0.0)
    few = few[(few["operator"] == "Dua") | (few["operator"].eq("Satu").cumsum() <= 3)]
    found = calibration(few, parameters)
    assert found is not None
    few_own = {one.name: one for one in found.clusters}
    if "Satu" in few_own:
        measured = few["measured_dbm"][few["operator"] == "Satu"].mean() + 90 + radio_of(parameters).margin_db()
        assert abs(few_own["Satu"].offset_db) < abs(measured - found.offset_db)
        assert few_own["Satu"].high_db - few_own["Satu"].low_db > 5 * (few_own["Dua"].high_db - few_own["Dua"].low_db)


@pytest.mark.slow
def test_it_is_never_applied_unless_asked_for(
    folder: Path, analysis: Analysis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = drive(analysis, -6.0, 3.0)
    rows.rename(columns={"rsrp_dbm": "rsrp"})[["lat", "lon", "rsrp"]].to_csv(tmp_path / "uji.csv", index=False)
    asked = [
        "analyze",
        "--region",
        str(folder / "desa.geojson"),
        "--assets",
        str(folder / "menara.csv"),
        "--elevation",
        str(folder / "dem.tif"),
        "--measurements",
        str(tmp_path / "uji.csv"),
        "--no-papers",
    ]
    assert run([*asked, "--out", str(tmp_path / "a")]) == 0
    assert run([*asked, "--out", str(tmp_path / "b"), "--calibrate"]) == 0
    without, with_it = (json.loads((tmp_path / name / "run.json").read_text("utf-8")) for name in "ab")
    assert without["measurements"]["calibration"]["offset_db"] == pytest.approx(-6, abs=0.7)
    assert without["measurements"]["calibration_applied_db"] == 0
    assert without["parameters"]["radio"]["margin"]["calibration_db"] == 0
    assert with_it["measurements"]["calibration_applied_db"] == pytest.approx(-6, abs=0.7)
    assert abs(with_it["measurements"]["calibration"]["offset_db"]) < 0.1
    assert without["run_id"] != with_it["run_id"]
    assert "--calibrate" in capsys.readouterr().out
    assert {"signal.tif", "villages.csv"} <= set(without["outputs"])
    head = (tmp_path / "a" / "villages.csv").read_text("utf-8-sig").splitlines()[0]
    assert "measurements_share_agreed" in head


@pytest.mark.slow
def test_a_region_that_keeps_measurements_is_calibrated_only_where_the_planner_said_so(
    folder: Path, analysis: Analysis, parameters: Parameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_DATA_DIR", str(tmp_path))
    rows = drive(analysis, -6.0, 3.0)
    rows.rename(columns={"rsrp_dbm": "rsrp"})[["lat", "lon", "rsrp"]].to_csv(tmp_path / "uji.csv", index=False)
    who, code = Actor("ani", "editor"), LEMBAH[:4]
    files = RegionFiles(code)
    files.put("boundaries", [folder / "desa.geojson"], {}, who)
    files.put("elevation", [folder / "dem.tif"], {}, who)
    applied = []
    for about in ({}, {"calibrate": True}):
        files.put("measurements", [tmp_path / "uji.csv"], about, who)
        inputs = load_inputs(code, [folder / "menara.csv"])
        found = analyze(inputs, parameters, prepare(inputs, parameters))
        applied.append(found.run["measurements"]["calibration_applied_db"])
    assert applied == [0, pytest.approx(-6, abs=0.7)]


@pytest.mark.slow
def test_too_few_measurements_are_refused_when_a_calibration_is_asked_for(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lon, lat = TO_DEGREES.transform(EAST + 6000, NORTH + 5000)
    (tmp_path / "uji.csv").write_text(f"lat,lon,rsrp\n{lat},{lon},-90\n", "utf-8")
    asked = [
        "analyze",
        "--region",
        str(folder / "desa.geojson"),
        "--assets",
        str(folder / "menara.csv"),
        "--elevation",
        str(folder / "dem.tif"),
        "--measurements",
        str(tmp_path / "uji.csv"),
        "--out",
        str(tmp_path / "a"),
    ]
    assert run([*asked, "--calibrate"]) == 1
    assert "--calibrate" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
