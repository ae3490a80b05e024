"""Points of public facilities."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from coverage.base.errors import InputError
from coverage.readers.points import read_points


def write(folder: Path, text: str, name: str = "angka.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_points_from_a_table_and_from_a_map(tmp_path: Path) -> None:
    table = read_points(write(tmp_path, 'nama,bujur,lintang\nSDN 1,112.5,-7.5\nSDN 2,,\nSDN 3,"113,25","-7,5"\n'))
    assert [(p.x, p.y) for p in table.geometry] == [(112.5, -7.5), (113.25, -7.5)]
    path = tmp_path / "sekolah.geojson"
    gpd.GeoDataFrame(geometry=[box(112, -8, 113, -7)], crs="EPSG:4326").to_file(path)
    assert read_points(path).geometry.iloc[0].within(box(112, -8, 113, -7))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nama,tempat\nSDN 1,Blitar\nSDN 2,Wates\n", "criteria.no_coordinates"),
        ("nama,lon,lat\nSDN 1,-8.1,112.2\n", "criteria.outside_earth"),
    ],
)
def test_points_without_a_place_are_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_points(write(tmp_path, text))
    assert refused.value.code == code
