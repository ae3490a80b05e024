"""Makes small files that are large to read, and hands twenty of them to a running server at once as a signed-in editor.

``python scripts/try_hostile.py FOLDER`` makes them; ``--read`` reads each in a process apart and prints what came of
it, in how long, and how much memory this process and that one took. Run from the repository; nothing leaves the
computer. ``--serve`` starts a server, lets an editor hand in twenty of them on pages Impor and Data at once, each in a visit
of its own, and prints the memory of the server and how long others waited for a page meanwhile; ``--plans`` lets twenty visitors
without an account ask for a plan at once, and watches for a minute.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from coverage.language.words import Words
from coverage.store import Actor, open_store
from tests.browser.by_socket import Socket, visiting
from tests.browser.conftest import Server, start_server, stop

PASSWORD = "kata sandi yang panjang 2026"


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
    if sys.argv[1] == "--look":
        _look(sys.argv[2], Path(sys.argv[3]))
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if sys.argv[2:] != ["--plans"]:
        for make in HOSTILE.values():
            make(folder)
    if "--read" in sys.argv[2:]:
        _read(sorted(folder.iterdir()))
    if "--plans" in sys.argv[2:]:
        _plan()
    if "--serve" in sys.argv[2:]:
        _serve(sorted(folder.iterdir()))
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


def _resident_mb(process: int) -> int:
    """Memory of a process; 0 for one that has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)
    return 0


def _look(url: str, file: Path) -> None:
    """Another visitor, who opens one page after the other; writes when each was asked for and how long it took."""
    pages = ("", "prioritas", "data")
    with file.open("w") as waits:
        for at in itertools.count():
            begun = time.time()
            with visiting(url, page=pages[at % 3]) as visit:
                visit.run()
            print(begun, time.time() - begun, file=waits, flush=True)
            time.sleep(0.3)


def _waits(file: Path, since: float) -> list[float]:
    rows = [line.split() for line in file.read_text().splitlines()]
    return sorted(float(took) for begun, took in rows if float(begun) >= since)


@contextmanager
def _watched() -> Iterator[tuple[Server, str, Callable[[], None]]]:
    """A server with an editor; prints its memory, and how long another visitor waited for a page meanwhile: since the
    last call of what it yields with them."""
    home = Path(tempfile.mkdtemp(prefix="jangkau-jahat-"))
    store = open_store(str(home / "jangkau.db"))
    store.accounts.add("budi", "editor", PASSWORD, Actor("uji", "admin"))
    os.environ["JANGKAU_DATA_DIR"] = str(home)
    server = start_server(home)
    memory: list[int] = []
    apart: list[int] = []
    over = threading.Event()

    def measure() -> None:
        while not over.wait(0.2):
            memory.append(_resident_mb(server.process.pid))
            tasks = Path(f"/proc/{server.process.pid}/task").glob("*/children")
            others = [other for task in tasks for other in task.read_text().split()]
            apart.append(sum(_resident_mb(int(other)) for other in others))

    # In a process of its own: what the twenty do in this one would keep it waiting too.
    seen, since = home / "waits.txt", [time.time()]
    watcher = threading.Thread(target=measure)
    watcher.start()
    other = subprocess.Popen([sys.executable, __file__, "--look", server.url, str(seen)], cwd=Path(__file__).parents[1])
    try:
        time.sleep(12)
        quiet, before = _waits(seen, 0), max(memory)
        since[0] = time.time()
        yield server, store.accounts.sign_in("budi", PASSWORD), lambda: since.append(time.time())
    finally:
        over.set()
        watcher.join()
        other.kill()
        other.wait()
        stop(server.process)
    found = _waits(seen, since[-1])
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"server: {before} MB before, at most {max(memory)} MB; its processes {max(apart)} MB; load {load}")
    print(
        f"another visitor, a page: {quiet[len(quiet) // 2]:.2f} s before; {found[len(found) // 2]:.2f} s, "
        f"95 of 100 within {found[int(len(found) * 0.95)]:.2f} s, at most {found[-1]:.2f} s meanwhile "
        f"({len(found)} pages)"
    )


def _serve(files: list[Path]) -> None:
    with _watched() as (server, token, begins), ThreadPoolExecutor(20) as pool, ExitStack() as visits:
        words = Words("id")

        def opened(file: Path) -> tuple[Socket, dict[str, object], Path]:
            raster = file.suffix == ".tif"
            visit = visits.enter_context(visiting(server.url, token, "data" if raster else "impor"))
            visit.patience_s = 900
            visit.run()
            chosen = dict(visit.switch(words("data.kind.elevation"))) if raster else {}
            if chosen:
                visit.run(chosen)
            return visit, chosen, file

        def hand_in(visit: Socket, chosen: dict[str, object], file: Path) -> str:
            chosen = {**chosen, visit.uploader(): visit.give(server.url, file.name, file.read_bytes())}
            visit.run(chosen)
            if file.suffix == ".tif" and (button := visit.button(words("data.try"))):
                visit.run({**chosen, button: True})
            told = [one.alert.body for one in visit.elements if one.WhichOneof("type") == "alert"]
            return told[0] if told else "taken"

        waiting = [opened(files[at % len(files)]) for at in range(20)]
        begins()
        begun = time.monotonic()
        said = list(pool.map(lambda one: hand_in(*one), waiting))
        seconds = time.monotonic() - begun
    print(f"20 files handed in, answered after {seconds:.0f} s; {said.count('taken')} taken")


def _plan() -> None:
    with _watched() as (server, _, _), ThreadPoolExecutor(20) as pool, ExitStack() as visits:
        label = Words("id")("planning.compute")

        def ask(_: int) -> bool:
            visit = visits.enter_context(visiting(server.url, page="rencana"))
            visit.run()
            button = visit.button(label)
            if button:
                visit.run({button: True})
            return button is not None

        print(f"{sum(pool.map(ask, range(20)))} plans asked for at once by visitors without an account")
        time.sleep(60)


if __name__ == "__main__":
    sys.exit(main())
