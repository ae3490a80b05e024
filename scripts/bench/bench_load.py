"""How the app does with many at once: viewers, editors, sessions, and its memory after a thousand visits.

    python scripts/bench/bench_load.py [--viewers 30] [--editors 10] [--sessions 200] [--visits 1000]
        [--processes 1]

The viewers all open a page at the same moment, every other one signed in; the editors save every one to five seconds, once
with nothing else to do and once while plans are computed. Each visitor is a web socket of its own, as a browser opens it; a
page is ready when the server has sent all of it (what a browser then needs to draw it is not in it: two cores cannot run
thirty browsers). All of them run on the same machine and take a part of it. The same viewers open a plain Streamlit page
with the same map and table (``st_folium``, ``st.dataframe``) in turn, as the peer. Ends with status 1 if a limit is missed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pytest

from coverage.imports.asset_lists import read_assets
from coverage.language.words import Words
from coverage.readers.shipped import region_dir
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import read_inputs, run_parameters
from coverage.run.sources import Sources
from coverage.store import Actor, Store, open_store
from coverage.web.server.serving import listen
from coverage.web.workers import IDLE_S
from tests.browser.by_socket import Socket, visiting
from tests.browser.conftest import PASSWORD, Server, start_server, stop

PAGES = ("", "prioritas", "inventaris")
SAVES = 5
VIEWERS_S, PEER, SAVE_S, SESSIONS_MB = 1.5, 1 / 8, 0.5, 1536
"""Limits: 95 of 100 pages, the same as a part of the peer's, 95 of 100 saves, memory with all sessions."""
ME = Actor("bench", "admin")
PLAIN = """
import folium, geopandas, pandas, streamlit
from streamlit_folium import st_folium

@streamlit.cache_data
def read():
    return geopandas.read_file("villages.geojson"), pandas.read_parquet("assets.parquet")

villages, assets = read()
streamlit.title("Blank spot")
plain = folium.Map(location=[-8.1, 112.2], zoom_start=10)
fill = {"served": "#009E73", "weak": "#E69F00", "blank": "#D55E00", "unknown": "#BBBBBB"}
folium.GeoJson(
    villages,
    style_function=lambda one: {"fillColor": fill[one["properties"]["state"]], "weight": 1},
    tooltip=folium.GeoJsonTooltip(["village", "state"]),
).add_to(plain)
for lat, lon, name in zip(assets["lat"], assets["lon"], assets["name"]):
    folium.CircleMarker([lat, lon], radius=4, tooltip=name).add_to(plain)
st_folium(plain, use_container_width=True)
table = villages.drop(columns="geometry")
streamlit.dataframe(
    table.style.format({"share": "{:.1%}", "population": "{:,.0f}"}).apply(
        lambda states: [f"background-color: {fill[state]}" for state in states], subset=["state"]
    )
)
"""


def memory_mb(server: Server) -> float:
    """What the server and the processes that it started hold in memory; what several share is counted once (PSS)."""
    found, asked = 0.0, [server.process.pid]
    while asked:
        process = Path(f"/proc/{asked.pop()}")
        lines = (process / "smaps_rollup").read_text().splitlines()
        found += int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
        asked += [int(child) for task in process.glob("task/*/children") for child in task.read_text().split()]
    return found


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


def look(server: Server, page: str, token: str | None = None, name: str = "") -> None:
    """One visit; a page names its own visitor, and no other."""
    with visiting(server.url, token, page) as visit:
        visit.run()
        assert visit.elements
        if name:
            found = visit.said().split("penonton")[1:]
            assert {one[:2] for one in found} == ({name[-2:]} if token else set()), found


def views(
    server: Server, tokens: dict[str, str], pages: tuple[str, ...], at: int, barrier: threading.Barrier
) -> list[float]:
    """Open pages one after the other, each by a visit of its own."""
    waits, name = [], f"penonton{at:02d}" if tokens else ""
    for page in (*pages[at % len(pages) :], *pages[: at % len(pages)]):
        barrier.wait()
        token = tokens.get(name) if at % 2 else None
        waits.append(timed(lambda page=page, token=token: look(server, page, token, name)))
    return waits


def edits(server: Server, token: str, turns: range, at: int, barrier: threading.Barrier) -> list[float]:
    """Change the name of a row of one's own and save it, several times, as fast as somebody types."""
    waits, draw = [], random.Random(at)
    barrier.wait()
    with visiting(server.url, token) as visit:
        visit.run()
        for turn in turns:
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


@contextmanager
def planning(server: Server) -> Iterator[None]:
    """While visitors without an account have plans computed."""
    label = Words("id")("planning.compute")
    with ExitStack() as visits:
        for _ in range(4):
            visit = visits.enter_context(visiting(server.url, page="rencana"))
            visit.run()
            button = visit.button(label)
            assert button
            visit.run({button: True})
        yield


@contextmanager
def plain_page(folder: Path) -> Iterator[Server]:
    """The peer: a Streamlit page as anybody writes it, on the villages and assets of the same run."""
    inputs = read_inputs(Sources())
    parameters = run_parameters(Sources())
    run = analyze(inputs, parameters, prepare(inputs, parameters))
    villages, rule = run.villages, run.parameters.default_rule
    spots = run.blank_spots[run.blank_spots["rule"] == rule].set_index("village_code_bps")
    spots = spots.reindex(villages["village_code_bps"])
    shown = villages[["village", "subdistrict", "village_code_bps", "population", "geometry"]].to_crs(4326)
    shown = shown.assign(state=spots["state"].to_numpy(), share=spots["share"].to_numpy(dtype=float))
    shown.to_file(folder / "villages.geojson", driver="GeoJSON")
    assert run.assets is not None
    points = run.assets[run.assets.geom_type == "Point"].to_crs(4326)
    points.assign(lon=points.geometry.x, lat=points.geometry.y)[["name", "lon", "lat"]].to_parquet(
        folder / "assets.parquet"
    )
    (folder / "plain.py").write_text(PLAIN)
    with listen(0) as free:
        port = free.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    given = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", "plain.py", *given, "--browser.gatherUsageStats=false"]
    with (folder / "plain.log").open("w") as output:
        process = subprocess.Popen(command, cwd=folder, text=True, stdout=output, stderr=subprocess.STDOUT)
    started = Server(f"http://127.0.0.1:{port}", process, folder)
    while process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{started.url}/_stcore/health", timeout=10):
            break
        time.sleep(0.3)
    try:
        yield started
    finally:
        stop(started.process)


def told(name: str, waits: list[float], limit_s: float) -> bool:
    """Say how long they waited, and whether that is short enough."""
    middle, late = (float(np.percentile(waits, part)) for part in (50, 95))
    print(
        f"{name:48s} p50 {middle:5.2f} s   p95 {late:5.2f} s   of {len(waits)}   limit {limit_s:g} s "
        f"{'kept' if late < limit_s else 'MISSED'}",
        flush=True,
    )
    return late < limit_s


def many_views(server: Server, plain: Server, tokens: dict[str, str], count: int) -> bool:
    """Viewers of the app and of the plain page in turn."""
    ours: list[float] = []
    peers: list[float] = []
    for server_of in (server, plain, server):
        mine = server_of is server
        given = (server_of, tokens if mine else {}, PAGES if mine else PAGES[:1])
        (ours if mine else peers).extend(together(count, lambda at, barrier, given=given: views(*given, at, barrier)))
    good = told(f"{count} viewers at once, a page", ours, VIEWERS_S)
    told(f"{count} viewers of the plain page", peers, float("inf"))
    share = float(np.percentile(ours, 95) / np.percentile(peers, 95))
    print(
        f"{'a part of the plain page':48s} {share:.3f}   limit {PEER:.3f} {'kept' if share < PEER else 'MISSED'}",
        flush=True,
    )
    return good and share < PEER


def many_saves(server: Server, store: Store, tokens: list[str]) -> bool:
    """Editors, alone and while plans are computed; none of their words is lost."""
    count = len(tokens)
    waits = together(count, lambda at, barrier: edits(server, tokens[at], range(SAVES), at, barrier))
    good = told(f"{count} editors at once, a save", waits, SAVE_S)
    with planning(server):
        turns = range(SAVES, 2 * SAVES)
        waits = together(count, lambda at, barrier: edits(server, tokens[at], turns, at, barrier))
    good &= told(f"{count} editors at once while plans are computed", waits, SAVE_S)
    kept = sum(str(one).startswith("Nama ") for one in store.assets.table(viewer=ME)["name"])
    print(f"names that the inventory has of the editors: {kept} of {count}", flush=True)
    return good and kept == count


def many_sessions(server: Server, tokens: list[str], count: int) -> bool:
    """Memory while so many have a page open and do nothing."""
    with ExitStack() as visits:
        before = memory_mb(server)
        for at in range(count):
            visit = visits.enter_context(visiting(server.url, tokens[at % len(tokens)], PAGES[at % 3]))
            visit.run()
        held = memory_mb(server)
    good = held < SESSIONS_MB
    print(
        f"memory with {count} sessions {held:.0f} MB ({before:.0f} MB before)   limit {SESSIONS_MB} MB "
        f"{'kept' if good else 'MISSED'}",
        flush=True,
    )
    return good


def many_visits(server: Server, count: int) -> bool:
    """Memory after so many visits beside that after a hundred."""
    for _ in range(100):
        look(server, PAGES[0])
    first = memory_mb(server)
    for at in range(count - 100):
        look(server, PAGES[at % 3])
    last = memory_mb(server)
    good = last < 1.1 * first
    print(
        f"memory after 100 visits {first:.0f} MB, after {count} {last:.0f} MB ({last / first - 1:+.1%})   "
        f"limit +10 % {'kept' if good else 'MISSED'}",
        flush=True,
    )
    return good


def main() -> int:
    """Start the app on the sample list, and let them come."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, count in (("viewers", 30), ("editors", 10), ("sessions", 200), ("visits", 1000)):
        options.add_argument(f"--{name}", type=int, default=count, help="0 leaves it out")
    options.add_argument("--processes", type=int, default=1, help="processes of the app behind one port")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, ExitStack() as ends:
        folder = Path(name)
        patch.setenv("JANGKAU_DATA_DIR", name)
        store = open_store(str(folder / "jangkau.db"))
        ends.callback(store.close)
        assets, _ = read_assets(region_dir() / "assets_sample.csv")
        store.imports.add_assets(assets, "assets_sample.csv", ME)
        names = {f"penonton{at:02d}": "viewer" for at in range(1, given.viewers, 2)}
        names |= {f"penyunting{at:02d}": "editor" for at in range(max(given.editors, 1))}
        for account, role in names.items():
            store.accounts.add(account, role, PASSWORD, ME)
        tokens = {name: store.accounts.begin_session(name) for name in names}
        editors = [tokens[name] for name in names if names[name] == "editor"]
        server = start_server(folder, "--processes", str(given.processes))
        ends.callback(stop, server.process)
        time.sleep(5)  # what is made ahead is made
        good = True
        if given.viewers:
            with plain_page(folder) as plain:
                good &= many_views(server, plain, tokens, given.viewers)
        if given.editors:
            good &= many_saves(server, store, editors)
            time.sleep(IDLE_S + 5)  # the figures after the saves are computed, and what computed plans has ended
        if given.sessions:
            good &= many_sessions(server, editors, given.sessions)
        if given.visits:
            good &= many_visits(server, given.visits)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
