"""Makes small files that are large to read, and hands twenty of them to a running server at once as a signed-in editor.

``python scripts/try_hostile.py FOLDER`` makes them; ``--read`` reads each in a process apart and prints what came of
it, in how long, and how much memory this process and that one took. Run from the repository; nothing leaves the
computer.
"""

from __future__ import annotations

import json
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]


def geojson_names(folder: Path) -> None:
    """Roads with a property of its own name each: a table of 20,000 rows and as many columns."""
    features = [
        {
            "type": "Feature",
            "properties": {f"p{at}": 1},
            "geometry": {"type": "LineString", "coordinates": [[112, -8], [112.1, -8]]},
        }
        for at in range(20_000)
    ]
    (folder / "geojson_names.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def csv_wide(folder: Path) -> None:
    """One row of a million commas, and 2,000 short ones."""
    (folder / "csv_wide.csv").write_text("nama,lat,lon\n" + "," * 1_000_000 + "x\n" + "A,-8.1,112.1\n" * 2_000)


def csv_newlines(folder: Path) -> None:
    """Millions of lines within quotes, and millions of empty ones."""
    (folder / "csv_newlines.csv").write_text("nama,lat,lon\n" + '"\n"\n' * 9_000_000)


def kml_names(folder: Path) -> None:
    """Placemarks with an attribute of its own name each."""
    marks = "".join(
        f'<Placemark><ExtendedData><Data name="a{at}"><value>1</value></Data></ExtendedData>'
        "<Point><coordinates>112,-8</coordinates></Point></Placemark>"
        for at in range(20_000)
    )
    (folder / "kml_names.kml").write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    )


def gpx_names(folder: Path) -> None:
    """Waypoints with an extension of its own name each."""
    points = "".join(f'<wpt lat="-8" lon="112"><extensions><a{at}>1</a{at}></extensions></wpt>' for at in range(20_000))
    (folder / "gpx_names.gpx").write_text(
        f'<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1">{points}</gpx>'
    )


def kmz_ratio(folder: Path) -> None:
    """A document just below the ratio that is refused unread."""
    mark = "<Placemark><name>{}</name><Point><coordinates>112,-8</coordinates></Point></Placemark>"
    marks = "".join(mark.format("A" * (at % 90)) for at in range(1_500_000))
    with zipfile.ZipFile(folder / "kmz_ratio.kmz", "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("doc.kml", f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>')


def tif_block(folder: Path) -> None:
    """A raster of one block of 900 million cells, all alike."""
    import numpy as np
    import rasterio

    side = 29_984
    with rasterio.open(
        folder / "tif_block.tif",
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="uint8",
        nodata=255,
        crs="EPSG:4326",
        transform=rasterio.Affine(1e-5, 0, 112, 0, -1e-5, -8),
        tiled=True,
        blockxsize=side,
        blockysize=side,
        compress="deflate",
        SPARSE_OK=True,
    ) as made:
        assert made.block_shapes[0] == (side, side)
        assert np.dtype(made.dtypes[0]).itemsize == 1


HOSTILE: dict[str, Callable[[Path], None]] = {
    make.__name__: make for make in (geojson_names, csv_wide, csv_newlines, kml_names, gpx_names, kmz_ratio, tif_block)
}
"""What makes each file, by its name."""


def main() -> int:
    """Make the files, and read them where that is asked for."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for make in HOSTILE.values():
        make(folder)
    if "--read" in sys.argv[2:]:
        _read(sorted(folder.iterdir()))
    return 0


def _read(files: list[Path]) -> None:
    import resource

    from coverage.base.errors import JangkauError
    from coverage.imports.read import read
    from coverage.readers.apart import read_apart
    from coverage.readers.probe import probe

    for file in files:
        begun = time.monotonic()
        try:
            read_apart(probe if file.suffix == ".tif" else read, file)
            said = "taken"
        except JangkauError as error:
            said = error.code
        used = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        size = file.stat().st_size / 2**20
        print(
            f"| {file.name} | {size:.1f} MB | {said} | {time.monotonic() - begun:.1f} s "
            f"| here {used[0]} MB | apart at most {used[1]} MB |"
        )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
