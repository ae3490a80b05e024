"""A state that hangs on a knife's edge is said to be possible, not sure."""

from dataclasses import replace

import pytest
import shapely

from coverage.base.parameters import Parameters
from coverage.exports.tables import villages_table
from coverage.language.reasons import state_reason
from coverage.language.words import Words
from coverage.reach.assets import service_reach
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return read_parameters()


@pytest.mark.slow
def test_a_village_just_beyond_the_reach_is_blank_but_only_possibly(parameters: Parameters) -> None:
    """Nearest tower 3,009 m against a reach of 3,000 m; the stated reach is 2 to 5 km."""
    inputs = load_inputs()
    assert inputs.assets is not None
    far = inputs.villages.to_crs(32749).geometry
    village = inputs.villages.iloc[far.bounds.eval("maxx - minx").argmin()]
    centre = shapely.Point(village["centre_lon"], village["centre_lat"])
    distance = 9000 / 111_320
    towers = inputs.assets[inputs.assets["kind"] == "tower"].head(2)
    towers = towers.assign(status="operational", reach_m=None, band_mhz=None).set_geometry(
        [shapely.Point(centre.x, centre.y + 0.5 * distance), shapely.Point(centre.x, centre.y + 6 * distance)], crs=4326
    )
    found = analyze(replace(inputs, assets=towers), parameters)
    rows = found.blank_spots[found.blank_spots["rule"] == "no_cellular"].set_index("village_code_bps")
    row = rows.loc[village["village_code_bps"]]
    assert row["state_least"] == "blank"
    assert row["state_most"] == "served"
    assert row["certainty"] == "possible"
    rule = next(rule for rule in parameters.rules if rule.name == "no_cellular")
    said = state_reason(row.to_dict(), rule, parameters.kinds, Words("id"))
    assert "mungkin: blank spot bila jangkauan terpendek, ada sinyal bila terpanjang" in said
    sure = rows[rows["nearest_m"] > 15_000]
    assert len(sure)
    assert set(sure["certainty"]) == {"sure"}


def test_the_range_of_a_reach_counts_where_an_asset_has_none_of_its_own(parameters: Parameters) -> None:
    inputs = load_inputs()
    assert inputs.assets is not None
    tower = inputs.assets[(inputs.assets["kind"] == "tower") & (inputs.assets["status"] == "operational")].head(1)
    reach = {
        end: service_reach(tower.assign(reach_m=None), parameters.kinds, end)["reach_m"].tolist()
        for end in (None, "reach_min_m", "reach_max_m")
    }
    assert reach == {None: [3000], "reach_min_m": [2000], "reach_max_m": [5000]}
    own = service_reach(tower.assign(reach_m=1234.0), parameters.kinds, "reach_max_m")
    assert own["reach_m"].tolist() == [1234]


@pytest.mark.slow
def test_the_shipped_region_says_of_each_state_how_sure_it_is(parameters: Parameters) -> None:
    found = analyze(load_inputs(), parameters)
    spots = found.blank_spots
    told = spots[spots["state"] != "unknown"]
    assert told["certainty"].isin(["sure", "possible"]).all()
    assert spots.loc[spots["state"] == "unknown", "certainty"].isna().all()
    flips = (told["state_least"] != told["state"]) | (told["state_most"] != told["state"])
    assert (told.loc[flips, "certainty"] == "possible").all()
    table = villages_table(found, Words("id"))
    assert set(table["certainty"].dropna()) == {"sure", "possible"}
