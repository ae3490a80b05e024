"""Elevation through the whole flow, on a made valley."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from coverage.base.errors import FileRefusedError, ParameterError
from coverage.base.parameters import Parameters
from coverage.base.schema import BLANK_SPOTS, VILLAGE_SIGNAL, check
from coverage.cli.app import run
from coverage.exports.bundle import core_names
from coverage.exports.geotiff import write_signal
from coverage.exports.tables import villages_table
from coverage.imports.asset_lists import read_assets
from coverage.language.notes import note_sentence
from coverage.language.reasons import state_reason
from coverage.language.words import LANGUAGES, Words
from coverage.reach.link_budget import RadioParameters
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.result import Analysis
from tests.made_valley import (
    EAST,
    LEMBAH,
    LERENG,
    NORTH,
    UTM,
    ground_m,
    write_cover,
    write_elevation,
    write_towers,
    write_villages,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("valley")
    write_villages(folder / "desa.geojson")
    write_towers(folder / "menara.csv", ("M1", 5.0, 0.0, "Satu"))
    write_elevation(folder / "dem.tif")
    return folder


@pytest.fixture(scope="module")
def inputs(folder: Path) -> Inputs:
    return load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "dem.tif"])


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return read_parameters()


@pytest.fixture(scope="module")
def valley(inputs: Inputs, parameters: Parameters) -> Analysis:
    return analyze(inputs, parameters)


@pytest.mark.slow
def test_the_village_behind_the_ridge_is_blank_and_its_neighbour_on_the_slope_is_served(valley: Analysis) -> None:
    for rule in ("no_cellular", "weak_cellular"):
        assert valley.states(rule).to_dict() == {LEMBAH: "blank", LERENG: "served"}
    assert valley.run["reach_model"] == "signal"
    assert "reach_by_signal" in valley.run["approximations"]
    assert "no_clutter" in valley.run["approximations"]


@pytest.mark.slow
def test_without_elevation_circles_say_the_opposite(inputs: Inputs, parameters: Parameters) -> None:
    flat = analyze(replace(inputs, elevation=()), parameters)
    assert flat.states("no_cellular").to_dict() == {LEMBAH: "served", LERENG: "blank"}
    assert flat.run["reach_model"] == "radius"
    assert "reach_by_radius" in flat.run["approximations"]
    assert flat.village_signal is None
    assert "elevation_m" not in flat.villages


@pytest.mark.slow
def test_an_antenna_that_points_away_is_20_db_weaker_behind_it(
    folder: Path, inputs: Inputs, parameters: Parameters, valley: Analysis
) -> None:
    """The village on the slope lies east of the tower; the pattern of 3GPP TR 36.942 has 20 dB from front to back."""
    found = {}
    for azimuth in (90, 270):
        listed = pd.read_csv(folder / "menara.csv").assign(azimut=azimuth)
        listed.to_csv(folder / "arah.csv", index=False)
        there, _ = read_assets(folder / "arah.csv")
        assert set(there["azimuth_deg"]) == {azimuth}
        seen = analyze(replace(inputs, assets=there), parameters)
        assert seen.run["run_id"] != valley.run["run_id"]
        raster = seen.signal_raster
        assert raster is not None
        row, column = (
            int((raster.north - (NORTH + 5000)) / raster.cell_m),
            int((EAST + 11_000 - raster.west) / raster.cell_m),
        )
        found[azimuth] = float(raster.rsrp_dbm[row, column])
    assert found[90] - found[270] == pytest.approx(20, abs=0.6)


def _at_lereng(found: Analysis) -> float:
    """RSRP in the middle of village Lereng."""
    raster = found.signal_raster
    assert raster is not None
    row, column = int((raster.north - NORTH - 5000) / raster.cell_m), int((EAST + 11_000 - raster.west) / raster.cell_m)
    return float(raster.rsrp_dbm[row, column])


@pytest.mark.slow
def test_houses_take_a_strong_signal_away_as_worked_out_by_hand(
    folder: Path, inputs: Inputs, parameters: Parameters, valley: Analysis
) -> None:
    """Free space over 6 km and 1,200 m up; houses 10 m high lose 24.7 dB at 942 MHz by P.2108-1, section 3.2."""
    slant_km = np.hypot(6.0, 1.2)
    radio = parameters.radio
    assert isinstance(radio, RadioParameters)
    open_dbm = radio.without_loss_dbm(radio.technology_of(900)) - 92.4 - 20 * np.log10(0.942 * slant_km)
    assert _at_lereng(valley) == pytest.approx(open_dbm, abs=0.4)
    houses = write_cover(folder / "rumah.tif", 50, 10.5, 11.5)
    built = analyze(replace(inputs, clutter=(houses,)), parameters)
    assert _at_lereng(built) == pytest.approx(open_dbm - 24.74, abs=0.4)
    assert built.village_signal is not None
    # A phone in an ordinary building loses 14.2 dB more (P.2109-2): below -115 dBm, so none of 600 people.
    assert built.village_signal.set_index("village_code_bps").loc[LERENG, "share_outdoors"] == 1
    assert built.village_signal.set_index("village_code_bps").loc[LERENG, "share_indoors"] == 0
    assert (valley.states("weak_cellular")[LERENG], built.states("weak_cellular")[LERENG]) == ("served", "weak")
    assert "no_clutter" not in built.run["approximations"]


@pytest.mark.slow
def test_a_sector_that_looks_away_and_houses_each_change_the_answer(folder: Path, parameters: Parameters) -> None:
    """By hand: behind a sector 20 dB less, 51 dBm in place of 61; houses take 24.7 dB, and a second sector is no second
    mast."""
    lines = (folder / "menara.csv").read_text("utf-8").splitlines()
    first = [
        f"{lines[0]},azimuth,eirp_dbm",
        f"{lines[1]},270,51",
        f"{lines[1].replace('M1', 'M2')},200,51",
        f"{lines[2]},,",
    ]
    (folder / "sektor.csv").write_text("\n".join(first))
    inputs = load_inputs(folder / "desa.geojson", [folder / "sektor.csv"], elevation=[folder / "dem.tif"])
    away = analyze(inputs, parameters)
    radio = parameters.radio
    assert isinstance(radio, RadioParameters)
    all_round = radio.without_loss_dbm(radio.technology_of(900)) - 92.4 - 20 * np.log10(0.942 * np.hypot(6.0, 1.2))
    assert _at_lereng(away) == pytest.approx(all_round - 30, abs=0.4)
    houses = analyze(replace(inputs, clutter=(write_cover(folder / "kota.tif", 50, 10.5, 11.5),)), parameters)
    assert [one.states("weak_cellular")[LERENG] for one in (away, houses)] == ["weak", "blank"]
    assert away.village_signal is not None
    assert away.village_signal.set_index("village_code_bps").loc[LERENG, "share_one_operator"] == 1
    assert away.village_signal["second_id"].isna().all()
    assert away.run["counts"]["assets_neighbours"] == {"tower": 1}


def test_what_a_land_cover_does_not_tell_makes_a_signal_unknown_and_none_stays_none(
    folder: Path, inputs: Inputs, parameters: Parameters
) -> None:
    hole = write_cover(folder / "lubang.tif", 0, 9.0, 10.0)
    found = analyze(replace(inputs, clutter=(hole,)), parameters)
    assert found.states("no_cellular").to_dict() == {LEMBAH: "blank", LERENG: "unknown"}
    assert found.run["missing_ground"]["villages"] == 1
    assert found.village_signal is not None
    assert found.village_signal["people_strong"].isna().tolist() == [False, True]
    assert found.blank_spots.query("rule == 'no_cellular'")["reason"].tolist()[1] == "no_ground"


def test_line_of_sight_says_the_same_of_the_valley(inputs: Inputs, parameters: Parameters) -> None:
    seen = analyze(inputs, parameters.model_copy(update={"reach_model": "line_of_sight"}))
    assert seen.states("no_cellular").to_dict() == {LEMBAH: "blank", LERENG: "served"}
    assert seen.run["reach_model"] == "line_of_sight"
    assert seen.village_signal is not None
    assert seen.village_signal["share_none"].isna().all()
    assert seen.village_service.query("service == 'cellular'")["centre_served"].tolist() == [False, True]


def test_a_terrain_model_without_elevation_is_refused(inputs: Inputs, parameters: Parameters) -> None:
    with pytest.raises(ParameterError) as refused:
        analyze(replace(inputs, elevation=()), parameters.model_copy(update={"reach_model": "signal"}))
    assert refused.value.code == "reach.no_elevation"


@pytest.mark.slow
def test_people_are_told_by_the_signal_they_have(valley: Analysis) -> None:
    assert valley.village_signal is not None
    check(valley.village_signal, VILLAGE_SIGNAL)
    rows = valley.village_signal.set_index("village_code_bps")
    assert rows.loc[LEMBAH, ["people_strong", "people_weak", "people_none"]].tolist() == [0, 0, 400]
    assert rows.loc[LERENG, ["people_strong", "people_weak", "people_none"]].tolist() == [600, 0, 0]
    assert rows.loc[LERENG, ["share_outdoors", "share_indoors"]].tolist() == [1, 1]
    assert rows.loc[LEMBAH, ["share_outdoors", "share_indoors"]].tolist() == [0, 0]
    assert rows["centre_class"].to_dict() == {LEMBAH: "none", LERENG: "strong"}
    assert rows.loc[LERENG, "server_id"] == "M1"
    assert rows.loc[LERENG, "single_operator"] == "Satu"
    assert rows["operators"].to_dict() == {LEMBAH: 0, LERENG: 1}
    assert valley.village_service.query("service == 'cellular'")["centre_served"].tolist() == [False, True]


def test_what_blocks_is_the_ridge_and_where(valley: Analysis) -> None:
    # The crest stands at 400 m, 1.5 km from a tower whose antenna is at 142 m; the phone is at 101.5 m, 0.5 km beyond.
    assert valley.village_signal is not None
    row = valley.village_signal.set_index("village_code_bps").loc[LEMBAH]
    assert row["tower_id"] == "M1"
    assert row["tower_m"] == pytest.approx(2000, abs=1)
    assert row["blocked_at_m"] == pytest.approx(1500, abs=30)
    assert row["blocked_by_m"] == pytest.approx(400 - (142 - 40.5 * 0.75), abs=30)
    assert row["clear_height_m"] == pytest.approx(42 + 4 * (400 - (142 - 40.5 * 0.75)), abs=120)
    assert np.isnan(valley.village_signal.set_index("village_code_bps").loc[LERENG, "blocked_at_m"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reason_names_the_tower_and_the_ridge(valley: Analysis, language: str) -> None:
    check(valley.blank_spots, BLANK_SPOTS)
    words = Words(language)  # type: ignore[arg-type]
    rules = {rule.name: rule for rule in valley.parameters.rules}
    for name in ("no_cellular", "weak_cellular"):
        rows = valley.blank_spots.query(f"rule == '{name}'").set_index("village_code_bps")
        sentence = state_reason(rows.loc[LEMBAH], rules[name], read_parameters().kinds, words)
        assert "M1" in sentence
        assert words.distance(1500)[:3] in sentence
        assert "M1" not in state_reason(rows.loc[LERENG], rules[name], read_parameters().kinds, words)
    assert valley.blank_spots.query(f"rule == 'no_cellular' and village_code_bps == '{LEMBAH}'")["reason"].item() == (
        "none_in_signal"
    )


def test_where_most_people_have_only_weak_signal_the_village_is_weak(inputs: Inputs, parameters: Parameters) -> None:
    # The thresholds are moved around what the slope receives, so that it is weak there by definition.
    radio = parameters.radio
    weak = radio.thresholds.model_copy(update={"strong_dbm": -30.0})  # type: ignore[union-attr]
    changed = parameters.model_copy(update={"radio": radio.model_copy(update={"thresholds": weak})})  # type: ignore[union-attr]
    found = analyze(inputs, changed)
    assert found.states("weak_cellular").to_dict() == {LEMBAH: "blank", LERENG: "weak"}
    assert found.states("no_cellular").to_dict() == {LEMBAH: "blank", LERENG: "served"}
    reason = found.blank_spots.query(f"rule == 'weak_cellular' and village_code_bps == '{LERENG}'")["reason"].item()
    assert reason == "weak_signal"


def test_the_ground_of_the_villages_is_told(valley: Analysis) -> None:
    # The valley is flat at 100 m; the slope rises by 400 m a km: 36 m over 90 m to the east and west, none to the north.
    ground = valley.villages.set_index("village_code_bps")
    assert ground.loc[LEMBAH, ["elevation_m", "slope_deg", "ruggedness_m"]].tolist() == pytest.approx([100, 0, 0])
    assert ground.loc[LERENG, "elevation_m"] == pytest.approx(1300, abs=10)
    assert ground.loc[LERENG, "slope_deg"] == pytest.approx(np.degrees(np.arctan(0.4)), abs=1)
    assert ground.loc[LERENG, "ruggedness_m"] == pytest.approx(18, abs=1)


@pytest.mark.slow
def test_the_criterion_terrain_is_fed_from_the_ruggedness(inputs: Inputs, parameters: Parameters) -> None:
    rugged = type(parameters.priority.criteria[0])(name="terrain", weight=1.0, unit="m", source="test")
    priority = parameters.priority.model_copy(
        update={"criteria": (*parameters.priority.criteria, rugged), "states": ("blank", "weak", "served")}
    )
    asked = parameters.model_copy(update={"priority": priority, "default_rule": "no_cellular"})
    found = analyze(inputs, asked).priority.set_index("village_code_bps")["value_terrain"]
    assert found[LEMBAH] == pytest.approx(0, abs=0.01)
    assert found[LERENG] > 5
    assert analyze(replace(inputs, elevation=()), asked).priority["value_terrain"].isna().all()


@pytest.mark.slow
def test_a_tower_of_the_neighbour_counts(folder: Path, inputs: Inputs, parameters: Parameters) -> None:
    # 6 km north of the valley's village, on its floor and outside both villages; its own regency is another.
    write_towers(folder / "tetangga.csv", ("M1", 5.0, 0.0, "Satu"), ("T9", 7.0, 6000.0, "Dua"))
    both = load_inputs(folder / "desa.geojson", [folder / "tetangga.csv"], elevation=[folder / "dem.tif"])
    found = analyze(both, parameters)
    assert found.states("no_cellular").to_dict() == {LEMBAH: "served", LERENG: "served"}
    assert found.village_signal is not None
    assert found.village_signal.set_index("village_code_bps").loc[LEMBAH, "single_operator"] == "Dua"


@pytest.mark.parametrize(
    ("missing_ground", "lembah", "lereng"), [("unknown", "unknown", "unknown"), ("radius", "served", "blank")]
)
def test_a_tower_where_no_height_is_known_counts_as_the_parameter_says(
    folder: Path, parameters: Parameters, missing_ground: str, lembah: str, lereng: str
) -> None:
    # Elevation begins 5.5 km from the corner: the tower stands beside it, and its circle has 3 km whatever the ridge.
    write_elevation(folder / "timur.tif", first_km=5.5)
    east = load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "timur.tif"])
    found = analyze(east, parameters.model_copy(update={"missing_ground": missing_ground}))
    assert found.states("no_cellular").to_dict() == {LEMBAH: lembah, LERENG: lereng}


@pytest.mark.slow
def test_where_a_village_has_no_height_nothing_is_known_there_and_that_is_told(
    folder: Path, parameters: Parameters
) -> None:
    write_elevation(folder / "barat.tif", last_km=9.0)
    west = load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "barat.tif"])
    found = analyze(west, parameters)
    assert found.states("no_cellular").to_dict() == {LEMBAH: "blank", LERENG: "unknown"}
    note = next(note for note in found.run["notes"] if note["code"] == "elevation.note.missing_unknown")
    people = found.villages.set_index("village_code_bps")["population"]
    assert found.run["missing_ground"] == {name: value for name, value in note.items() if name != "code"}
    assert (note["villages"], note["villages_unknown"], note["towers"]) == (1, 1, 0)
    assert note["people"] == pytest.approx(people[LERENG])
    service = found.village_service.query("service == 'cellular'").set_index("village_code_bps")
    assert service["share_unknown"].tolist() == pytest.approx([0, 1])
    assert service["share_served"].isna().tolist() == [False, True]
    assert service["centre_served"].isna().tolist() == [False, True]
    assert "belum dapat dinilai" in note_sentence(note, Words("id"))
    nobody = replace(west, villages=west.villages.assign(population=np.nan))
    untold = analyze(nobody, parameters).run["notes"]
    said = next(note for note in untold if note["code"] == "elevation.note.missing_unknown_cells")
    for language in LANGUAGES:
        assert "–" not in note_sentence(said, Words(language))
    ground = found.villages.set_index("village_code_bps")
    assert np.isnan(ground.loc[LERENG, "elevation_m"])
    check(found.blank_spots, BLANK_SPOTS)
    assert found.village_signal is not None
    check(found.village_signal, VILLAGE_SIGNAL)
    circles = analyze(west, parameters.model_copy(update={"missing_ground": "radius"}))
    assert circles.states("no_cellular").to_dict() == {LEMBAH: "blank", LERENG: "blank"}
    assert circles.run["missing_ground"]["counts"] == "radius"


@pytest.mark.slow
def test_a_signal_that_comes_over_missing_ground_is_not_known(folder: Path, parameters: Parameters) -> None:
    """A hole of 1.5 km between the tower and the village on the slope: what stands there is not known."""
    columns = int(49_000 / 30)
    x = -16.0 + (np.arange(columns) + 0.5) * 0.03
    heights = np.where((x > 7.6) & (x < 9.1), -9999.0, ground_m(x))
    write_elevation(folder / "lubang.tif", values=np.broadcast_to(heights, (int(50_000 / 30), columns)))
    holed = load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "lubang.tif"])
    for model in ("signal", "line_of_sight"):
        found = analyze(holed, parameters.model_copy(update={"reach_model": model}))
        assert found.states("no_cellular").to_dict() == {LEMBAH: "blank", LERENG: "unknown"}


def test_elevation_of_another_place_is_refused(folder: Path, parameters: Parameters) -> None:
    write_elevation(folder / "jauh.tif", first_km=100.0, last_km=140.0)
    far = load_inputs(folder / "desa.geojson", [folder / "menara.csv"], elevation=[folder / "jauh.tif"])
    with pytest.raises(FileRefusedError) as refused:
        prepare(far, parameters)
    assert refused.value.code == "raster.elsewhere"


def test_elevation_and_model_are_part_of_the_name_of_a_run(
    inputs: Inputs, valley: Analysis, parameters: Parameters
) -> None:
    seen = analyze(inputs, parameters.model_copy(update={"reach_model": "radius"}))
    assert seen.run["run_id"] != valley.run["run_id"]
    assert analyze(replace(inputs, elevation=()), parameters).run["run_id"] != valley.run["run_id"]


@pytest.mark.slow
def test_the_command_writes_ground_and_signal_by_village(folder: Path, tmp_path: Path, valley: Analysis) -> None:
    asked = [
        "analyze",
        "--region",
        str(folder / "desa.geojson"),
        "--assets",
        str(folder / "menara.csv"),
        "--elevation",
        str(folder / "dem.tif"),
        "--no-papers",
        "--out",
        str(tmp_path / "out"),
    ]
    assert run(asked) == 0
    told = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert told["reach_model"] == "signal"
    assert "dem.tif" in told["inputs"]
    assert told["parameters"]["radio"]["thresholds"]["weak_dbm"] == -115
    head = (tmp_path / "out" / "villages.csv").read_text("utf-8-sig").splitlines()[0].split(",")
    table = villages_table(valley, Words("id"))
    assert list(table.columns) == head
    assert {
        "elevation_m",
        "slope_deg",
        "ruggedness_m",
        "signal_people_strong",
        "signal_centre_class",
        "operators",
        "single_operator",
        "signal_blocked_at_m",
    } <= set(head)
    row = table.set_index("village_code_bps").loc[LEMBAH]
    assert row["signal_people_none"] == 400
    assert "M1" in row["reason_no_cellular"]


def test_the_signal_is_a_raster_in_its_place(folder: Path, tmp_path: Path, valley: Analysis) -> None:
    (tmp_path / "signal.tif").write_bytes(write_signal(valley, Words("id")))
    with rasterio.open(tmp_path / "signal.tif") as raster:
        assert raster.crs == rasterio.crs.CRS.from_epsg(UTM)
        assert (raster.descriptions, raster.units) == (("RSRP",), ("dBm",))
        near, behind, slope = (
            float(value[0]) for value in raster.sample([(EAST + 1000 * x, NORTH + 5000) for x in (5.2, 7.0, 11.0)])
        )
        far = next(iter(raster.sample([(EAST + 30_000, NORTH + 5000)])))[0]
        assert far == raster.nodata
    assert near > slope > -105 > -115 > behind
    assert "signal.tif" in core_names(valley)


@pytest.mark.slow
def test_a_state_that_the_errors_of_the_prediction_change_is_possible_and_one_that_they_do_not_is_sure(
    inputs: Inputs, parameters: Parameters, valley: Analysis
) -> None:
    """Behind the ridge the signal is 12 dB too weak; on the slope it is strong by 22. Errors together are 8 to 9 dB."""
    radio = parameters.radio
    assert isinstance(radio, RadioParameters)
    none = dict.fromkeys(("common_db", "tower_db", "place_db", "unknown_height_db", "unknown_band_db"), 0.0)
    exact = radio.uncertainty.model_copy(update={**none, "place_m": radio.margin.width_m})
    sure = analyze(inputs, parameters.model_copy(update={"radio": radio.model_copy(update={"uncertainty": exact})}))
    rows, exact_rows = (
        each.blank_spots[each.blank_spots["rule"] == "no_cellular"].set_index("village_code_bps")
        for each in (valley, sure)
    )
    assert exact_rows["certainty"].to_dict() == {LEMBAH: "sure", LERENG: "sure"}
    assert exact_rows["chance"].tolist() == [1.0, 1.0]
    assert rows["certainty"].to_dict() == {LEMBAH: "possible", LERENG: "sure"}
    assert 0.5 < rows.loc[LEMBAH, "chance"] == rows.loc[LEMBAH, "chance_blank"] < 0.9
    assert rows.loc[LEMBAH, "share_low"] == 0 < rows.loc[LEMBAH, "share_high"] < 1
    said = state_reason(rows.loc[LEMBAH].to_dict(), parameters.rule("no_cellular"), parameters.kinds, Words("id"))
    assert "mungkin: peluang keadaan ini 7" in said
    low, high = valley.run["people_unserved_range"]["no_cellular"]
    assert 200 < low < high == 400  # of the 400 in the valley
    assert (
        "overlay" not in valley.run["people_unserved_range"] or valley.run["people_unserved_range"]["overlay"][1] == 0
    )
    overlay = valley.blank_spots[valley.blank_spots["rule"] == "overlay"].set_index("village_code_bps")
    assert overlay.loc[LEMBAH, "state"] == "unknown"  # no list of fibre
    assert overlay.loc[LEMBAH, ["chance", "chance_blank", "share_high"]].isna().all()
    table = villages_table(valley, Words("id"))
    assert {"chance", "chance_blank", "population_unserved_low", "population_unserved_high"} <= set(table)


def test_in_sight_beyond_the_stated_reach_and_out_of_sight_within_it_are_possible(
    inputs: Inputs, parameters: Parameters
) -> None:
    """The slope is in sight 6 km from the tower, whose reach is stated as 2 to 5 km; the valley out of sight at 2 km."""
    spots = analyze(inputs, parameters.model_copy(update={"reach_model": "line_of_sight"})).blank_spots
    rows = spots[spots["rule"] == "no_cellular"].set_index("village_code_bps")
    assert rows["certainty"].to_dict() == {LEMBAH: "possible", LERENG: "possible"}
    assert rows["state_least"].to_dict() == {LEMBAH: "blank", LERENG: "blank"}
    assert rows["state_most"].to_dict() == {LEMBAH: "served", LERENG: "served"}
