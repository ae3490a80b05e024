"""Figures that a planner brings: codes of either system, numbers as offices write them, points of facilities."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from coverage.base.errors import InputError
from coverage.readers.criteria import read_criteria, read_points


@pytest.fixture
def villages() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "village_code_bps": ["3505010001", "3505010002", "3505010003"],
            "village_code_kemendagri": ["35.05.01.2001", "35.05.01.2002", None],
        },
        geometry=[box(112 + i, -8, 112.9 + i, -7) for i in range(3)],
        crs="EPSG:4326",
    )


def write(folder: Path, text: str, name: str = "angka.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_every_column_of_numbers_may_become_a_criterion(tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
    path = write(
        tmp_path,
        "no;kode_bps;desa;miskin;jalan rusak (km);ket\n1;3505010002;B;12,5;1.234,5;x\n"
        "2;3505010001;A;;3;y\n3;9999999999;lain;5;6;z\n",
    )
    table = read_criteria(path, villages)
    assert list(table.columns) == ["miskin", "jalan rusak (km)"]
    assert list(table.index) == ["3505010001", "3505010002"]
    assert np.isnan(table.loc["3505010001", "miskin"])  # empty is unknown, not zero
    assert table.loc["3505010002"].tolist() == [12.5, 1234.5]


def test_kemendagri_codes_are_found_through_the_villages(tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
    table = read_criteria(
        write(tmp_path, "kode_kemendagri,indeks\n35.05.01.2002,0.7\n35.05.01.2001,1.234.567\n"), villages
    )
    assert table["indeks"].to_dict() == {"3505010001": 1_234_567.0, "3505010002": 0.7}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nama,miskin\nA,1\nB,2\n", "criteria.no_code"),
        ("kode_bps,miskin\n1234567890,1\n1234567891,2\n", "criteria.no_village"),
        ("kode_bps,miskin\n3505010001,1\n3505010001,2\n", "criteria.village_twice"),
        ("kode_bps,miskin\n3505010001,tinggi\n3505010002,2\n", "criteria.no_numbers"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, villages: gpd.GeoDataFrame, text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_criteria(write(tmp_path, text), villages)
    assert refused.value.code == code


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


@pytest.mark.slow
def test_own_figures_decide_the_order_from_the_command_line(tmp_path: Path) -> None:
    from coverage.base.parameters import Criterion
    from coverage.readers.parameters import read_parameters
    from coverage.run.analysis import analyze
    from coverage.run.inputs import load_inputs, with_criteria

    plain, parameters = load_inputs(), read_parameters()
    own = Criterion(name="miskin", weight=1.0, source="kantor")
    only = parameters.model_copy(update={"priority": parameters.priority.model_copy(update={"criteria": (own,)})})
    listed = analyze(plain, parameters).priority["village_code_bps"]
    poorest = listed.iloc[-1]
    rows = "\n".join(f"{code},{80 if code == poorest else 20}" for code in listed)
    school = write(tmp_path, "lon,lat\n112.2,-8.1\n", "sekolah.csv")
    inputs = with_criteria(plain, write(tmp_path, f"kode_bps,miskin\n{rows}\n"), school)
    run = analyze(inputs, only)
    assert run.priority["village_code_bps"].iloc[0] == poorest
    assert {"angka.csv", "sekolah.csv"} <= set(run.run["inputs"])
    assert pd.notna(inputs.criteria).loc[:, "facilities"].all()
    assert inputs.criteria["facilities"].sum() == 1
    assert run.run["run_id"] != analyze(plain, parameters).run["run_id"]
