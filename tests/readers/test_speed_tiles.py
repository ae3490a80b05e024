"""Tiles of mobile speed tests: a hint by village, told by their quadkeys, and never more than that."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from coverage.base.errors import ColumnError, FileRefusedError
from coverage.base.schema import EVIDENCE, check
from coverage.readers.confined import read_quadkeys
from coverage.readers.hints import read_hints
from coverage.readers.speed_tiles import COLUMNS, centres, quarter_of
from coverage.run.inputs import load_inputs
from coverage.villages_served.blank_spots import listed_states

NAME = "2024-04-01_performance_mobile_tiles.parquet"


def key_of(lon: float, lat: float, zoom: int = 16) -> str:
    """Quadkey by halving the square of the world again and again: another way than the reader's."""
    x, y = lon / 360 + 0.5, 0.5 - np.arctanh(np.sin(np.radians(lat))) / (2 * np.pi)
    key = ""
    for _ in range(zoom):
        x, y = 2 * x, 2 * y
        key += str(int(x) + 2 * int(y))
        x, y = x % 1, y % 1
    return key


def tile(key: str, tests: int = 3, devices: int = 2) -> dict[str, Any]:
    """A row as Ookla publishes it."""
    place = {"quadkey": key, "tile": "POLYGON((0 0, 1 0, 1 1, 0 0))", "tile_x": 0.0, "tile_y": 0.0, "avg_d_kbps": 9000}
    return place | {"avg_u_kbps": 900, "avg_lat_ms": 40, "tests": tests, "devices": devices}


def test_quadkeys_are_those_of_the_published_examples() -> None:
    # Bing Maps tile system: tile (3, 5) of zoom 3 is "213"; R package quadkeyr: (23, 38) of zoom 6 is "210331".
    for key, x, y in (("213", 3, 5), ("210331", 23, 38)):
        lon, lat = centres(np.array([key], dtype=f"S{len(key)}"))
        wide = 2 ** len(key)
        assert lon[0] == pytest.approx((x + 0.5) / wide * 360 - 180)
        assert key_of(lon[0], lat[0], len(key)) == key
        assert 0.5 - np.log(np.tan(np.pi / 4 + np.radians(lat[0]) / 2)) / (2 * np.pi) == pytest.approx((y + 0.5) / wide)


def test_tests_are_a_hint_of_the_village_that_holds_the_centre_of_their_tile(tmp_path: Path) -> None:
    villages = load_inputs().villages
    shapes = villages.to_crs(4326).geometry
    place, codes = shapes.representative_point(), villages["village_code_bps"]
    keys = [key_of(place.x.iloc[0], place.y.iloc[0]), key_of(place.x.iloc[5], place.y.iloc[5])]
    rows = [tile(keys[0], 3), tile(keys[1], 8), tile(key_of(2.35, 48.85)), tile(keys[0][:-1] + "x"), tile(keys[0], 0)]
    pd.DataFrame(rows).to_parquet(tmp_path / NAME)
    table, notes = read_hints(tmp_path / NAME, villages)
    check(table, EVIDENCE)
    lon, lat = centres(np.array(keys, dtype="S16"))
    inside = [codes[shapes.contains(point).to_numpy()].tolist() for point in gpd.points_from_xy(lon, lat)]
    expected = sorted((code, n) for own, n in zip(inside, (3, 8), strict=True) for code in own)
    assert expected  # at least one centre lies in a village
    assert list(zip(table["village_code_bps"], table["source"], strict=True)) == [
        (code, f"{NAME} (n = {n})") for code, n in expected
    ]
    assert set(table["kind"]) == {"hint"}
    assert set(table["date"]) == {"2024-04-01"}
    assert table["operator"].isna().all()
    assert [code for code, _ in notes] == ["speed_tiles.note.read", "speed_tiles.note.unread"]
    assert notes[1][1] == {"file": NAME, "count": 2, "row": 3}
    assert listed_states(table) is None  # no village without a tile, nor one with it, gets a state


def test_a_part_cut_out_with_a_gis_reads_alike(tmp_path: Path) -> None:
    villages = load_inputs().villages
    point = villages.to_crs(4326).geometry.representative_point().iloc[0]
    rows = pd.DataFrame([tile(key_of(point.x, point.y))])
    rows.to_parquet(tmp_path / "bagian.parquet")
    gpd.GeoDataFrame(rows, geometry=[point.buffer(0.003)], crs=4326).to_file(tmp_path / "bagian.gpkg")
    found = [read_hints(tmp_path / name, villages, "Ookla", "2024")[0] for name in ("bagian.parquet", "bagian.gpkg")]
    assert found[0].drop(columns="evidence_id").equals(found[1].drop(columns="evidence_id"))
    assert set(found[0]["date"]) == {"2024"}
    assert set(found[0]["source"]) == {"Ookla (n = 3)"}


def test_what_is_no_mobile_test_is_refused_by_name(tmp_path: Path) -> None:
    villages = load_inputs().villages
    point = villages.to_crs(4326).geometry.representative_point().iloc[0]
    with pytest.raises(FileRefusedError, match="speed_tiles.fixed"):
        quarter_of("2024-04-01_performance_fixed_tiles.parquet")
    pd.DataFrame({"quadkey": ["1"], "speed": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ColumnError, match="speed_tiles.columns"):
        read_hints(tmp_path / "a.parquet", villages)
    pd.DataFrame([tile(key_of(point.x, point.y), 0, 0)]).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(FileRefusedError, match="speed_tiles.nothing"):
        read_hints(tmp_path / "b.parquet", villages)
    (tmp_path / "c.parquet").write_bytes(b"PAR1" + bytes(200))
    with pytest.raises(FileRefusedError, match="file.unreadable"):
        read_hints(tmp_path / "c.parquet", villages)


def test_a_file_without_a_tile_of_the_region_gives_no_hint(tmp_path: Path) -> None:
    villages = load_inputs().villages
    paris = pd.DataFrame([tile(key_of(2.35, 48.85))])
    paris.to_parquet(tmp_path / "a.parquet")
    paris[:0].to_parquet(tmp_path / "b.parquet")
    gpd.GeoDataFrame(paris, geometry=gpd.points_from_xy([2.35], [48.85]), crs=4326).to_file(tmp_path / "c.geojson")
    (tmp_path / "d.geojson").write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    for name in ("a.parquet", "b.parquet", "c.geojson", "d.geojson"):
        table, notes = read_hints(tmp_path / name, villages)
        assert check(table, EVIDENCE).empty
        assert notes == [("speed_tiles.note.read", {"file": name, "count": 0, "tiles": 0, "villages": 0})]


def test_rows_in_any_order_give_the_same_hint(tmp_path: Path) -> None:
    villages = load_inputs().villages
    shapes = villages.to_crs(4326).geometry
    west, south, east, north = shapes.iloc[0].bounds
    keys = {key_of(lon, lat) for lon in np.linspace(west, east, 9) for lat in np.linspace(south, north, 9)}
    rows = [tile(key) for key in sorted(keys)]
    rows += [tile(rows[0]["quadkey"], 0), tile(rows[0]["quadkey"], 9), tile(rows[1]["quadkey"], 4)]
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    pd.DataFrame(rows[::-1]).to_parquet(tmp_path / "b.parquet")
    found = [read_hints(tmp_path / name, villages, "uji") for name in ("a.parquet", "b.parquet")]
    assert len(found[0][0])
    assert found[0][0].drop(columns="evidence_id").equals(found[1][0].drop(columns="evidence_id"))
    assert [notes[1][1]["count"] for _, notes in found] == [3, 3]


def test_a_column_that_is_there_twice_is_refused_by_name(tmp_path: Path) -> None:
    point = load_inputs().villages.to_crs(4326).geometry.representative_point().iloc[0]
    rows = pd.DataFrame([{**tile(key_of(point.x, point.y)), "Tests": 4}])
    gpd.GeoDataFrame(rows, geometry=[point], crs=4326).to_file(tmp_path / "a.geojson")
    with pytest.raises(ColumnError, match=r"speed_tiles\.columns") as refused:
        read_hints(tmp_path / "a.geojson", load_inputs().villages)
    assert refused.value.details["missing"] == ["tests"]


def test_the_process_apart_hands_back_no_more_than_a_region_can_hold(tmp_path: Path) -> None:
    rows = pd.DataFrame([{**tile("3" * 16), "tests": "5"}] * 5 + [tile("3" * 2000)])
    rows.astype({"tests": str}).to_parquet(tmp_path / "a.parquet")
    found = read_quadkeys(tmp_path / "a.parquet", COLUMNS, ["3" * 10], 6)
    assert (found["quadkey"].str.len().max() < 100, found["tests"].dtype) == (True, np.dtype(float))
    with pytest.raises(ValueError, match="more than 5"):
        read_quadkeys(tmp_path / "a.parquet", COLUMNS, ["3" * 10], 5)
