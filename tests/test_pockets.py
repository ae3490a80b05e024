"""Blank pockets: groups of people without service inside villages, what hides them, and that they add up."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import ndimage

from coverage.base.errors import ParameterError
from coverage.base.parameters import PocketParameters
from coverage.base.schema import ASSETS, POCKETS, check
from coverage.land.cells import Land, make_land
from coverage.land.people import from_points
from coverage.readers.kinds import landmark_kinds
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import Inputs, load_inputs
from coverage.run.pockets import pockets_of
from coverage.run.result import Analysis, people_unserved
from coverage.villages_served.landmarks import with_hamlets
from coverage.villages_served.pockets import find_pockets
from tests.made_valley import EAST, LEMBAH, NORTH, UTM, write_elevation, write_towers, write_villages

PARAMETERS = PocketParameters()


def square(people: float = 1000.0, cells: int = 40) -> tuple[Land, pd.DataFrame, gpd.GeoDataFrame]:
    """One village of whole cells of 100 m, people spread evenly."""
    side = 100.0 * cells
    box = gpd.GeoSeries([shapely.box(600_000, 9_100_000, 600_000 + side, 9_100_000 + side)], crs=UTM)
    middle = box.centroid.to_crs(4326)
    villages = gpd.GeoDataFrame(
        {
            "village_code_bps": [LEMBAH],
            "village": "Lembah",
            "subdistrict": "Bakung",
            "population": [people],
            "centre_lon": middle.x,
            "centre_lat": middle.y,
        },
        geometry=box,
    )
    land = make_land(villages, 100.0)
    return land, land.cells, villages


def of_grid(land: Land, grid: np.ndarray) -> np.ndarray:
    """A value of each piece, from a grid whose row 0 is the southernmost."""
    return grid[land.cells["row"], land.cells["column"]].astype(float)


def test_groups_are_those_of_an_independent_labelling() -> None:
    land, cells, villages = square(people=16_000)
    grid = np.random.default_rng(3).random((40, 40)) < 0.35
    unserved = of_grid(land, grid)
    found = find_pockets(land, cells, villages, unserved, PocketParameters(gap_m=100, least_people=0), unserved)
    labels, count = ndimage.label(grid, structure=np.ones((3, 3)))
    sizes = np.sort(np.bincount(labels.ravel())[1:])[::-1]
    assert len(found.table) == count
    assert found.table["people"].to_numpy() == pytest.approx(10.0 * sizes)
    assert (found.table["certainty"] == "sure").all()
    in_a_group = labels[found.pieces["row"], found.pieces["column"]]
    assert len(found.pieces) == grid.sum()
    assert len(set(zip(in_a_group, found.pieces["pocket"], strict=True))) == count  # each label is one pocket


@pytest.mark.parametrize(("apart", "pockets"), [(1, 1), (2, 1), (3, 2)])
def test_groups_farther_apart_than_the_gap_are_two(apart: int, pockets: int) -> None:
    land, cells, villages = square()
    grid = np.zeros((40, 40))
    grid[10:20, 5:10] = 1
    grid[10:20, 9 + apart : 14 + apart] = 1
    unserved = of_grid(land, grid)
    assert len(find_pockets(land, cells, villages, unserved, PARAMETERS, unserved).table) == pockets


def test_a_few_people_here_and_there_are_told_together_and_nobody_is_lost() -> None:
    land, cells, villages = square(people=1600)
    grid = np.zeros((40, 40))
    grid[0:10, 0:10] = 1  # 100 people
    grid[20, 20] = grid[30, 30] = grid[39, 0] = 1  # one each
    grid[10, 0] = 0.25  # part of a cell at the edge of a circle
    unserved, at_most = of_grid(land, grid), of_grid(land, np.where(grid == 1, grid, 0))
    table = find_pockets(land, cells, villages, unserved, PARAMETERS, at_most).table
    assert table["pocket"].tolist() == [1, 0]
    assert table["people"].tolist() == pytest.approx([100.25, 3])
    assert table["people_least"].tolist() == pytest.approx([100, 3])
    assert table["area_km2"].tolist() == pytest.approx([1.0025, 0.03])
    unknown = villages.assign(population=np.nan)
    table = find_pockets(land, cells, unknown, unserved, PARAMETERS, at_most).table
    assert table["people"].isna().all()
    assert table["pocket"].tolist() == [1, 0]
    nobody = find_pockets(land, cells, villages, np.zeros(len(cells)), PARAMETERS, unserved)
    assert len(nobody.table) == 0
    assert len(nobody.shapes) == 0


def test_what_most_may_lose_at_the_greatest_reach_is_only_possible() -> None:
    land, cells, villages = square()
    grid = np.zeros((40, 40))
    grid[:20] = 1
    unserved = of_grid(land, grid)
    for rows, certainty in ((11, "sure"), (9, "possible")):
        at_most = of_grid(land, np.where(np.arange(40)[:, None] < rows, grid, 0))
        table = find_pockets(land, cells, villages, unserved, PARAMETERS, at_most).table
        assert (table["certainty"] == certainty).all()
        assert table["people_least"].tolist() == pytest.approx([rows * 25])


def test_the_place_is_where_most_live_and_the_outline_is_the_land_without_service() -> None:
    land, cells, villages = square()
    grid = np.zeros((40, 40))
    grid[0:10, 0:30] = 1
    share = np.where(grid == 1, 1.0, 0.0)
    share[4:6, 24:26] = 200.0  # a hamlet in the east of the pocket
    of_piece = of_grid(land, share)
    cells = cells.assign(people_share=of_piece / of_piece.sum())
    found = find_pockets(land, cells, villages, of_grid(land, grid), PARAMETERS, of_grid(land, grid))
    row = found.table.iloc[0]
    at = gpd.GeoSeries([shapely.Point(row["lon"], row["lat"])], crs=4326).to_crs(UTM)[0]
    assert (at.x - 600_000, at.y - 9_100_000) == (pytest.approx(2500, abs=51), pytest.approx(500, abs=51))
    assert row["from_centre_m"] == pytest.approx(np.hypot(500, 1500), rel=0.05)
    assert row["bearing_deg"] == pytest.approx(np.degrees(np.arctan2(500, -1500)), abs=3)
    outline = found.shapes.to_crs(UTM)
    assert outline.area[0] / 1e6 == pytest.approx(row["area_km2"], rel=1e-3)


@pytest.mark.slow
def test_a_hamlet_behind_a_ridge_is_one_pocket_hidden_by_the_ground(tmp_path: Path) -> None:
    """A village of 600 by a tower at km 5; 120 of them live at km 7, behind a ridge 300 m high at km 6.5."""
    write_villages(tmp_path / "desa.geojson")
    whole = shapely.transform(shapely.box(4200, -400, 7300, 400), lambda p: p + np.array([EAST, NORTH + 5000]))
    village = gpd.read_file(tmp_path / "desa.geojson").iloc[:1].to_crs(UTM)
    village = village.set_geometry([whole]).assign(population=600).to_crs(4326)
    village.to_file(tmp_path / "desa.geojson")
    write_towers(tmp_path / "menara.csv", ("M1", 5.0, 0.0, "Satu"))
    write_elevation(tmp_path / "dem.tif")
    inputs = load_inputs(tmp_path / "desa.geojson", [tmp_path / "menara.csv"], elevation=[tmp_path / "dem.tif"])
    parameters = read_parameters()
    ground = prepare(inputs, parameters)
    x, y = np.array([4800.0] * 4 + [7000.0]), np.array([-100.0, 0, 100, 200, 0])
    houses = gpd.GeoSeries(gpd.points_from_xy(EAST + x, NORTH + 5000 + y), crs=UTM)
    people = from_points(ground.land, houses, np.array([120.0] * 5))
    rules = parameters.model_copy(update={"default_rule": "no_cellular"})
    found = analyze(inputs, rules, replace(ground, cells=people.cells)).pockets
    assert found is not None
    assert len(check(found, POCKETS)) == 1
    row = found.iloc[0]
    assert row["people"] == pytest.approx(120, rel=0.01)
    assert (row["cause"], row["nearest_id"]) == ("ground", "M1")
    # From 142 m at the mast to 101.5 m at the phone, 2 km away: 111.6 m above the ridge of 400 m at 1.5 km.
    assert row["blocked_by_m"] == pytest.approx(400 - 111.6, abs=30)  # the raster cuts the ridge's edge off
    assert row["blocked_at_m"] == pytest.approx(1500, abs=40)
    assert row["nearest_m"] == pytest.approx(2000, abs=60)


def adds_up(analysis: Analysis) -> None:
    assert analysis.pockets is not None
    rule = analysis.parameters.rule()
    villages = analysis.villages.set_index("village_code_bps")["population"].astype(float)
    service = analysis.village_service
    service = service[service["service"] == rule.service].set_index("village_code_bps").reindex(villages.index)
    unknown = villages * service["share_unknown"]
    without = analysis.pockets.groupby("village_code_bps")["people"].sum().reindex(villages.index).fillna(0.0)
    assert (without + service["population_served"] + unknown).to_numpy() == pytest.approx(villages.to_numpy())
    assert without.sum() == pytest.approx(people_unserved(analysis, rule).sum(), abs=len(villages))


@pytest.mark.slow
def test_pockets_and_people_served_make_the_village() -> None:
    analysis = analyze(load_inputs(), read_parameters())
    adds_up(analysis)
    shapes = analysis.pocket_shapes
    assert shapes is not None
    assert shapes.is_valid.all()
    outlines = analysis.villages.set_index("village_code_bps").geometry.to_crs(UTM)
    outlines = outlines.loc[analysis.pockets["village_code_bps"]].reset_index(drop=True)  # type: ignore[index]
    shapes = shapes.to_crs(UTM)
    assert (shapes.intersection(outlines).area / shapes.area).min() > 0.999


@pytest.mark.slow
@pytest.mark.parametrize("regency", ["3329", "5202"])
def test_they_add_up_elsewhere_too(regency: str, shared: Path) -> None:
    """Brebes and Lombok Tengah, with towers of our own making."""
    villages = load_inputs(regency).villages
    outlines = gpd.read_parquet(shared / "nation" / "boundaries_simplified.parquet")
    outlines = outlines.set_index("village_code_kemendagri").geometry.reindex(villages["village_code_kemendagri"])
    villages = villages.set_geometry(gpd.GeoSeries(outlines.to_numpy(), crs=4326).make_valid().to_numpy())
    villages = villages[~villages.geometry.isna()].set_crs(4326, allow_override=True).reset_index(drop=True)
    assert len(villages) > 100
    rng = np.random.default_rng(1)
    villages["population"] = rng.integers(500, 9000, len(villages)).astype(float)
    chosen = villages.sample(60, random_state=1)
    towers = gpd.GeoDataFrame(
        {name: [None] * len(chosen) for name in ASSETS.names if name != "geometry"},
        geometry=gpd.points_from_xy(chosen["centre_lon"], chosen["centre_lat"]),
        crs=4326,
    ).assign(asset_id=[f"T{k}" for k in range(len(chosen))], kind="tower", status="operational")
    towers = towers.astype({name: float for name in ("height_m", "band_mhz", "reach_m")})
    rules = read_parameters().model_copy(update={"default_rule": "no_cellular"})
    analysis = analyze(Inputs(villages, towers), rules)
    adds_up(analysis)
    assert analysis.pockets is not None
    assert (analysis.pockets["pocket"] == 2).any()  # some village has two
    found, pockets = analysis.found_pockets, analysis.pockets[analysis.pockets["pocket"] > 0]
    hamlets = pockets.assign(kind="hamlet", name=pockets["village_code_bps"] + "-" + pockets["pocket"].astype(str))
    assert found is not None
    named = with_hamlets(analysis.pockets, found, hamlets, landmark_kinds(), 500.0).loc[pockets.index]
    assert (named["hamlets_are"] == "inside").all()  # the place of a pocket lies in it
    assert named["hamlets"].tolist() == hamlets["name"].tolist()


@pytest.mark.slow
def test_pockets_of_one_operator_are_those_of_a_run_of_its_assets() -> None:
    """Assets of an operator that is not known may be its own; villages and states of the run stay."""
    inputs = load_inputs()
    assert inputs.assets is not None
    towers = inputs.assets[inputs.assets["kind"] == "tower"].reset_index(drop=True)
    operators = pd.Series(["Telkomsel", "XL, PT Telkomsel", "XL Axiata", None]).iloc[np.arange(len(towers)) % 4]
    towers = towers.assign(operator=operators.to_numpy())
    rules = read_parameters().model_copy(update={"default_rule": "no_cellular"})
    whole = analyze(replace(inputs, assets=towers), rules)
    found, unknown = pockets_of(whole, "operator", "telkomsel")
    adds = [0, 1, 3]
    alone = analyze(replace(inputs, assets=towers[np.isin(np.arange(len(towers)) % 4, adds)]), rules)
    assert found.pockets is not None
    assert alone.pockets is not None
    assert whole.pockets is not None
    columns = ["village_code_bps", "pocket", "people", "certainty", "cause"]
    pd.testing.assert_frame_equal(found.pockets[columns], alone.pockets[columns])
    assert found.pockets["people"].sum() > whole.pockets["people"].sum()
    assert 0 < unknown <= (np.arange(len(towers)) % 4 == 3).sum()
    assert found.run["pockets_of"] == "operator=telkomsel"
    pd.testing.assert_frame_equal(found.blank_spots, whole.blank_spots)
    with pytest.raises(ParameterError, match="none_of"):
        pockets_of(whole, "operator", "Nobody")
