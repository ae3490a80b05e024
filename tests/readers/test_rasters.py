"""Population rasters: what is read, and what is refused (numbers as in the list of faults)."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.transform import Affine

from coverage.base.errors import CrsError, FileRefusedError, InputError, JangkauError, ParameterError
from coverage.land.cells import Land, make_land
from coverage.land.people import from_raster
from coverage.language.words import LANGUAGES, Words
from coverage.readers.rasters import raster_on_land, read_people_raster
from tests.made_land import EAST, NORTH, UTM, make_villages, square

THREE = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype=np.float32)


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    """North-up placement by the north-western corner."""
    return Affine(width, 0.0, west, 0.0, -height, north)


@pytest.fixture(scope="module")
def land() -> Land:
    """One village of 300 by 300 m: the raster ``THREE`` exactly."""
    return make_land(make_villages(square(0, 0, 300)))


def write(
    path: Path,
    values: np.ndarray = THREE,
    *,
    nodata: float | None = -99999.0,
    crs: object = UTM,
    transform: Affine | None = None,
    tags: dict[str, str] | None = None,
    **more: object,
) -> Path:
    """A GeoTIFF of ``values``, the northern row first, over the village unless placed elsewhere."""
    place = transform or from_origin(EAST, NORTH + 100 * values.shape[-2], 100, 100)
    bands = values if values.ndim == 3 else values[None]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[-2],
        width=values.shape[-1],
        count=len(bands),
        dtype=values.dtype,
        crs=crs,
        transform=place,
        nodata=nodata,
        **more,
    ) as file:
        file.write(bands)
        file.update_tags(**(tags or {}))
    return path


def refusal(land: Land, path: Path, **more: object) -> JangkauError:
    """The error, after checking that both languages can say it with its file and a remedy."""
    with pytest.raises(JangkauError) as caught:
        raster_on_land(land, path, **more)
    error = caught.value
    for language in LANGUAGES:
        words = Words(language)
        assert path.name in words.error(error)
        assert words.has(f"error.{error.code}.remedy"), error.code
        assert "–" not in words.error(error)
    return error


def said(notes: list) -> list[str]:
    """The notes in words, after checking that both languages have them."""
    assert all("–" not in Words(language)(code, **values) for code, values in notes for language in LANGUAGES)
    return [code.removeprefix("people.note.") for code, _ in notes]


def test_people_per_cell_are_read_as_they_are(tmp_path: Path, land: Land) -> None:
    people, notes = raster_on_land(land, write(tmp_path / "penduduk.tif"))
    assert people.population.tolist() == pytest.approx([45])
    assert notes == []
    assert people.cells["people_share"].sum() == pytest.approx(1)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float64"])
def test_any_number_type_will_do(tmp_path: Path, land: Land, dtype: str) -> None:
    path = write(tmp_path / "p.tif", THREE.astype(dtype), nodata=0)
    assert raster_on_land(land, path)[0].population.tolist() == pytest.approx([45])


@pytest.mark.parametrize("nodata", [-99999.0, float("nan"), float(np.float32(-3.4028231e38)), 255.0])
def test_a_cell_without_a_value_holds_nobody(tmp_path: Path, land: Land, nodata: float) -> None:
    values = THREE.copy()
    values[1, 1] = nodata
    people, _ = raster_on_land(land, write(tmp_path / "p.tif", values, nodata=nodata))
    assert people.population.tolist() == pytest.approx([40])


def test_only_the_window_of_the_region_is_read(tmp_path: Path, land: Land) -> None:
    values = np.ones((400, 500), dtype=np.float32)
    place = from_origin(EAST - 20_000, NORTH + 20_000, 100, 100)
    path = write(tmp_path / "p.tif", values, transform=place, tiled=True, blockxsize=128, blockysize=128)
    raster, _ = read_people_raster(path, land)
    assert raster.counts.shape == (5, 5)
    assert from_raster(land, raster).population.tolist() == pytest.approx([9])


def test_a_raster_from_the_south_up_is_read_the_right_way_round(tmp_path: Path, land: Land) -> None:
    upside_down = write(tmp_path / "s.tif", THREE[::-1].copy(), transform=Affine(100, 0, EAST, 0, 100, NORTH))
    north_up = write(tmp_path / "n.tif")
    one, other = (raster_on_land(land, path)[0].cells for path in (upside_down, north_up))
    assert one["people_share"].tolist() == pytest.approx(other["people_share"].tolist())


def test_the_first_of_several_bands_counts_and_is_noted(tmp_path: Path, land: Land) -> None:
    people, notes = raster_on_land(land, write(tmp_path / "p.tif", np.stack([THREE, 10 * THREE])))
    assert people.population.tolist() == pytest.approx([45])
    assert said(notes) == ["first_band"]


def test_values_stored_with_a_scale_are_people_again(tmp_path: Path, land: Land) -> None:
    path = write(tmp_path / "p.tif", (THREE * 10).astype("int32"), nodata=-1)
    with rasterio.open(path, "r+") as file:
        file.scales = [0.1]
    assert raster_on_land(land, path)[0].population.tolist() == pytest.approx([45])


def test_61_a_raster_that_declares_more_than_a_billion_cells_is_refused(tmp_path: Path, land: Land) -> None:
    path = tmp_path / "p.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=30_000,
        width=40_000,
        count=1,
        dtype="float32",
        crs=UTM,
        transform=from_origin(EAST, NORTH, 1, 1),
        nodata=-1,
        tiled=True,
        SPARSE_OK=True,
    ):
        pass
    error = refusal(land, path)
    assert (error.code, error.details["cells"]) == ("raster.too_many_cells", 1_200_000_000)


def test_61_and_one_whose_single_block_would_fill_the_memory(tmp_path: Path, land: Land) -> None:
    path = tmp_path / "p.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=20_000,
        width=20_000,
        count=1,
        dtype="uint8",
        crs=UTM,
        transform=from_origin(EAST, NORTH, 1, 1),
        nodata=0,
        tiled=True,
        blockxsize=16_384,
        blockysize=16_384,
        compress="deflate",
        SPARSE_OK=True,
    ):
        pass
    error = refusal(land, path)
    assert (error.code, error.details) == ("raster.large_blocks", {"size": 256, "limit": 200})


def test_62_without_a_nodata_value_it_is_refused(tmp_path: Path, land: Land) -> None:
    assert refusal(land, write(tmp_path / "p.tif", nodata=None)).code == "raster.no_nodata"


def test_63_negative_people_are_refused_with_their_number(tmp_path: Path, land: Land) -> None:
    values = THREE.copy()
    values[0, :2] = -9999, -1
    error = refusal(land, write(tmp_path / "p.tif", values))
    assert (error.code, error.place.value, error.details["count"]) == ("raster.negative_people", -9999, 2)


def test_63_and_so_are_infinite_ones(tmp_path: Path, land: Land) -> None:
    values = THREE.copy()
    values[2, 2] = np.inf
    assert refusal(land, write(tmp_path / "p.tif", values)).code == "raster.not_finite"


def test_64_a_rotated_raster_is_refused(tmp_path: Path, land: Land) -> None:
    turned = Affine.translation(EAST, NORTH + 300) @ Affine.rotation(5) @ Affine.scale(100, -100)
    assert refusal(land, write(tmp_path / "p.tif", transform=turned)).code == "raster.rotated"
    mirrored = Affine(-100, 0, EAST + 300, 0, -100, NORTH + 300)
    assert refusal(land, write(tmp_path / "m.tif", transform=mirrored)).code == "raster.rotated"


@pytest.mark.parametrize(("crs", "cell"), [(4326, 1 / 1200), (3857, 100.0), ("ESRI:54009", 100.0), (32748, 30.0)])
def test_65_in_another_reference_system_nobody_is_lost(tmp_path: Path, crs: object, cell: float) -> None:
    land = make_land(make_villages(square(0, 0, 900, 1800), square(900, 0, 900, 700), square(900, 700, 900, 1100)))
    counts = np.random.default_rng(5).uniform(0, 60, (10, 12)).astype(np.float32)
    x, y = pyproj.Transformer.from_crs(UTM, crs, always_xy=True).transform(EAST + 900, NORTH + 900)
    path = write(tmp_path / "p.tif", counts, crs=crs, transform=from_origin(x - 6 * cell, y + 5 * cell, cell, cell))
    people, notes = raster_on_land(land, path)
    assert people.population.sum() == pytest.approx(counts.sum(dtype=float), rel=1e-3)
    assert said(notes)[0] == "reprojected"


def test_66_a_density_is_asked_about_and_never_guessed(tmp_path: Path, land: Land) -> None:
    by_name = write(tmp_path / "idn_pd_density_2020.tif")
    assert refusal(land, by_name).code == "raster.measure_unclear"
    by_tag = write(tmp_path / "a.tif", tags={"TITLE": "Kepadatan penduduk"})
    assert refusal(land, by_tag).code == "raster.measure_unclear"
    by_unit = write(tmp_path / "b.tif")
    with rasterio.open(by_unit, "r+") as file:
        file.units = ["people / sq km"]
    assert refusal(land, by_unit).code == "raster.measure_unclear"


@pytest.mark.parametrize(
    "name",
    [
        "idn_ppp_2020_UNadj.tif",
        "GHS_POP_E2020_54009_100.tif",
        "hasil_2024.tif",
        "idn_general_2020.tif",
        "population_per_capita.tif",
    ],
)
def test_66_names_of_counts_are_not_taken_for_density(tmp_path: Path, land: Land, name: str) -> None:
    path = write(tmp_path / name, tags={"TIFFTAG_IMAGEDESCRIPTION": "/data/hasil/kmz"})
    assert raster_on_land(land, path)[0].population.tolist() == pytest.approx([45])


def test_66_once_named_a_density_becomes_people(tmp_path: Path, land: Land) -> None:
    path = write(tmp_path / "density.tif", 100 * THREE)
    # A cell of 100 by 100 m is a hectare and a hundredth of a square kilometre.
    assert raster_on_land(land, path, "per_km2")[0].population.tolist() == pytest.approx([45], rel=1e-3)
    assert raster_on_land(land, path, "per_hectare")[0].population.tolist() == pytest.approx([4500], rel=1e-3)
    assert raster_on_land(land, path, "count")[0].population.tolist() == pytest.approx([4500])
    with pytest.raises(ParameterError, match=r"raster\.unknown_measure"):
        raster_on_land(land, path, "per_acre")  # type: ignore[arg-type]


def test_66_people_far_from_the_official_number_are_asked_about(tmp_path: Path, land: Land) -> None:
    path = write(tmp_path / "p.tif", 100 * THREE)
    error = refusal(land, path, official=50)
    assert (error.code, error.details["found"], error.details["official"]) == ("raster.far_from_official", 4500, 50)
    assert raster_on_land(land, path, "count", official=50)[0].population.tolist() == pytest.approx([4500])
    assert raster_on_land(land, path, official=4000)[0].population.tolist() == pytest.approx([4500])


def test_67_what_is_not_covered_is_noted_with_its_share(tmp_path: Path) -> None:
    land = make_land(make_villages(square(0, 0, 400, 300), square(400, 0, 200, 300)))
    people, notes = raster_on_land(land, write(tmp_path / "p.tif"))
    assert people.not_covered.tolist() == pytest.approx([0.25, 1])
    assert said(notes) == ["partly_covered", "nobody_in_raster"]
    assert notes[0][1] == {"file": "p.tif", "count": 2, "percent": 50.0}


def test_67_a_raster_of_another_region_is_refused(tmp_path: Path, land: Land) -> None:
    path = write(tmp_path / "p.tif", transform=from_origin(EAST + 50_000, NORTH, 100, 100))
    assert refusal(land, path).code == "raster.elsewhere"


def test_68_a_vrt_in_disguise_is_not_opened(tmp_path: Path, land: Land) -> None:
    secret = write(tmp_path / "rahasia.tif")
    path = tmp_path / "p.tif"
    path.write_text(
        '<VRTDataset rasterXSize="3" rasterYSize="3"><VRTRasterBand dataType="Float32" band="1">'
        f"<SimpleSource><SourceFilename>{secret}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    assert refusal(land, path).code == "raster.not_a_geotiff"


def test_a_file_beside_it_changes_nothing(tmp_path: Path, land: Land) -> None:
    path = write(tmp_path / "p.tif")
    (tmp_path / "p.tif.aux.xml").write_text(
        "<PAMDataset><PAMRasterBand band='1'><NoDataValue>9</NoDataValue></PAMRasterBand></PAMDataset>"
    )
    (tmp_path / "p.tfw").write_text("100\n0\n0\n-100\n0\n0\n")
    before = {file.name for file in tmp_path.iterdir()}
    assert raster_on_land(land, path)[0].population.tolist() == pytest.approx([45])
    assert {file.name for file in tmp_path.iterdir()} == before


def test_a_raster_without_a_reference_system_is_not_guessed(tmp_path: Path, land: Land) -> None:
    error = refusal(land, write(tmp_path / "p.tif", crs=None))
    assert (type(error), error.code) == (CrsError, "raster.no_crs")


def test_a_raster_with_neither_reference_system_nor_place_is_refused(tmp_path: Path, land: Land) -> None:
    with rasterio.open(write(tmp_path / "p.tif")) as source:
        values = source.read()
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(
            tmp_path / "q.tif", "w", driver="GTiff", height=3, width=3, count=1, dtype="float32", nodata=-1
        ) as file,
    ):
        file.write(values)
    assert refusal(land, tmp_path / "q.tif").code == "raster.no_crs"


def test_complex_numbers_are_no_people(tmp_path: Path, land: Land) -> None:
    assert refusal(land, write(tmp_path / "p.tif", THREE.astype("complex64"), nodata=0)).code == "raster.not_numbers"


def test_a_missing_file_is_named(tmp_path: Path, land: Land) -> None:
    assert refusal(land, tmp_path / "tidak-ada.tif").code == "file.not_found"


def test_75_a_truncated_file_is_refused_and_never_read_in_part(tmp_path: Path, land: Land) -> None:
    whole = write(
        tmp_path / "w.tif",
        np.random.default_rng(1).uniform(0, 9, (300, 300)).astype(np.float32),
        transform=from_origin(EAST - 10_000, NORTH + 20_300, 100, 100),
        compress="deflate",
    ).read_bytes()
    for part in (0.2, 0.5, 0.9, 0.99):
        path = tmp_path / "p.tif"
        path.write_bytes(whole[: int(len(whole) * part)])
        try:
            people, _ = raster_on_land(land, path)
        except FileRefusedError:
            continue
        assert people.population.tolist() == raster_on_land(land, tmp_path / "w.tif")[0].population.tolist()


def test_75_of_damaged_files_only_our_own_errors_come_out(tmp_path: Path, land: Land) -> None:
    random = np.random.default_rng(75)
    whole = write(
        tmp_path / "w.tif",
        random.uniform(0, 9, (30, 30)).astype(np.float32),
        compress="deflate",
        transform=from_origin(EAST - 1000, NORTH + 1500, 100, 100),
    ).read_bytes()
    refused = 0
    for _ in range(200):
        content = bytearray(whole)
        for at in random.integers(0, min(700, len(content)), 3):
            content[at] = random.integers(0, 256)
        (tmp_path / "p.tif").write_bytes(content)
        try:
            raster_on_land(land, tmp_path / "p.tif")
        except InputError:
            refused += 1
    assert refused > 50


@pytest.mark.slow
def test_blitar_on_a_raster_in_degrees_agrees_with_exactextract_in_every_village(shared: Path, tmp_path: Path) -> None:
    import exactextract

    villages = gpd.read_file(shared / "blitar" / "villages_bps_2020.geojson")
    villages = villages[~villages["village_code"].str.endswith("999")].reset_index(drop=True)
    villages["village_code_bps"] = villages["village_code"].str[2:]
    west, south, east, north = villages.total_bounds
    cell = 1 / 1200
    shape = (int((north - south) / cell) + 4, int((east - west) / cell) + 4)
    # People in clumps, as they live: most cells empty, some crowded.
    values = np.random.default_rng(2).gamma(0.15, 40, shape).astype(np.float32)
    path = write(
        tmp_path / "p.tif",
        values,
        crs=4326,
        transform=from_origin(west - cell, north + cell, cell, cell),
        compress="deflate",
        tiled=True,
    )
    people, _ = raster_on_land(make_land(villages), path)
    exact = exactextract.exact_extract(str(path), villages.to_crs(4326), ["sum"], output="pandas")["sum"].to_numpy()
    assert people.population == pytest.approx(exact, rel=1e-3)
    assert people.population.sum() == pytest.approx(exact.sum(), rel=1e-5)
