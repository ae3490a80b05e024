"""Many regencies at once: each has the rows of its own run, whatever the cut, the order and the workers."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely

from coverage.cli.app import run
from coverage.cli.cluster import Finished
from coverage.exports import nation
from coverage.exports.nation import RegencyArchive, common_plan, regency_archive, regency_table, write_partitions
from coverage.exports.nation_papers import ZOOMS, nation_tiles, village_shapes
from coverage.exports.tables import csv_bytes
from coverage.readers.nation import find_region, outlines, villages_of
from coverage.run.nation import RegencyTask, make_tasks, read_nation_assets, regencies_of
from coverage.run.sources import Sources

CITIES = ["32.71", "32.76"]


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Towers and fibre nodes in and around two cities, as a list of a planner."""
    west, south, east, north = outlines(CITIES).total_bounds
    random, rows = np.random.default_rng(7), ["asset_id,kind,status,lon,lat"]
    for kind, count in (("tower", 12), ("fiber_node", 20)):
        lon, lat = random.uniform(west, east, count), random.uniform(south, north, count)
        rows += [f"{kind}-{k},{kind},operational,{lon[k]:.6f},{lat[k]:.6f}" for k in range(count)]
    path = tmp_path_factory.mktemp("lists") / "aset.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def people(assets: Path) -> Path:
    """People of every village of the two cities."""
    codes = pd.concat([villages_of(find_region(code))["village_code_bps"] for code in CITIES])
    path = assets.with_name("penduduk.csv")
    path.write_text("kode_bps,penduduk\n" + "".join(f"{code},{5000 + len(CITIES)}\n" for code in codes), "utf-8")
    return path


def tasks_of(assets: Path, people: Path, codes: list[str]) -> dict[str, RegencyTask]:
    table = read_nation_assets(str(assets))
    made = make_tasks(regencies_of(codes), Sources(people=people), None, table, None, "id")
    return {task.regency.kemendagri: task for task in made}


@pytest.fixture(scope="module")
def tasks(assets: Path, people: Path) -> dict[str, RegencyTask]:
    return tasks_of(assets, people, CITIES)


@pytest.fixture(scope="module")
def made(tasks: dict[str, RegencyTask]) -> dict[str, bytes]:
    """Archives of the two cities."""
    return {code: regency_archive(task) for code, task in tasks.items()}


@pytest.mark.slow
def test_a_regency_has_the_same_rows_alone_and_within_the_nation(
    assets: Path, people: Path, made: dict[str, bytes], tmp_path: Path
) -> None:
    given = ["--assets", str(assets), "--people", str(people), "--no-papers", "--out", str(tmp_path)]
    assert run(["analyze", "--region", "32.71", *given]) == 0
    kept = RegencyArchive(made["32.71"])
    for name in ("villages", "pockets"):
        table = kept.table(f"{name}.arrow")
        assert table is not None
        within = table.drop_columns("geometry").to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        alone = pd.read_csv(tmp_path / f"{name}.csv", dtype=str)
        within = pd.read_csv(io.BytesIO(csv_bytes(within)), dtype=str)
        pd.testing.assert_frame_equal(within.drop(columns="run_id"), alone.drop(columns="run_id"))  # of the whole list
        assert len(alone)
    planned = pd.read_csv(tmp_path / "rollout.csv")
    assert kept.figures["villages_planned"] == len(planned)
    assert kept.figures["people_newly_served"] == planned["people_newly_served"].sum()


@pytest.mark.slow
def test_cut_and_order_change_nothing(
    assets: Path, people: Path, tasks: dict[str, RegencyTask], made: dict[str, bytes]
) -> None:
    alone = tasks_of(assets, people, ["kota bogor"])["32.71"]
    assert alone.key == tasks["32.71"].key
    assert regency_archive(alone) == made["32.71"]


def test_what_lies_far_away_changes_no_key(assets: Path, people: Path, tasks: dict[str, RegencyTask]) -> None:
    """A line among the assets, 3,000 km off: other shapes are sent in another form, but not to everybody."""
    table = read_nation_assets(str(assets))
    line = table.iloc[[0]].assign(asset_id="far", geometry=[shapely.LineString([(140.0, -3.0), (140.1, -3.0)])])
    longer = gpd.GeoDataFrame(pd.concat([table, line]), geometry="geometry", crs=table.crs)
    again = make_tasks(regencies_of(CITIES), Sources(people=people), None, longer, None, "id")
    assert {task.regency.kemendagri: task.key for task in again} == {code: task.key for code, task in tasks.items()}
    near = longer.assign(
        geometry=longer.geometry.where(longer["asset_id"] != "far", table.geometry.iloc[0].buffer(0.01))
    )
    other = make_tasks(regencies_of(["32.71"]), Sources(people=people), None, near, None, "id")
    assert next(other).key != tasks["32.71"].key


@pytest.mark.slow
def test_what_is_finished_is_kept_by_its_inputs_and_checked(
    tasks: dict[str, RegencyTask], made: dict[str, bytes], tmp_path: Path
) -> None:
    task, finished = tasks["32.71"], Finished(tmp_path)
    assert finished.get(task) is None
    finished.put(task, made["32.71"])
    assert finished.get(task) == made["32.71"]
    (path,) = tmp_path.iterdir()
    path.write_bytes(made["32.71"][:-1])  # cut off while it was written
    assert finished.get(task) is None
    finished.put(task, made["32.71"])
    other = replace(task, budgets={2027: 1})
    assert other.key != task.key
    assert finished.get(other) is None


def test_one_plan_for_all_under_a_common_budget_and_a_row_for_each(made: dict[str, bytes], tmp_path: Path) -> None:
    kept = [RegencyArchive(made[code]) for code in CITIES]
    budgets = {2027: 2_000_000_000, 2028: 2_000_000_000}
    common, proof, _ = common_plan(kept, budgets, 30)
    turned, _, _ = common_plan(kept[::-1], budgets, 30)
    assert common["people_newly_served"].sum() == turned["people_newly_served"].sum() > 0
    assert proof.gap <= 0.005
    assert not common["village_code_bps"].duplicated().any()
    assert common.groupby("year")["cost_idr"].sum().le(2_000_000_000).all()
    table = regency_table(kept[::-1], common)
    assert list(table["regency_code_kemendagri"]) == CITIES
    assert table["common_people"].sum() == common["people_newly_served"].sum()
    whole = write_partitions(tmp_path, "villages", kept)
    read = gpd.read_parquet(tmp_path / "province=32" / "villages.parquet")
    assert len(read) == whole.num_rows == table["villages"].sum()
    assert read.crs == "EPSG:4326"
    states = read["state"].value_counts()
    assert {state: states.get(state, 0) for state in ("served", "blank")} == dict(table[["served", "blank"]].sum())
    tiles = tmp_path / "villages.pmtiles"
    tiles.write_bytes(nation_tiles(village_shapes(whole)))
    about = pyogrio.read_info(tiles)["dataset_metadata"]
    assert (int(about["minzoom"]), int(about["maxzoom"])) == ZOOMS
    drawn = gpd.read_file(tiles, layer="villages").drop_duplicates("village_code_bps")  # one that tiles part
    told, known = (each.set_index("village_code_bps")["state"].to_dict() for each in (drawn, read))
    assert told == known


def test_the_common_plan_leaves_out_regencies_where_people_without_service_are_not_known(
    made: dict[str, bytes],
) -> None:
    kept = [RegencyArchive(made[code]) for code in CITIES]
    budgets = {2027: 2_000_000_000}
    assert CITIES[0] in set(common_plan(kept, budgets, 30)[0]["regency_code_kemendagri"])
    kept[0].figures["population_unserved"] = None
    common, _, _ = common_plan(kept, budgets, 30)
    assert set(common["regency_code_kemendagri"]) == {CITIES[1]}
    assert regency_table(kept, common)["common_people"].sum() == common["people_newly_served"].sum() > 0


@pytest.mark.parametrize("shape", [None, shapely.Polygon()])
def test_villages_without_an_outline_are_written_with_the_extent_of_the_others(
    shape: shapely.Polygon | None, tmp_path: Path
) -> None:
    def table(*shapes: shapely.Polygon | None) -> bytes:
        rows = {"village_code_bps": [str(at) for at in range(len(shapes))]}
        return nation._stream(gpd.GeoDataFrame(rows, geometry=list(shapes), crs=4326))

    box = shapely.box(112, -8, 113, -7)
    none, some = (Mock(figures={"regency_code_kemendagri": code}) for code in ("35.05", "35.06"))
    none.table.return_value = pa.ipc.open_stream(table(shape)).read_all()
    some.table.return_value = pa.ipc.open_stream(table(shape, box)).read_all()
    for kept, extent in (([none], None), ([none, some], [112, -8, 113, -7])):
        folder = tmp_path / str(len(kept))
        whole = write_partitions(folder, "villages", kept)
        geo = json.loads(whole.schema.metadata[b"geo"], parse_constant=pytest.fail)
        assert geo["columns"]["geometry"].get("bbox") == extent
        read = gpd.read_parquet(folder / "province=35" / "villages.parquet")
        assert len(read) == whole.num_rows


def test_a_regency_that_is_refused_keeps_its_row(tmp_path: Path) -> None:
    lists = tmp_path / "penduduk.csv"
    lists.write_text("kode,jumlah\nx,1\n", "utf-8")
    (task,) = make_tasks(regencies_of(["32.71"]), Sources(people=lists), None, None, None, "id")
    kept = RegencyArchive(regency_archive(task))
    row = regency_table([kept], pd.DataFrame(columns=["regency_code_kemendagri", "people_newly_served"])).iloc[0]
    assert row["regency"] == "Kota Bogor"
    assert "penduduk.csv" in row["problem"]
    assert row[["spent_idr", "common_people"]].isna().all()  # and not a plan that reaches nobody
