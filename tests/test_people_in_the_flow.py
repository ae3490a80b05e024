"""A population raster through the whole flow."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from coverage.base.errors import FileRefusedError
from coverage.base.schema import CELLS, VILLAGES, check
from coverage.exports.provenance import provenance
from coverage.language.words import Words
from coverage.readers.parameters import read_parameters
from coverage.run.analysis import analyze
from coverage.run.inputs import load_inputs


def make_raster(path: Path, bounds: tuple[float, float, float, float], people: float) -> Path:
    """A raster of 0.01 degree around ``bounds``, its people all in every second column."""
    west, south, east, north = bounds
    shape = (int((north - south) / 0.01) + 3, int((east - west) / 0.01) + 3)
    values = np.zeros(shape, dtype=np.float32)
    values[:, ::2] = people / (shape[0] * len(range(0, shape[1], 2)))
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=shape[0],
        width=shape[1],
        count=1,
        dtype="float32",
        crs=4326,
        transform=Affine(0.01, 0, west - 0.01, 0, -0.01, north + 0.01),
        nodata=-1,
    ) as file:
        file.write(values, 1)
    return path


@pytest.mark.slow
def test_official_figures_stay_and_the_raster_says_where_people_live(tmp_path: Path) -> None:
    plain = load_inputs()
    raster = make_raster(tmp_path / "p.tif", tuple(plain.villages.total_bounds), 2_000_000)
    inputs = load_inputs(people=raster)
    found, even = analyze(inputs, read_parameters()), analyze(plain, read_parameters())
    check(found.cells, CELLS)
    assert found.run["counts"]["population"] == even.run["counts"]["population"] == 1_223_745
    assert found.cells.groupby("village_position")["people_share"].sum().to_numpy() == pytest.approx(1)
    assert "even_people" in even.run["approximations"]
    assert "even_people" not in found.run["approximations"]
    assert "people.note.reprojected" in [note["code"] for note in found.run["notes"]]
    assert found.run["run_id"] != even.run["run_id"]
    services = [table.query("service == 'public_wifi'") for table in (found.village_service, even.village_service)]
    assert services[0]["share_area_served"].tolist() == pytest.approx(services[1]["share_area_served"].tolist())
    assert services[0]["share_served"].tolist() != pytest.approx(services[1]["share_served"].tolist(), rel=1e-3)


@pytest.mark.slow
def test_a_density_taken_for_counts_is_asked_about(tmp_path: Path) -> None:
    raster = make_raster(tmp_path / "p.tif", tuple(load_inputs().villages.total_bounds), 200_000_000)
    with pytest.raises(FileRefusedError) as caught:
        analyze(load_inputs(people=raster), read_parameters())
    assert caught.value.code == "raster.far_from_official"
    analyze(load_inputs(people=raster, people_measure="per_km2"), read_parameters())


def test_where_no_figure_is_known_the_raster_gives_it(shared: Path, tmp_path: Path) -> None:
    region = shared / "bogor" / "villages_bps_2020.geojson"
    raster = make_raster(tmp_path / "p.tif", tuple(load_inputs(region).villages.total_bounds), 1_000_000)
    found = analyze(load_inputs(region, people=raster), read_parameters())
    check(found.villages, VILLAGES)
    assert set(found.villages["population_basis"]) == {"raster"}
    assert 300_000 < found.run["counts"]["population"] < 1_000_000
    assert "no_people" not in found.run["approximations"]


@pytest.mark.slow
def test_people_of_two_villages_are_said_to_be_known_for_two() -> None:
    inputs = load_inputs()
    some = inputs.villages["population"].where(np.arange(len(inputs.villages)) < 2)
    given = replace(inputs, villages=inputs.villages.assign(population=some), population_estimated=False)
    found = analyze(given, read_parameters())
    assert found.run["counts"]["population"] is None
    assert not {"no_people", "estimated_people"} & set(found.run["approximations"])
    for language, told in (("id", "hanya diketahui untuk 2 dari 248 desa"), ("en", "known for 2 of 248 villages only")):
        assert any(told in text for text in provenance(found, Words(language)).approximations)
