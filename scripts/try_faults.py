"""Break the store on purpose, many times, and write what came of it into docs/robustness.md.

    python scripts/try_faults.py [--few]

PostgreSQL is the server that JANGKAU_TEST_DATABASE_URL names, else a private one from Debian's packages; without
either, its figures are left out. Ends with status 1 if anything was lost, damaged, or half done.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from shapely import Point

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from coverage.base.errors import DamagedStoreError  # noqa: E402
from coverage.store import open_store, restore_store  # noqa: E402
from tests.faults import trials  # noqa: E402
from tests.store.stores import ADMIN, EDITOR, Cluster, administer, at_database, binaries, make_assets  # noqa: E402

PAGE = ROOT / "docs" / "robustness.md"
BEGIN, END = "<!-- store: begin -->", "<!-- store: end -->"
Row = tuple[str, str, str]


def filled(folder: Path) -> Path:
    """A closed store in a file with forty assets and some history."""
    path = folder / "jangkau.db"
    fill(str(path))
    return path


def fill(url: str) -> None:
    """Forty assets and some history."""
    store = open_store(url)
    store.assets.add(
        make_assets(*({"note": f"catatan nomor {n}", "photos": f"https://foto.example/{n}.jpg"} for n in range(40))),
        EDITOR,
    )
    for n in range(2, 22):
        store.assets.change(f"wifi-{n}", 1, {"status": "damaged", "note": "tersambar petir"}, EDITOR)
    store.close()


def kills(count: int, url: Callable[[], str], where: str) -> Iterator[Row]:
    """kill -9 during saves and during imports."""
    for name, work in (("saves", trials.save_for_ever), ("imports of 30 rows", trials.import_for_ever)):
        fill(here := url())
        tally = trials.kill_trials(here, count, work, seed=7)
        yield (
            f"kill -9 during {name}, {tally.tried} times, {where}",
            f"{tally.damaged} damaged, {tally.half_done} half done, {tally.lost} of {tally.kept} acknowledged lost",
            verdict(tally.damaged + tally.half_done + tally.lost == 0),
        )


def deaths() -> Iterator[Row]:
    """Death before each statement of each action, with the transaction and without."""
    for bare in (False, True):
        points = halves = 0
        with tempfile.TemporaryDirectory() as folder:
            template = filled(Path(folder))
            actions = ("change", "import") if bare else tuple(trials.ACTIONS)
            for action in actions:
                trial = Path(folder) / action
                trial.mkdir()
                tally = trials.die_everywhere(template, trial, action, without_transaction=bare)
                points, halves = points + tally.tried, halves + tally.half_done
        yield (
            f"death before every statement of {', '.join(actions)}" + (", without the transaction" if bare else ""),
            f"{halves} of {points} left half a change",
            verdict(halves == 0, seen_to_fail=bare),
        )


def together(url: Callable[[], str], where: str) -> Iterator[Row]:
    """Two editors, twenty writers."""
    for blindly in (False, True):
        tally = trials.two_editors(url(), rows=20, edits=50, blindly=blindly)
        yield (
            f"two editors on the same of 20 rows, 50 edits each, {where}" + (", without versions" if blindly else ""),
            f"{tally.notes['conflicts']} conflicts told, {tally.lost} of {tally.tried} edits lost",
            verdict(tally.lost == 0, seen_to_fail=blindly),
        )
    tally = trials.many_writers(url(), writers=20, saves=10)
    yield (
        f"20 writers at once, 10 saves each, {where}",
        f"{tally.lost} failed; 95 of 100 saves within {tally.notes['p95 milliseconds a save']} ms",
        verdict(tally.lost + tally.half_done == 0),
    )


def late_lock() -> Iterator[Row]:
    """Writers that take SQLite's lock at their first write only."""
    with tempfile.TemporaryDirectory() as folder:
        tally = trials.many_writers(str(filled(Path(folder))), writers=20, saves=10, begin_late=True)
    yield (
        "20 writers at once, SQLite, lock taken at the first write only",
        f"{tally.lost} of {tally.tried} failed",
        verdict(tally.lost == 0, seen_to_fail=True),
    )


def flips(count: int) -> Iterator[Row]:
    """Single bits flipped anywhere in the file."""
    for alone in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            template = filled(Path(folder))
            trial = Path(folder) / "trial"
            trial.mkdir()
            with sqlite_alone() if alone else contextmanager(lambda: iter([None]))():
                tally = trials.flip_bits(template, trial, count, seed=11)
        noticed = tally.tried - tally.notes["harmless"] - tally.notes["silent"]
        yield (
            f"{tally.tried} single bits flipped" + (", SQLite's own check alone" if alone else ""),
            f"{noticed} noticed at the start, {tally.notes['harmless']} changed nothing, "
            f"{tally.notes['silent']} slipped in",
            verdict(tally.notes["silent"] == 0, seen_to_fail=alone),
        )


@contextmanager
def sqlite_alone() -> Iterator[None]:
    """Without the sums over the lines of history."""
    from coverage.store import opening

    check = opening.check_contents
    opening.check_contents = lambda *_: None
    try:
        yield
    finally:
        opening.check_contents = check


def restoring() -> Iterator[Row]:
    """A damaged file of 10,000 assets put right from its backup."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, archive = folder / "jangkau.db", folder / "backup.zip"
        store = open_store(str(path))
        store.imports.add_assets(
            make_assets(*({"asset_id": f"a-{n}", "geometry": Point(112 + n / 1e5, -8)} for n in range(10_000))),
            "daftar.csv",
            EDITOR,
        )
        store.backups.make(archive, ADMIN)
        kept = trials.kept_of(store)
        store.close()
        content = bytearray(path.read_bytes())
        content[40_960:45_056] = bytes(4096)
        path.write_bytes(content)
        noticed = False
        try:
            open_store(str(path))
        except DamagedStoreError:
            noticed = True
        start = time.perf_counter()
        restore_store(str(path), archive, ADMIN)
        seconds = time.perf_counter() - start
        store = open_store(str(path))
        same = trials.kept_of(store) == kept
        store.close()
    yield (
        "a damaged store of 10,000 assets restored from its backup",
        f"{seconds:.0f} s, everything back: {same}",
        verdict(noticed and same and seconds < 300),
    )


def verdict(well: bool, seen_to_fail: bool = False) -> str:
    """What the last column says: ``seen_to_fail`` is for trials with the defence taken out."""
    if seen_to_fail:
        return "fails, as it should without the defence" if not well else "NOT SEEN TO FAIL"
    return "holds" if well else "BROKEN"


def rows_of_all(few: bool) -> Iterator[Row]:
    """Every trial, SQLite first."""
    times = 20 if few else 300
    yield from deaths()
    with tempfile.TemporaryDirectory() as folder:
        numbers = itertools.count()

        def fresh_file() -> str:
            path = Path(folder) / str(next(numbers)) / "jangkau.db"
            path.parent.mkdir()
            shutil.copyfile(template, path)
            return str(path)

        template = Path(folder) / "template.db"
        open_store(str(template)).close()
        yield from kills(times, fresh_file, "SQLite")
        yield from together(fresh_file, "SQLite")
    yield from late_lock()
    yield from flips(200 if few else 2000)
    yield from restoring()
    if (folder_of_server := binaries()) is None:
        return
    cluster, numbers = Cluster(folder_of_server), itertools.count()

    def fresh_database() -> str:
        name = f"jangkau_faults_{dt.datetime.now():%H%M%S}_{next(numbers)}"
        administer(cluster.url, f"CREATE DATABASE {name}")
        administer(at_database(cluster.url, name), "CREATE EXTENSION postgis")
        return at_database(cluster.url, name)

    try:
        yield from kills(times, fresh_database, "PostGIS")
        yield from together(fresh_database, "PostGIS")
    finally:
        cluster.remove()


def main() -> int:
    """Try everything, print it, and put the table into the page."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--few", action="store_true", help="fewer trials, and leave the page alone")
    few = options.parse_args().few
    rows = []
    for row in rows_of_all(few):
        print(" | ".join(row), flush=True)
        rows.append(row)
    if not few:
        table = ["| trial | what came of it | |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)]
        text = "\n".join(
            [BEGIN, f"Tried on {dt.date.today().isoformat()} by `python scripts/try_faults.py`.", "", *table, END]
        )
        page = PAGE.read_text("utf-8")
        PAGE.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: text, page, flags=re.DOTALL), "utf-8")
    return int(any(row[2] in ("BROKEN", "NOT SEEN TO FAIL") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
