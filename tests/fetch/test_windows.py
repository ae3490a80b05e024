"""Windows of rasters by range requests: what comes is what is there, after a break too, and no more than is needed."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from coverage.base.errors import FileRefusedError, JangkauError, UnavailableError
from coverage.base.projection import widened
from coverage.fetch import fetch_raster
from tests.fetch.served import Served, failing_after, send

CELL = 1 / 1200
WEST, NORTH = 112.0, -8.0
BOUNDS = (112.1004, -8.5996, 112.5996, -8.1004)
WHOLE_CELLS = (112.1, -8.6, 112.6, -8.1)


def silent(step: str, done: float) -> None:
    assert step in ("cells", "tiles")
    assert 0 <= done <= 1


def write(
    path: Path,
    values: np.ndarray,
    west: float = WEST,
    north: float = NORTH,
    cell: float = CELL,
    driver: str = "COG",
    nodata: float | None = -99999.0,
    **more: object,
) -> bytes:
    options = {"blocksize": 256, "overviews": "none"} if driver == "COG" else {}
    with rasterio.open(
        path,
        "w",
        driver=driver,
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=4326,
        transform=Affine(cell, 0, west, 0, -cell, north),
        nodata=nodata,
        compress="deflate",
        **options,
        **more,
    ) as file:
        file.write(values, 1)
    return path.read_bytes()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, bytes]:
    """1.5 by 1.5 degrees of people in clumps, and the file that holds them."""
    values = np.random.default_rng(1).gamma(0.2, 30, (1800, 1800)).astype(np.float32)
    return values, write(tmp_path_factory.mktemp("cog") / "people.tif", values)


def window_of(values: np.ndarray) -> np.ndarray:
    """The cells of BOUNDS, by hand: 0.1° east and south of the corner, 0.5° each way, 1,200 cells a degree."""
    return values[120:720, 120:720]


def fetched(served: Served, tmp_path: Path, **more: object) -> np.ndarray:
    client = served.client("/people.tif", **more)
    got = fetch_raster(client, BOUNDS, tmp_path / "cache", tmp_path / "out.tif", silent)
    with rasterio.open(got.path) as file:
        assert file.bounds == pytest.approx(WHOLE_CELLS, abs=1e-9)
        assert file.nodata == -99999
        return np.asarray(file.read(1))


def refusal(served: Served, tmp_path: Path, **more: object) -> JangkauError:
    with pytest.raises(JangkauError) as caught:
        fetched(served, tmp_path, **more)
    assert not (tmp_path / "out.tif").exists()
    return caught.value


def test_the_window_comes_cell_for_cell_and_only_part_of_the_file(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    values, content = people
    served.files["/people.tif"] = content
    assert (fetched(served, tmp_path) == window_of(values)).all()
    assert served.sent < len(content) / 2
    assert all(span.startswith("bytes=") for _, span in served.asked)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_striped_file_of_counts_with_a_scale_does_as_well(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    values, _ = people
    served.files["/people.tif"] = write(tmp_path / "s.tif", values, driver="GTiff")
    assert (fetched(served, tmp_path) == window_of(values)).all()


def test_after_a_break_the_pieces_that_came_are_not_asked_for_again(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    values, content = people
    served.files["/people.tif"] = content
    served.before = failing_after(2)
    error = refusal(served, tmp_path)
    assert (type(error), error.code) == (UnavailableError, "fetch.refused")
    before = {span for _, span in served.asked[:2]}
    served.before = lambda handler: False
    served.asked.clear()
    assert (fetched(served, tmp_path) == window_of(values)).all()
    again = [span for _, span in served.asked if span in before]
    assert again == ["bytes=0-262143"]  # the head is always asked, to see that the file is still the same


def test_pieces_of_an_older_file_are_thrown_away(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    values, content = people
    served.files["/people.tif"] = write(tmp_path / "old.tif", values[::-1].copy())
    served.before = failing_after(2)
    refusal(served, tmp_path)
    served.files["/people.tif"], served.etag, served.before = content, '"b"', lambda handler: False
    assert (fetched(served, tmp_path) == window_of(values)).all()


def test_a_file_that_changes_while_it_comes_is_refused(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    served.files["/people.tif"] = people[1]

    def changing(handler: object) -> bool:
        served.etag = f'"{len(served.asked)}"'
        return False

    served.before = changing
    assert refusal(served, tmp_path).code == "fetch.changed_meanwhile"


def test_a_server_without_ranges_is_told(served: Served, tmp_path: Path) -> None:
    served.replies["/people.tif"] = lambda handler: send(handler, b"II*\0" + bytes(1000), kind="image/tiff")
    assert refusal(served, tmp_path).code == "fetch.no_ranges"


def test_another_piece_than_was_asked_for_is_refused(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    content = people[1]
    served.replies["/people.tif"] = lambda handler: send(
        handler, content[:1000], 206, "image/tiff", content_range=f"bytes 500-1499/{len(content)}"
    )
    assert refusal(served, tmp_path).code == "fetch.wrong_piece"


def test_a_sign_in_page_is_no_raster(served: Served, tmp_path: Path) -> None:
    served.files["/people.tif"] = b"<html>Silakan masuk</html>"
    assert refusal(served, tmp_path).code == "fetch.not_a_geotiff"


def test_a_truncated_file_on_the_server_is_refused(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    served.files["/people.tif"] = people[1][: len(people[1]) // 10]
    assert refusal(served, tmp_path).code == "fetch.not_a_geotiff"


def test_a_file_that_is_not_there_is_told(served: Served, tmp_path: Path) -> None:
    assert refusal(served, tmp_path).code == "fetch.not_there"


def test_a_raster_of_another_place_is_refused(served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]) -> None:
    served.files["/people.tif"] = write(tmp_path / "far.tif", people[0], west=95.0)
    assert refusal(served, tmp_path).code == "raster.elsewhere"


def test_more_than_the_source_allows_is_refused(
    served: Served, tmp_path: Path, people: tuple[np.ndarray, bytes]
) -> None:
    served.files["/people.tif"] = people[1]
    assert refusal(served, tmp_path, max_mb=0.5).code == "fetch.too_large"


def test_a_margin_of_20_km_is_0_18_degrees() -> None:
    west, south, east, north = widened((112, -8, 113, -7), 20)
    assert (112 - west, north + 7) == pytest.approx((0.1814, 0.1809), abs=1e-3)
    assert (east - 113, -8 - south) == pytest.approx((0.1814, 0.1809), abs=1e-3)


TILE = "/S{lat}E{lon}.tif"


def tile(tmp_path: Path, lon: int, lat: int, metres: float, cell: float = 1 / 300) -> bytes:
    """A tile as Copernicus has them: its edge half a cell west and north of the degree, no nodata value."""
    size = round(1 / cell)
    values = np.full((size, size), metres, dtype=np.float32)
    return write(tmp_path / f"{lon}{lat}.tif", values, lon - cell / 2, lat + 1 + cell / 2, cell, nodata=None)


def test_tiles_are_joined_and_a_tile_that_is_absent_is_sea(served: Served, tmp_path: Path) -> None:
    for lon, metres in ((112, 100), (113, 200)):
        served.files[f"/S08E{lon}.tif"] = tile(tmp_path, lon, -8, metres)
    client = served.client("/{ns}{lat}{ew}{lon}.tif", form="tiles")
    got = fetch_raster(client, (112.8, -8.2, 113.2, -7.8), tmp_path / "cache", tmp_path / "out.tif", silent)
    assert got.about["absent"] == ["S09E112", "S09E113"]
    with rasterio.open(got.path) as file:
        assert file.nodata == -32767
        metres = [
            next(file.sample([place]))[0]
            for place in ((112.85, -7.85), (113.15, -7.85), (112.85, -8.15), (112.995, -7.9), (113.005, -7.9))
        ]
        assert metres == [100, 200, 0, 100, 200]
        assert np.unique(file.read(1)).tolist() == [0, 100, 200]
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_tile_at_all_is_no_sea_but_a_wrong_address(served: Served, tmp_path: Path) -> None:
    client = served.client("/{ns}{lat}{ew}{lon}.tif", form="tiles")
    with pytest.raises(FileRefusedError) as caught:
        fetch_raster(client, (112.8, -8.2, 113.2, -7.8), tmp_path / "cache", tmp_path / "out.tif", silent)
    assert caught.value.code == "fetch.not_there"


def test_tiles_of_another_grid_are_refused(served: Served, tmp_path: Path) -> None:
    served.files["/S08E112.tif"] = tile(tmp_path, 112, -8, 100)
    served.files["/S08E113.tif"] = tile(tmp_path, 113, -8, 100, cell=1 / 250)
    client = served.client("/{ns}{lat}{ew}{lon}.tif", form="tiles")
    with pytest.raises(FileRefusedError) as caught:
        fetch_raster(client, (112.8, -7.8, 113.2, -7.6), tmp_path / "cache", tmp_path / "out.tif", silent)
    assert caught.value.code == "fetch.other_grid"


def test_a_tile_that_the_server_refuses_is_not_taken_for_sea(served: Served, tmp_path: Path) -> None:
    served.files["/S08E112.tif"] = tile(tmp_path, 112, -8, 100)
    served.replies["/S08E113.tif"] = lambda handler: send(handler, b"AccessDenied", 403, "application/xml")
    client = served.client("/{ns}{lat}{ew}{lon}.tif", form="tiles")
    with pytest.raises(UnavailableError) as caught:
        fetch_raster(client, (112.8, -7.8, 113.2, -7.6), tmp_path / "cache", tmp_path / "out.tif", silent)
    assert (caught.value.code, caught.value.details["status"]) == ("fetch.refused", 403)
