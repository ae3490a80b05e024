"""Pictures for the map: colours where they belong, clear elsewhere, bounds in degrees."""

import io

import numpy as np
import pyproj
from PIL import Image

from coverage.exports.overlays import COLOURS, Overlay, hillshade, hillshade_overlay, hillshade_within, signal_overlay
from coverage.reach.terrain import Terrain

CRS = pyproj.CRS("EPSG:32749")


def flat(rows: int = 200, columns: int = 300) -> Terrain:
    return Terrain(np.full((rows, columns), 50.0, np.float32), 600_000.0, 9_100_000.0, 30.0, CRS)


def pixels(overlay: Overlay) -> np.ndarray:
    """Rows from the north, columns, red, green, blue, opacity."""
    return np.asarray(Image.open(io.BytesIO(overlay.png)).convert("RGBA"))


def at(overlay: Overlay, picture: np.ndarray, x_m: float, y_m: float) -> list[int]:
    """The pixel over a place in the grid, found as a browser finds it: evenly between the bounds in Web Mercator."""
    to_web = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    lon, lat = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True).transform(600_000 + x_m, 9_100_000 + y_m)
    (south, west), (north, east) = overlay.bounds
    (x, y), (x0, y0), (x1, y1) = (
        to_web.transform(lon, lat),
        to_web.transform(west, south),
        to_web.transform(east, north),
    )
    row = int((y1 - y) / (y1 - y0) * picture.shape[0])
    column = int((x - x0) / (x1 - x0) * picture.shape[1])
    return picture[row, column].tolist()


def test_classes_have_their_colours_at_their_places() -> None:
    classes = np.full((200, 300), 0, np.int8)
    classes[:, 100:200] = 1
    classes[150:, 200:] = 2
    classes[:50, 200:] = -1
    overlay = signal_overlay(flat(), classes)
    picture = pixels(overlay)
    assert at(overlay, picture, 1500, 3000) == list(COLOURS["none"])
    assert at(overlay, picture, 4500, 3000) == list(COLOURS["weak"])
    assert at(overlay, picture, 7500, 5300) == list(COLOURS["strong"])
    assert at(overlay, picture, 7500, 700)[3] == 0
    # Two neighbouring cells at the border of a class lie on their own sides.
    assert at(overlay, picture, 2900, 3000) == list(COLOURS["none"])
    assert at(overlay, picture, 3100, 3000) == list(COLOURS["weak"])


def test_a_large_grid_is_drawn_smaller() -> None:
    picture = pixels(signal_overlay(flat(3000, 1000), np.ones((3000, 1000), np.int8)))
    assert max(picture.shape) <= 1700
    assert picture.shape[0] > picture.shape[1]


def test_a_ridge_is_light_to_the_north_west_and_dark_to_the_south_east() -> None:
    ridge = np.maximum(0, 600 - np.abs(np.arange(300) - 150) * 12.0)[None, :].repeat(200, axis=0)
    terrain = Terrain(ridge.astype(np.float32), 600_000.0, 9_100_000.0, 30.0, CRS)
    shade = hillshade(terrain)
    assert shade[100, 125] > shade[100, 10] > shade[100, 175]
    assert abs(shade[100, 10] - np.sin(np.pi / 4)) < 1e-5
    # A slope of 0.4 that faces west, light from the north-west half way up: (sin 45 + cos 45 * 0.4 * sin 45) / sqrt(1.16).
    assert abs(shade[100, 125] - (0.70711 + 0.5 * 0.4) / np.sqrt(1.16)) < 1e-3
    overlay = hillshade_overlay(terrain)
    picture = pixels(overlay)
    light, plain, dark = (at(overlay, picture, x, 3000) for x in (3700, 300, 5300))
    assert (light[0], dark[0]) == (255, 40)
    assert plain[3] < 5 < min(light[3], dark[3])


def test_a_part_of_the_hillshade_lies_where_the_whole_has_it() -> None:
    y, x = np.mgrid[0:200, 0:300]
    hill = Terrain((x * np.sin(y / 30)).astype(np.float32), 600_000.0, 9_100_000.0, 30.0, CRS)
    everything = hillshade_within(hill, (0, 1e7, 0, 1e8))
    assert everything
    whole, extent = everything
    assert extent == (600_000, 609_000, 9_100_000, 9_106_000)
    found = hillshade_within(hill, (601_000, 602_000, 9_101_000, 9_102_000))
    assert found
    part, (west, east, south, north) = found
    assert west <= 601_000 < 602_000 <= east
    assert south <= 9_101_000 < 9_102_000 <= north
    row, column = (int(step) // 30 for step in (south - 9_100_000, west - 600_000))
    inside = whole[row + 1 : row + part.shape[0] - 1, column + 1 : column + part.shape[1] - 1]
    assert np.array_equal(part[1:-1, 1:-1], inside)
    assert hillshade_within(hill, (0, 10, 0, 10)) is None
