"""Elevation: tiles of every kind made into one grid, small voids filled, and what is refused."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine

from coverage.base.errors import CrsError, FileRefusedError, InputError, JangkauError
from coverage.land.buildings import BuiltLand
from coverage.land.cells import Land, make_land
from coverage.language.words import LANGUAGES, Words
from coverage.reach.link_budget import Clutter, Legend
from coverage.reach.terrain import Terrain
from coverage.readers.elevation import read_terrain
from coverage.readers.parameters import read_parameters
from tests.examples import examples
from tests.made_land import EAST, NORTH, UTM, make_villages, square

SIDE = 3000.0
"""The land is a square of 3 km; heights are read 1 km beyond."""


@pytest.fixture(scope="module")
def land() -> Land:
    return make_land(make_villages(square(0, 0, SIDE)))


def heights(columns: int, rows: int, cell_m: float, west: float, north: float) -> np.ndarray:
    """A plane that rises by 10 m a km to the east and 20 m a km to the north, 100 m at the land's corner."""
    x = west + (np.arange(columns) + 0.5) * cell_m - EAST
    y = north - (np.arange(rows) + 0.5) * cell_m - NORTH
    return np.asarray(100 + 0.01 * x[None, :] + 0.02 * y[:, None], dtype=np.float32)


def write(
    path: Path,
    west: float = -1500.0,
    width: float = 6000.0,
    cell_m: float = 30.0,
    *,
    nodata: float | None = -9999.0,
    crs: object = UTM,
    values: np.ndarray | None = None,
    place: Affine | None = None,
    dtype: str = "float32",
    **more: object,
) -> Path:
    """A GeoTIFF of the plane, from ``west`` metres east of the corner, 1.5 km beyond the land to the north and south."""
    columns, rows = round(width / cell_m), round(6000 / cell_m)
    grid = heights(columns, rows, cell_m, EAST + west, NORTH + 4500) if values is None else values
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=grid.shape[1],
        height=grid.shape[0],
        count=1,
        dtype=dtype,
        crs=crs,
        nodata=nodata,
        transform=place or Affine(cell_m, 0, EAST + west, 0, -cell_m, NORTH + 4500),
        **more,
    ) as file:
        file.write(grid.astype(dtype), 1)
    return path


def read(land: Land, *files: Path, **more: object) -> tuple[Terrain, dict[str, dict[str, object]]]:
    """Terrain and notes by code, after checking that both languages can say them."""
    terrain, notes = read_terrain(land, files, 1000.0, 30.0, **more)
    assert all("–" not in Words(language)(code, **values) for code, values in notes for language in LANGUAGES)
    return terrain, dict(notes)


def plane_error_m(terrain: Terrain) -> float:
    """Largest difference between the terrain and the plane, where it is known."""
    rows, columns = terrain.shape
    x = terrain.x0 + (np.arange(columns) + 0.5) * terrain.cell_m - EAST
    y = terrain.y0 + (np.arange(rows) + 0.5) * terrain.cell_m - NORTH
    wrong = np.abs(terrain.height_m - (100 + 0.01 * x[None, :] + 0.02 * y[:, None]))
    return float(wrong[terrain.known].max() if terrain.known is not None else wrong.max())


def refusal(land: Land, *files: Path, **more: object) -> JangkauError:
    """The error, after checking that both languages can say it with its file and a remedy."""
    with pytest.raises(JangkauError) as caught:
        read_terrain(land, files, 1000.0, 30.0, **more)
    for language in LANGUAGES:
        words = Words(language)
        assert files[-1].name in words.error(caught.value) or more
        assert words.has(f"error.{caught.value.code}.remedy")
        assert "–" not in words.error(caught.value)
    return caught.value


def test_the_window_holds_the_land_and_what_lies_around_it(land: Land, tmp_path: Path) -> None:
    terrain, notes = read(land, write(tmp_path / "d.tif"))
    assert terrain.cell_m == 30
    assert terrain.x0 <= EAST - 1000 < terrain.x0 + 60
    assert terrain.y0 <= NORTH - 1000 < terrain.y0 + 60
    assert all(count in (167, 168) for count in terrain.shape)
    assert terrain.known is None
    assert plane_error_m(terrain) < 0.02
    assert notes == {}


def test_a_dem_in_degrees_is_brought_to_the_zone(land: Land, tmp_path: Path) -> None:
    to_degrees = pyproj.Transformer.from_crs(UTM, 4326, always_xy=True)
    west, north = to_degrees.transform(EAST - 2000, NORTH + 5000)
    step, count = 1 / 3600, 260
    lon, lat = np.meshgrid(west + (np.arange(count) + 0.5) * step, north - (np.arange(count) + 0.5) * step)
    x, y = pyproj.Transformer.from_crs(4326, UTM, always_xy=True).transform(lon, lat)
    grid = 100 + 0.01 * (x - EAST) + 0.02 * (y - NORTH)
    file = write(
        tmp_path / "glo30.tif", values=grid, crs=4326, place=Affine(step, 0, west, 0, -step, north), nodata=None
    )
    terrain, notes = read(land, file)
    assert plane_error_m(terrain) < 0.1
    assert list(notes) == ["elevation.note.no_nodata"]


def test_fine_cells_are_averaged_and_coarse_ones_kept(land: Land, tmp_path: Path) -> None:
    fine, _ = read(land, write(tmp_path / "demnas.tif", cell_m=7.5))
    assert fine.cell_m == 30
    assert plane_error_m(fine) < 0.2
    coarse, notes = read(land, write(tmp_path / "srtm3.tif", west=-1800, width=6600, cell_m=120.0))
    assert coarse.cell_m == 120
    assert plane_error_m(coarse) < 0.2
    assert notes["elevation.note.coarse"]["metres"] == 120


def test_tiles_are_joined_without_a_seam_whatever_their_order(land: Land, tmp_path: Path) -> None:
    west = write(tmp_path / "a.tif", west=-1500, width=3000)
    east = write(tmp_path / "b.tif", west=1500, width=3000)
    one, notes = read(land, west, east)
    other, _ = read(land, east, west)
    assert notes == {}
    assert (one.height_m == other.height_m).all()
    assert one.known is None
    assert plane_error_m(one) < 0.35  # half a cell beside the seam


def test_where_tiles_overlap_the_finest_counts(land: Land, tmp_path: Path) -> None:
    whole = write(tmp_path / "kasar.tif", west=-1800, width=6600, cell_m=120.0, values=np.full((50, 55), 7.0))
    fine = write(tmp_path / "halus.tif", west=0, width=1500)
    terrain, _ = read(land, whole, fine)
    row, column = terrain.indices(np.array([EAST + 700.0, EAST + 2500.0]), np.array([NORTH + 1500.0] * 2))
    assert terrain.height_m[row, column].tolist() == pytest.approx([137, 7], abs=0.5)


@pytest.mark.slow
def test_an_hgt_tile_is_read_by_its_name(land: Land, tmp_path: Path) -> None:
    # 3601 points from 111 to 112 degrees east and 9 to 8 south, on the degrees themselves.
    lon, lat = np.meshgrid(111 + np.arange(3601) / 3600, -8 - np.arange(3601) / 3600)
    x, y = pyproj.Transformer.from_crs(4326, UTM, always_xy=True).transform(lon, lat)
    values = np.rint(100 + 0.01 * (x - EAST) + 0.02 * (y - NORTH))
    values[:2] = -32768
    file = tmp_path / "S09E111.hgt"
    values.astype(">i2").tofile(file)
    terrain, _ = read(land, file)
    assert plane_error_m(terrain) < 0.6
    assert refusal(land, _cut(file, tmp_path / "S09E112.hgt")).code == "elevation.bad_hgt"
    other = tmp_path / "tinggi.hgt"
    other.write_bytes(file.read_bytes())
    assert refusal(land, other).code == "elevation.bad_hgt"
    assert refusal(land, tmp_path / "S01E101.hgt").code == "file.not_found"


def _cut(file: Path, into: Path) -> Path:
    into.write_bytes(file.read_bytes()[:-1000])
    return into


def test_a_small_void_is_filled_and_told_and_a_large_one_stays_unknown(land: Land, tmp_path: Path) -> None:
    grid = heights(200, 200, 30.0, EAST - 1500, NORTH + 4500)
    grid[100:104, 100:106] = -9999
    filled, notes = read(land, write(tmp_path / "kecil.tif", values=grid))
    assert filled.known is None
    assert 20 <= notes["elevation.note.filled"]["count"] <= 48
    assert plane_error_m(filled) < 1.5
    grid[60:110, 60:110] = -9999
    left, notes = read(land, write(tmp_path / "besar.tif", values=grid))
    assert left.known is not None
    assert (~left.known).sum() == pytest.approx(2500, rel=0.1)
    # The void of 1,500 by 1,500 m lies in the land of 3,000 by 3,000 m, but for its northern 300 m.
    assert notes["elevation.note.partly_covered"]["percent"] == pytest.approx(25, abs=3)


def test_how_small_a_void_is_counts_in_metres_not_in_cells(land: Land, tmp_path: Path) -> None:
    """Twelve cells of 270 m are 3 km: what lies in them was taken from the rim and decided whether people are served."""
    grid = heights(30, 30, 270.0, EAST - 3000, NORTH + 4500)
    grid[8:20, 8:20] = -9999
    left, notes = read(land, write(tmp_path / "kasar.tif", west=-3000, cell_m=270.0, values=grid))
    assert left.known is not None
    assert "elevation.note.filled" not in notes


def test_a_place_without_height_holds_no_tower(land: Land, tmp_path: Path) -> None:
    terrain, _ = read(land, write(tmp_path / "barat.tif", west=-1500, width=3000))
    row, column = terrain.indices(np.array([EAST + 500.0, EAST + 2500.0]), np.array([NORTH + 500.0] * 2))
    assert terrain.holds(row, column).tolist() == [True, False]
    with pytest.raises(InputError) as refused:
        terrain.profile((EAST + 500, NORTH + 500), (EAST + 2500, NORTH + 500))
    assert refused.value.code == "terrain.outside"


def test_a_file_beside_the_region_is_told_of(land: Land, tmp_path: Path) -> None:
    _, notes = read(land, write(tmp_path / "d.tif"), write(tmp_path / "jauh.tif", west=90_000))
    assert notes["elevation.note.elsewhere"]["file"] == "jauh.tif"
    assert refusal(land, write(tmp_path / "jauh.tif", west=90_000)).code == "raster.elsewhere"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"place": Affine(30, 5, EAST - 1500, 5, -30, NORTH + 4500)}, "raster.rotated"),
        ({"values": np.full((200, 200), -32768.0), "nodata": None}, "elevation.implausible"),
        ({"values": np.full((200, 200), 12_000.0)}, "elevation.implausible"),
        ({"values": np.full((200, 200), -9999.0)}, "raster.elsewhere"),
    ],
)
def test_what_is_no_ground_is_refused(land: Land, tmp_path: Path, how: dict[str, object], code: str) -> None:
    assert refusal(land, write(tmp_path / "d.tif", **how)).code == code


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [
        ("int16", None),
        ("int16", -32768.0),
        ("uint8", None),
        ("float64", None),
        ("float64", float("nan")),
        ("uint16", 0.0),
    ],
)
def test_any_number_type_will_do_with_or_without_a_nodata_value(
    land: Land, tmp_path: Path, dtype: str, nodata: float | None
) -> None:
    values = np.full((200, 200), 200.0)
    terrain, notes = read(land, write(tmp_path / "d.tif", values=values, dtype=dtype, nodata=nodata))
    assert (terrain.height_m == 200).all()
    assert list(notes) == (["elevation.note.no_nodata"] if nodata is None else [])


def test_metres_declared_as_degrees_are_refused(land: Land, tmp_path: Path) -> None:
    assert refusal(land, write(tmp_path / "d.tif", crs=4326)).code == "geofile.metres_as_degrees"


def test_a_raster_from_the_south_up_is_read_the_right_way_round(land: Land, tmp_path: Path) -> None:
    grid = heights(200, 200, 30.0, EAST - 1500, NORTH + 4500)[::-1]
    terrain, _ = read(
        land, write(tmp_path / "d.tif", values=grid, place=Affine(30, 0, EAST - 1500, 0, 30, NORTH - 1500))
    )
    assert plane_error_m(terrain) < 0.02


def test_one_forgotten_mark_of_a_void_is_enough_to_refuse(land: Land, tmp_path: Path) -> None:
    grid = heights(200, 200, 30.0, EAST - 1500, NORTH + 4500)
    grid[100, 100] = -32768
    error = refusal(land, write(tmp_path / "d.tif", values=grid, nodata=None))
    assert error.code == "elevation.implausible"
    # As it stands in the file, so that the remedy works: resampled it would be mixed with its neighbours.
    assert (error.place.value, error.details["count"]) == (-32768, 1)


@pytest.mark.parametrize(
    ("dtype", "mark", "declared"),
    [("float32", -32767, -9999.0), ("int16", -9999, None), ("float32", -3.4028234663852886e38, None)],
)
def test_the_remedy_for_undeclared_voids_works(
    land: Land, tmp_path: Path, dtype: str, mark: float, declared: float | None
) -> None:
    grid = heights(200, 200, 30.0, EAST - 1500, NORTH + 4500)
    grid[60:110, 60:110] = mark
    error = refusal(land, write(tmp_path / "d.tif", values=grid, dtype=dtype, nodata=declared))
    assert (error.code, error.place.value, error.details["count"]) == ("elevation.implausible", mark, 2500)
    mended, _ = read(land, write(tmp_path / "e.tif", values=grid, dtype=dtype, nodata=error.place.value))
    assert mended.known is not None
    assert (~mended.known).sum() == pytest.approx(2500, rel=0.1)


def test_heights_above_the_highest_mountain_are_told_to_be_in_feet(land: Land, tmp_path: Path) -> None:
    grid = heights(200, 200, 30.0, EAST - 1500, NORTH + 4500)
    grid[50:60, 50:60] = 1723
    error = refusal(land, write(tmp_path / "kaki.tif", values=grid / 0.3048))
    assert (error.code, error.place.value) == ("elevation.feet", 5653)
    read(land, write(tmp_path / "meter.tif", values=grid))


def test_a_plateau_of_zeros_far_below_its_rim_is_told_and_a_low_shore_is_not(land: Land, tmp_path: Path) -> None:
    grid = heights(200, 200, 30.0, EAST - 1500, NORTH + 4500)
    grid[60:110, 60:110] = 0
    _, notes = read(land, write(tmp_path / "nol.tif", values=grid, nodata=None))
    assert notes["elevation.note.zeros"]["villages"] == 1
    shore = np.clip(np.arange(200)[:, None] * np.ones(200) * 0.05 - 4, 0, None)
    _, notes = read(land, write(tmp_path / "pantai.tif", values=shore))
    assert "elevation.note.zeros" not in notes


def test_without_a_reference_system_and_other_files_are_refused(land: Land, tmp_path: Path) -> None:
    with pytest.raises(CrsError) as refused:
        read(land, write(tmp_path / "d.tif", crs=None))
    assert refused.value.code == "raster.no_crs"
    disguise = tmp_path / "v.tif"
    disguise.write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>', "utf-8")
    assert refusal(land, disguise).code == "raster.not_a_geotiff"
    assert refusal(land, tmp_path / "tidak_ada.tif").code == "file.not_found"


def test_more_than_a_thousand_million_cells_are_refused(land: Land, tmp_path: Path) -> None:
    path = tmp_path / "besar.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=40_000,
        height=40_000,
        count=1,
        dtype="uint8",
        crs=UTM,
        nodata=0,
        sparse_ok=True,
        tiled=True,
        transform=Affine(1, 0, EAST, 0, -1, NORTH),
    ):
        pass
    assert refusal(land, path).code == "raster.too_many_cells"


def test_a_local_system_that_lies_nowhere_on_earth_is_refused(land: Land, tmp_path: Path) -> None:
    path = write(tmp_path / "lokal.tif", crs='LOCAL_CS["site grid",UNIT["metre",1]]')
    error = refusal(land, path)
    assert isinstance(error, CrsError)
    assert error.code == "geofile.unknown_crs"


def test_a_file_cut_short_is_refused(land: Land, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.tif", compress="deflate", tiled=True, blockxsize=16, blockysize=16)
    for share in (0.1, 0.5, 0.9):
        part = tmp_path / "potong.tif"
        part.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        assert isinstance(refusal(land, part), FileRefusedError)


@settings(max_examples=examples(60))
@given(places=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_damaged_file_raises_only_our_own_errors(land: Land, tmp_path: Path, places: list[tuple[int, int]]) -> None:
    whole = tmp_path / "utuh.tif"
    if not whole.exists():
        write(whole, compress="deflate")
    content = bytearray(whole.read_bytes())
    for place, value in places:
        content[place % len(content)] = value
    damaged = tmp_path / "rusak.tif"
    damaged.write_bytes(content)
    try:
        terrain, _ = read_terrain(land, [damaged], 1000.0, 30.0)
        assert np.isfinite(terrain.height_m).all()
    except JangkauError:
        pass


def test_a_surface_model_tells_what_stands_on_the_ground(land: Land, tmp_path: Path) -> None:
    ground = heights(200, 200, 30.0, EAST - 1500, NORTH + 4500)
    trees = np.where(np.arange(200) < 100, 12.0, 0.0)
    dem, dsm = write(tmp_path / "dtm.tif", values=ground), write(tmp_path / "dsm.tif", values=ground + trees)
    terrain, notes = read(land, dem, clutter=[dsm])
    assert terrain.clutter_m is not None
    row, column = terrain.indices(np.array([EAST + 500.0, EAST + 2500.0]), np.array([NORTH + 500.0] * 2))
    assert terrain.clutter_m[row, column].tolist() == pytest.approx([12, 0], abs=0.1)
    assert list(notes) == ["elevation.note.surface_model"]
    far = write(tmp_path / "kaki.tif", values=ground + 400)
    assert refusal(land, dem, clutter=[far]).code == "clutter.other_ground"


def test_land_cover_tells_heights_by_class(land: Land, tmp_path: Path) -> None:
    classes = np.where(np.arange(200) < 100, 10, 50)[None, :].repeat(200, axis=0)
    cover = write(tmp_path / "worldcover.tif", values=classes, dtype="uint8", nodata=0)
    table = read_parameters().radio.clutter
    terrain, notes = read(land, write(tmp_path / "d.tif"), clutter=[cover], heights=table)
    assert terrain.clutter_m is not None
    assert terrain.built_up is not None
    row, column = terrain.indices(np.array([EAST + 500.0, EAST + 2500.0]), np.array([NORTH + 500.0] * 2))
    assert terrain.clutter_m[row, column].tolist() == [15, 10]
    assert terrain.built_up[row, column].tolist() == [False, True]
    assert terrain.clutter_known is None
    assert notes == {"elevation.note.land_cover": {"file": "worldcover.tif", "legend": "ESA WorldCover"}}
    strange = write(tmp_path / "lain.tif", values=np.full((200, 200), 77), dtype="uint8", nodata=0)
    error = refusal(land, write(tmp_path / "d.tif"), clutter=[strange], heights=table)
    assert (error.code, error.place.value) == ("clutter.unknown_class", 77)


def blocks(path: Path, height: float, *told: tuple[float, float, int, float, float]) -> Path:
    """Squares of houses as Microsoft publishes them: ``x, y`` of the corner, houses along a side, their size and spacing."""
    houses = [
        shapely.box(EAST + x + i * step, NORTH + y + j * step, EAST + x + i * step + size, NORTH + y + j * step + size)
        for x, y, count, size, step in told
        for i in range(count)
        for j in range(count)
    ]
    about = {"type": "Feature", "properties": {"height": height, "confidence": -1.0}}
    degrees = gpd.GeoSeries(houses, crs=UTM).to_crs(4326)
    path.write_text("".join(json.dumps({**about, "geometry": shapely.geometry.mapping(one)}) + "\n" for one in degrees))
    return path


def test_houses_stand_by_the_share_of_ground_that_their_footprints_cover(land: Land, tmp_path: Path) -> None:
    # A house of 15 m every 30 m covers a quarter (suburban), of 24 m 64 % (urban), of 10 m every 60 m 3 % (open).
    places = [(300, 300, 10, 15, 30), (1500, 300, 10, 24, 30), (300, 1500, 5, 10, 60), (-900, -900, 1, 9, 30)]
    dem, table = write(tmp_path / "d.tif"), read_parameters().radio.clutter
    at = np.array([EAST + x for x in (450.0, 1650, 450, 1050)]), np.array([NORTH + y for y in (450.0, 450, 1650, 1050)])
    for told, expected in ((-1.0, [10, 15, 0, 0]), (6.5, [6.5, 6.5, 0, 0])):
        file = blocks(tmp_path / "b.geojsonl", told, *places)
        terrain, notes = read(land, dem, clutter=[file], heights=table)
        assert terrain.clutter_m is not None
        assert terrain.built_up is not None
        row, column = terrain.indices(*at)
        assert terrain.clutter_m[row, column].tolist() == pytest.approx(expected)
        assert terrain.built_up[row, column].tolist() == [True, True, False, False]
        about = {"files": "b.geojsonl", "count": 226, "metres": 100, "percent": 10, "told": 100 if told > 0 else 0}
        assert notes["elevation.note.footprints"] == about
        # Beyond the box around all houses nothing is known, within it there are no others.
        assert terrain.clutter_known is not None
        far = terrain.indices(np.array([EAST + 1700.0, EAST + 1900.0]), np.array([NORTH + 1700.0, NORTH - 500.0]))
        assert terrain.clutter_known[far].tolist() == [True, False]
        assert terrain.clutter_known[row, column].all()
        assert notes["elevation.note.cover_partly"]["percent"] > 0


def test_built_land_is_the_same_in_any_order_and_never_more_than_whole() -> None:
    random = np.random.default_rng(4)
    x, y, side = random.uniform(0, 900, 3000), random.uniform(0, 900, 3000), random.uniform(3, 60, 3000)
    houses, height = shapely.box(x, y, x + side, y + side), random.uniform(2, 30, 3000)
    ours, found = read_parameters().radio.clutter.footprints, []
    for order in (np.arange(3000), random.permutation(3000)):
        built = BuiltLand.empty(0, 0, 30.0, (32, 32))
        built.add(houses[order], height[order])
        found.append(built.cover_m(ours.share_m, ours.by_share)[0])
    assert np.array_equal(*found)
    # Forty files of one house of 900 m² alone cover a ninth of the square of 90 m around it, and not all of it.
    built = BuiltLand.empty(0, 0, 30.0, (9, 9))
    for _ in range(40):
        built.add(np.array([shapely.box(120, 120, 150, 150)]), np.array([np.nan]))
    assert set(built.cover_m(90.0, ((0.1, 8.0), (0.2, 20.0)))[0].ravel().tolist()) == {0.0, 8.0}


def test_houses_fill_the_holes_of_a_land_cover_alone(land: Land, tmp_path: Path) -> None:
    classes = np.full((200, 200), 10)
    classes[:, 90:] = 0  # west of 1,200 m it says woods, east of it nothing
    cover = write(tmp_path / "lubang.tif", values=classes, dtype="uint8", nodata=None)
    file = blocks(
        tmp_path / "b.geojsonl", -1.0, (300, 300, 10, 15, 30), (1500, 300, 10, 15, 30), (1500, 1800, 1, 9, 30)
    )
    table = read_parameters().radio.clutter
    terrain, notes = read(land, write(tmp_path / "d.tif"), clutter=[file, cover], heights=table)
    row, column = terrain.indices(np.array([EAST + 450.0, EAST + 1650]), np.array([NORTH + 450.0] * 2))
    assert terrain.clutter_m is not None
    assert terrain.built_up is not None
    assert terrain.clutter_m[row, column].tolist() == [15, 10]
    assert terrain.built_up[row, column].tolist() == [False, True]
    assert {"elevation.note.land_cover", "elevation.note.footprints"} <= set(notes)
    assert refusal(
        land, tmp_path / "d.tif", clutter=[blocks(tmp_path / "jauh.geojsonl", -1, (2e5, 0, 1, 9, 30))]
    ).code == ("people.places_elsewhere")
    (tmp_path / "kosong.csv").write_text("area_in_meters,geometry\n", "utf-8")
    empty, both = [tmp_path / "kosong.csv"], [tmp_path / "kosong.csv", file]
    assert refusal(land, tmp_path / "d.tif", clutter=empty).code == "people.places_elsewhere"
    built = [read(land, tmp_path / "d.tif", clutter=files, heights=table)[0].clutter_m for files in ([file], both)]
    assert np.array_equal(*built)  # type: ignore[arg-type]


def test_other_legends_are_known_by_their_values_or_by_hand(land: Land, tmp_path: Path) -> None:
    file, table = write(tmp_path / "d.tif"), read_parameters().radio.clutter
    forest = write(tmp_path / "cgls.tif", values=np.full((200, 200), 122), dtype="uint8", nodata=255)
    terrain, notes = read(land, file, clutter=[forest], heights=table)
    assert notes["elevation.note.land_cover"]["legend"] == "Copernicus Global Land Cover"
    assert terrain.clutter_m is not None
    assert (terrain.clutter_m == 15).all()
    own = Legend(name="dinas", by_class=((2012, 6.0),), built_up=(2012,), source="test")
    ours = table.model_copy(update={"legends": (*table.legends, own), "legend": "dinas"})
    houses = write(tmp_path / "dinas.tif", values=np.full((200, 200), 2012), dtype="int16", nodata=-1)
    terrain, _ = read(land, file, clutter=[houses], heights=ours)
    assert terrain.clutter_m is not None
    assert (terrain.clutter_m == 6).all()
    assert refusal(land, file, clutter=[forest], heights=ours).code == "clutter.unknown_class"


def test_holes_of_a_land_cover_stay_unknown_and_speckles_hold_what_is_beside_them(land: Land, tmp_path: Path) -> None:
    classes = np.full((200, 200), 10)
    classes[:, 120:] = 0
    classes[40:44, 40:44] = 0
    cover = write(tmp_path / "lubang.tif", values=classes, dtype="uint8", nodata=None)
    terrain, notes = read(land, write(tmp_path / "d.tif"), clutter=[cover], heights=read_parameters().radio.clutter)
    assert terrain.clutter_known is not None
    assert terrain.clutter_m is not None
    assert not terrain.clutter_known[:, -40:].any()
    assert (terrain.clutter_m[terrain.clutter_known] == 15).all()
    assert notes["elevation.note.cover_partly"]["percent"] == pytest.approx(30, abs=3)
    nothing = write(tmp_path / "kosong.tif", values=classes * 0, dtype="uint8", nodata=0)
    whole = {"clutter": [nothing], "heights": read_parameters().radio.clutter}
    assert refusal(land, tmp_path / "d.tif", **whole).code == "raster.elsewhere"


def test_a_stated_default_stands_everywhere_where_it_is_not_zero(land: Land, tmp_path: Path) -> None:
    file = write(tmp_path / "d.tif")
    bare, _ = read(land, file, heights=Clutter(default_m=0, source="test"))
    wooded, _ = read(land, file, heights=Clutter(default_m=8, source="test"))
    assert bare.clutter_m is None
    assert wooded.clutter_m is not None
    assert (wooded.clutter_m == 8).all()
