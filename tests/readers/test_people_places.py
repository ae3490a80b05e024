"""Settlement points and building footprints as the places where people live."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.base.errors import ColumnError, FileRefusedError
from coverage.land.cells import Land, make_land
from coverage.language.words import LANGUAGES, Words
from coverage.readers.people_places import people_on_land, places_on_land, tells_where_people_live
from tests.made_land import EAST, NORTH, UTM, make_villages, square


@pytest.fixture(scope="module")
def land() -> Land:
    """Two villages of two cells each, side by side."""
    return make_land(make_villages(square(0, 0, 200, 100), square(200, 0, 200, 100)))


def write(path: Path, shapes: list, **columns: list) -> Path:
    """Shapes in metres from the corner, as GeoJSON in degrees."""
    placed = [shapely.transform(shape, lambda p: p + np.array([EAST, NORTH])) for shape in shapes]
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(placed, crs=UTM)).to_crs(4326)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": json.loads(frame.to_json())["features"]}))
    return path


def test_points_of_settlement_count_alike(tmp_path: Path, land: Land) -> None:
    found, notes = places_on_land(land, write(tmp_path / "p.geojson", [shapely.Point(x, 50) for x in (10, 20, 150)]))
    assert found.cells["people_share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0.5, 0.5])
    assert [code for code, _ in notes] == ["people.note.nobody_at_points"]
    assert np.isnan(found.population).all()


def test_buildings_count_by_their_area(tmp_path: Path, land: Land) -> None:
    buildings = [square(10, 10, 20, 10), square(120, 10, 20, 30), square(250, 10, 10), square(350, 10, 10)]
    found, notes = people_on_land(land, write(tmp_path / "b.geojson", buildings))
    assert found.cells["people_share"].tolist() == pytest.approx([0.25, 0.75, 0.5, 0.5])
    assert notes == []


def test_hamlets_with_a_column_of_people_give_the_population(tmp_path: Path, land: Land) -> None:
    hamlets = [shapely.Point(x, 50) for x in (10, 150, 250, 900)]
    path = write(tmp_path / "d.geojson", hamlets, Penduduk=[30, 10, None, 5])
    found, notes = places_on_land(land, path)
    assert found.population.tolist() == [40, 0]
    assert [code for code, _ in notes] == ["people.note.points_outside", "people.note.nobody_at_points"]
    assert all("–" not in Words(language)(code, **values) for code, values in notes for language in LANGUAGES)


@pytest.mark.parametrize("value", ["banyak", -3, float("inf")])
def test_a_number_of_people_that_is_none_is_refused_with_its_row(tmp_path: Path, land: Land, value: object) -> None:
    path = tmp_path / "d.parquet"
    points = gpd.GeoSeries([shapely.Point(EAST + x, NORTH + 50) for x in (10, 150)], crs=UTM)
    people = pd.Series([1, value]) if not isinstance(value, str) else pd.Series(["1", value])
    gpd.GeoDataFrame({"jiwa": people}, geometry=points).to_parquet(path)
    with pytest.raises(ColumnError) as caught:
        places_on_land(land, path)
    assert (caught.value.code, caught.value.place.row) == ("people.bad_place_number", 2)


def test_lines_and_places_elsewhere_are_refused(tmp_path: Path, land: Land) -> None:
    for shapes, code in (
        ([shapely.LineString([(0, 0), (50, 50)])], "people.lines"),
        ([shapely.Point(9000, 50)], "people.places_elsewhere"),
    ):
        with pytest.raises(FileRefusedError) as caught:
            places_on_land(land, write(tmp_path / "p.geojson", shapes))
        assert caught.value.code == code
        assert all(Words(language).has(f"error.{code}.remedy") for language in LANGUAGES)


def test_a_table_is_not_taken_for_a_map() -> None:
    assert [tells_where_people_live(Path(name)) for name in ("a.csv", "a.xlsx", "A.TIF", "a.gpkg")] == [
        False,
        False,
        True,
        True,
    ]
