"""Settlement points and building footprints as the places where people live."""

import gzip
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.base.errors import ColumnError, FileRefusedError, RowError
from coverage.land.cells import Land, make_land
from coverage.language.words import LANGUAGES, Words
from coverage.readers import footprints
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


def lines_of(path: Path, shapes: list, height: float = -1.0) -> Path:
    """Buildings in metres from the corner as Microsoft publishes them: a feature a line, plain or packed."""
    placed = [shapely.transform(shape, lambda p: p + np.array([EAST, NORTH])) for shape in shapes]
    told = {"type": "Feature", "properties": {"height": height, "confidence": -1.0}}
    degrees = gpd.GeoSeries(placed, crs=UTM).to_crs(4326)
    text = "".join(json.dumps({**told, "geometry": shapely.geometry.mapping(shape)}) + "\n" for shape in degrees)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


BUILDINGS = [square(10, 10, 20, 10), square(120, 10, 20, 30), square(250, 10, 10), square(350, 10, 10)]


@pytest.mark.parametrize("name", ["b.geojsonl", "b.csv.gz", "b.csv", "b.geojson"])
def test_footprints_a_line_count_as_the_same_polygons_do(tmp_path: Path, land: Land, name: str) -> None:
    path = lines_of(tmp_path / name, [*BUILDINGS, square(900, 10, 10)])
    assert tells_where_people_live(path)
    found, notes = people_on_land(land, path)
    assert found.cells["people_share"].tolist() == pytest.approx([0.25, 0.75, 0.5, 0.5], abs=1e-6)
    assert notes == [("people.note.points_outside", {"file": name, "count": 1})]


def test_open_buildings_as_published_count_alike_plain_and_packed(tmp_path: Path, land: Land) -> None:
    placed = [shapely.transform(shape, lambda p: p + np.array([EAST, NORTH])) for shape in BUILDINGS]
    degrees = gpd.GeoSeries(placed, crs=UTM).to_crs(4326)
    centres = shapely.centroid(degrees.to_numpy())
    table = pd.DataFrame({"latitude": shapely.get_y(centres), "longitude": shapely.get_x(centres)})
    table = table.assign(
        area_in_meters=gpd.GeoSeries(placed).area, confidence=0.8, geometry=degrees.to_wkt(rounding_precision=-1)
    )
    for name in ("b.csv", "b.csv.gz"):
        table.to_csv(tmp_path / name, index=False)
        found, _ = people_on_land(land, tmp_path / name)
        assert found.cells["people_share"].tolist() == pytest.approx([0.25, 0.75, 0.5, 0.5], abs=1e-6)


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[112,-8]}}',
        '{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[1e9,0],[1,0],[1,1],[1e9,0]]]}}',
        '{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[100,0],[120,0],[120,9],[100,0]]]}}',
        '{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[112,0],[112.02,0],[112,0.02],[112,0]]]}}',
        '{"type":"Feature","prop',
        '{"type":"Feature","properties":{},"geometry":null}',
    ],
)
def test_a_row_that_is_no_building_is_refused_by_its_number(tmp_path: Path, land: Land, line: str) -> None:
    path = lines_of(tmp_path / "b.geojsonl", BUILDINGS)
    path.write_text(path.read_text() + "\n" + line + "\n")
    with pytest.raises(RowError) as caught:
        people_on_land(land, path)
    assert (caught.value.code, caught.value.place.row) == ("footprints.bad_row", 6)
    assert all(Words(language).has("error.footprints.bad_row.remedy") for language in LANGUAGES)


def test_footprints_cut_off_or_of_elsewhere_are_refused(tmp_path: Path, land: Land) -> None:
    path = lines_of(tmp_path / "b.csv.gz", BUILDINGS * 50)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileRefusedError, match="file.unreadable"):
        people_on_land(land, path)
    with pytest.raises(FileRefusedError, match="people.places_elsewhere"):
        people_on_land(land, lines_of(tmp_path / "c.geojsonl", [square(90_000, 0, 10)]))


@pytest.mark.parametrize("name", ["c.csv", "c.csv.gz"])
def test_a_table_of_no_footprint_has_none_here(tmp_path: Path, land: Land, name: str) -> None:
    head = b"latitude,longitude,area_in_meters,confidence,geometry\n"
    (tmp_path / name).write_bytes(gzip.compress(head) if name.endswith("gz") else head)
    with pytest.raises(FileRefusedError, match="people.places_elsewhere"):
        people_on_land(land, tmp_path / name)


def test_lines_are_read_by_number_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lines_of(tmp_path / "b.geojsonl", BUILDINGS)
    monkeypatch.setattr(footprints, "PART_BYTES", 500)
    everywhere = (-180.0, -90.0, 180.0, 90.0)
    assert [part.read for part in footprints.read_footprints(path, everywhere)] == [2, 2]
    monkeypatch.setattr(footprints, "MOST", 100)
    path.write_text(path.read_text() + "\n" * 97)
    with pytest.raises(FileRefusedError, match=r"footprints\.too_many"):
        list(footprints.read_footprints(path, everywhere))


def test_a_line_that_does_not_end_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lines_of(tmp_path / "b.geojsonl", BUILDINGS)
    monkeypatch.setattr(footprints, "LONGEST", 1000)
    path.write_text(path.read_text() + " " * 5000 + "\n")
    with pytest.raises(RowError) as caught:
        list(footprints.read_footprints(path, (-180.0, -90.0, 180.0, 90.0)))
    assert (caught.value.code, caught.value.place.row) == ("footprints.bad_row", 5)


@pytest.mark.parametrize(("told", "height"), [("6.5", 6.5), ("1.2e1", 12), ("0", None), ("500", None), ("9e9", None)])
def test_no_building_is_half_a_kilometre_high(tmp_path: Path, told: str, height: float | None) -> None:
    path = lines_of(tmp_path / "b.geojsonl", BUILDINGS[:1])
    path.write_text(path.read_text().replace("-1.0", told, 1))
    (part,) = footprints.read_footprints(path, (-180.0, -90.0, 180.0, 90.0))
    assert part.height_m.tolist() == pytest.approx([np.nan if height is None else height], nan_ok=True)
