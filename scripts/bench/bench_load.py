"""How the app does with many at once: 30 viewers, 10 editors, and its memory after a thousand visits.

    python scripts/bench/bench_load.py [--viewers 30] [--editors 10] [--visits 1000]

The viewers all open a page at the same moment; the editors save every one to five seconds. Each visitor is a web socket
of its own, as a browser opens it; a page is ready when the server has sent all of it (what a browser then needs to draw it
is not in it: two cores cannot run thirty browsers). All of them run on the same machine and take a part of it. Ends with
status 1 if a limit is missed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pytest

from coverage.imports.asset_lists import read_assets
from coverage.readers.shipped import region_dir
from coverage.store import Actor, open_store
from tests.browser.by_socket import Socket, visiting
from tests.browser.conftest import Server, start_server, stop

PAGES = ("", "prioritas", "inventaris")
ROUNDS = 5
ME = Actor("bench", "admin")


def memory_mb(server: Server) -> float:
    """What the server holds in memory."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def together(count: int, work: Callable[[int, threading.Barrier], list[float]]) -> list[float]:
    """Do the work as many times at once, begun at the same moment; seconds of every wait."""
    barrier = threading.Barrier(count)
    with ThreadPoolExecutor(count) as pool:
        return [wait for waits in pool.map(lambda at: work(at, barrier), range(count)) for wait in waits]


def timed(work: Callable[[], object]) -> float:
    """Seconds that it took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def views(server: Server, at: int, barrier: threading.Barrier) -> list[float]:
    """Open pages one after the other, each by a visit of its own."""
    waits = []
    for page in (*PAGES[at % 3 :], *PAGES[: at % 3]):
        barrier.wait()
        waits.append(timed(lambda page=page: look(server, page)))
    return waits


def look(server: Server, page: str) -> None:
    """One visit."""
    with visiting(server.url, page=page) as visit:
        visit.run()
        assert visit.elements


def edits(server: Server, at: int, barrier: threading.Barrier) -> list[float]:
    """Change the name of a row of one's own and save it, several times, as fast as somebody types."""
    waits, draw = [], random.Random(at)
    barrier.wait()
    with visiting(server.url) as visit:
        visit.run()
        for turn in range(ROUNDS):
            table = visit.table()
            typed = {"edited_rows": {str(at): {"name": f"Nama {at} {turn}"}}, "added_rows": [], "deleted_rows": []}
            visit.run({table: typed})
            save = visit.button("Simpan 1 aset")
            assert save, visit.said()[-500:]
            time.sleep(draw.uniform(1, 5))
            waits.append(timed(lambda save=save, table=table, typed=typed: _press(visit, {table: typed, save: True})))
    return waits


def _press(visit: Socket, widgets: dict[str, object]) -> None:
    visit.run(widgets)
    assert "1 aset disimpan" in visit.said()


def told(name: str, waits: list[float], limit_s: float) -> bool:
    """Say how long they waited, and whether that is short enough."""
    middle, late = (float(np.percentile(waits, part)) for part in (50, 95))
    print(
        f"{name:48s} p50 {middle:5.2f} s   p95 {late:5.2f} s   of {len(waits)}   limit {limit_s:g} s "
        f"{'kept' if late < limit_s else 'MISSED'}",
        flush=True,
    )
    return late < limit_s


def main() -> int:
    """Start the app on the sample list, and let them come."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--viewers", type=int, default=30)
    options.add_argument("--editors", type=int, default=10)
    options.add_argument("--visits", type=int, default=1000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JANGKAU_DATA_DIR", name)
        store = open_store(str(Path(name) / "jangkau.db"))
        assets, _ = read_assets(region_dir() / "assets_sample.csv")
        store.imports.add_assets(assets, "assets_sample.csv", ME)
        server = start_server(Path(name))
        try:
            time.sleep(5)  # what is made ahead is made
            good = told(
                f"{given.viewers} viewers at once, a page",
                together(given.viewers, lambda at, barrier: views(server, at, barrier)),
                3,
            )
            good &= told(
                f"{given.editors} editors at once, a save",
                together(given.editors, lambda at, barrier: edits(server, at, barrier)),
                1,
            )
            kept = sum(str(one).startswith("Nama ") for one in store.assets.table(viewer=ME)["name"])
            print(f"names that the inventory has of the editors: {kept} of {given.editors}", flush=True)
            time.sleep(10)  # the figures after the saves are computed
            for _ in range(100):
                look(server, PAGES[0])
            first = memory_mb(server)
            for at in range(given.visits - 100):
                look(server, PAGES[at % 3])
            last = memory_mb(server)
            within = last < 1.1 * first
            print(
                f"memory after 100 visits {first:.0f} MB, after {given.visits} {last:.0f} MB ({last / first - 1:+.1%})   "
                f"limit +10 % {'kept' if within else 'MISSED'}",
                flush=True,
            )
        finally:
            stop(server.process)
            store.close()
    return 0 if good and kept == given.editors and within else 1


if __name__ == "__main__":
    sys.exit(main())
