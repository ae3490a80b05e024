"""Trials that break things on purpose: used by the tests of this folder (few) and by scripts/try_faults.py (many)."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import threading
import time
import types
import unittest.mock
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import event

from coverage.base.errors import JangkauError, ParameterError, StaleVersionError, StoreError
from coverage.base.schema import EVIDENCE
from coverage.store import AssetFilter, Store, database, engine, open_store
from coverage.store.models import asset_history, assets, evidence, figures, imports, journal, metadata
from tests.store.stores import ADMIN, EDITOR, VIEWER, make_assets

EVERYTHING = AssetFilter(struck_out=True)
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.faults.trials"])


@dataclass
class Tally:
    """What a trial found."""

    tried: int = 0
    damaged: int = 0
    half_done: int = 0
    lost: int = 0
    kept: int = 0
    notes: Counter[str] = field(default_factory=Counter)


def half_done(store: Store) -> list[str]:
    """What is there of a change without the rest of it; nothing, one hopes."""
    with store.database.reading() as connection:
        lines = connection.execute(
            sa.select(asset_history.c.asset_id, asset_history.c.version, asset_history.c.change_id)
        ).all()
        present = dict(connection.execute(sa.select(assets.c.asset_id, assets.c.version)).all())
        changes = set(connection.execute(sa.select(journal.c.change_id)).scalars())
        lists = connection.execute(sa.select(imports)).all()
        imported = Counter(connection.execute(sa.select(asset_history.c.import_id)).scalars())
        imported += Counter(connection.execute(sa.select(evidence.c.import_id)).scalars())
        villages = sa.select(figures.c.import_id, figures.c.village_code_bps).distinct()
        imported += Counter(connection.execute(villages).scalars())
    # A list of figures keeps those of every village on it, also where they say nothing new.
    counted = {
        line.import_id: line.added + line.changed + line.unchanged * (line.record == "figures") for line in lists
    }
    found = [
        f"{line.asset_id}: line {line.version} without its change in the journal"
        for line in lines
        if line.change_id not in changes
    ]
    versions: dict[str, list[int]] = {asset_id: [] for asset_id in present}
    for line in lines:
        versions.setdefault(line.asset_id, []).append(line.version)
    found += [
        f"{asset_id}: at version {present.get(asset_id)}, lines {there}"
        for asset_id, there in versions.items()
        if sorted(there) != list(range(1, present.get(asset_id, 0) + 1))
    ]
    found += [
        f"import {name}: {imported[name]} of {count}" for name, count in counted.items() if imported[name] != count
    ]
    return found + [f"import {name} is not listed" for name in imported if name and name not in counted]


def _started(work: Callable[..., None], *arguments: Any) -> Any:
    """A process at its work.

    A process made by fork server runs the main program's file again; where pages of Streamlit were tried before, the
    script of the last one passes for the main program. So for the moment there is none.
    """
    process = _processes.Process(target=work, args=arguments, daemon=True)
    with unittest.mock.patch.dict(sys.modules, {"__main__": types.ModuleType("__main__")}):
        process.start()
    return process


def run_and_kill(work: Callable[..., None], turns: int, part: float, *arguments: Any) -> list[Any]:
    """Run ``work(pipe, *arguments)`` in a process and kill it in the middle of its next turn; what it had sent.

    The kill comes after ``turns`` messages and then as long again as ``part`` of the time that a turn took, so that it
    falls into the work on a fast machine and on a slow one.
    """
    ours, theirs = _processes.Pipe(duplex=False)
    process = _started(work, theirs, *arguments)
    theirs.close()
    ours.recv()
    start = time.perf_counter()
    sent = [ours.recv() for _ in range(turns)]
    time.sleep(part * (time.perf_counter() - start) / max(turns, 1) if turns else part * 0.05)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    with contextlib.suppress(EOFError):
        while ours.poll():
            sent.append(ours.recv())
    ours.close()
    return sent


def save_for_ever(pipe: Connection, url: str, seed: int) -> None:
    """Change assets one after the other and send what was acknowledged."""
    store = open_store(url)
    draw = random.Random(seed)
    versions = dict(store.assets.table(viewer=VIEWER)[["asset_id", "version"]].itertuples(index=False, name=None))
    pipe.send("ready")
    for turn in range(1_000_000):
        asset_id = draw.choice(sorted(versions))
        versions[asset_id] = store.assets.change(asset_id, versions[asset_id], {"note": f"{seed}-{turn}"}, EDITOR)
        pipe.send((asset_id, versions[asset_id]))


def import_for_ever(pipe: Connection, url: str, seed: int) -> None:
    """Take in lists of 30 new assets one after the other and send what was acknowledged."""
    store = open_store(url)
    pipe.send("ready")
    for turn in range(1_000_000):
        done = store.imports.add_assets(
            make_assets(*({"asset_id": f"i-{seed}-{turn}-{n}"} for n in range(30))), "daftar.csv", EDITOR
        )
        pipe.send((done.import_id, done.added))


def take_in_for_ever(pipe: Connection, url: str, seed: int) -> None:
    """Take in files of 30 rows, from reading to applying, one after the other and send what was acknowledged."""
    from coverage.imports.apply import apply_plan
    from coverage.imports.interpret import interpret
    from coverage.imports.list_options import guess
    from coverage.imports.plan import make_plan
    from coverage.imports.read import read

    store = open_store(url)
    file = Path(url).parent / f"daftar-{seed}.csv"
    pipe.send("ready")
    for turn in range(1_000_000):
        rows = [f"k-{seed}-{turn}-{n},Menara {n},{-8.1 - n / 1000:.5f},{112.2 + n / 1000:.5f}" for n in range(30)]
        file.write_text("\n".join(["kode aset,nama,lat,lon", *rows]) + "\n", "utf-8")
        raw = read(file)
        plan = make_plan(
            interpret(raw, guess(raw, "tower")), store.assets.table(viewer=EDITOR), store.assets.revision()
        )
        done = apply_plan(plan, store, EDITOR)
        pipe.send((done.import_id, done.added))


def restore_for_ever(pipe: Connection, url: str, seed: int) -> None:
    """Put back one of two backups and the other in turn; ``a.zip`` and ``b.zip`` lie beside the store."""
    store = open_store(url)
    folder = Path(url).parent
    pipe.send("ready")
    for turn in range(1_000_000):
        store.backups.restore(folder / ("a.zip" if (turn + seed) % 2 else "b.zip"), ADMIN)
        pipe.send(turn)


def kill_trials(url: str, count: int, work: Callable[..., None], seed: int = 1) -> Tally:
    """Kill a writer ``count`` times at a random moment; after each kill look for damage, halves and losses."""
    tally, draw = Tally(), random.Random(seed)
    for trial in range(count):
        sent = run_and_kill(work, draw.randrange(4), draw.random(), url, trial)
        tally.tried += 1
        tally.kept += len(sent)
        try:
            store = open_store(url)
        except StoreError:
            tally.damaged += 1
            break
        tally.half_done += len(half_done(store))
        tally.lost += _lost(store, work, sent)
        store.close()
    return tally


def _lost(store: Store, work: Callable[..., None], sent: list[Any]) -> int:
    with store.database.reading() as connection:
        if work is save_for_ever:
            present = dict(connection.execute(sa.select(assets.c.asset_id, assets.c.version)).all())
            return sum(present[asset_id] < version for asset_id, version in sent)
        known = set(connection.execute(sa.select(imports.c.import_id)).scalars())
        return sum(name not in known for name, _ in sent)


def die_at(pipe: Connection, url: str, statement: int, action: str, without_transaction: bool) -> None:
    """Do one thing to the store, and die by kill -9 right before its n-th statement; send when it is done."""
    if without_transaction:
        database.WRITE = engine.BARE  # type: ignore[assignment,misc]
    store = open_store(url)
    count = 0

    @event.listens_for(store.database.engine, "before_cursor_execute")
    def _count(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(store.database.engine, "commit")
    def _commit(_: Any) -> None:
        _count()

    ACTIONS[action](store)
    pipe.send("done")
    os._exit(0)


REPORTS = pd.DataFrame(
    [
        {name: None if name in ("lon", "lat") else "x" for name in EVIDENCE.names}
        | {"evidence_id": f"3505/abc/aduan.csv:{row}", "kind": "complaint", "claimed_state": "blank", "match": "agreed"}
        for row in (2, 3)
    ]
)
FIGURES = pd.DataFrame(
    [("3505060010", "population", 1.0), ("3505060010", "Sekolah", 2.0), ("3505060007", "Sekolah", 3.0)],
    columns=["village_code_bps", "figure", "value"],
)
ACTIONS: dict[str, Callable[[Store], object]] = {
    "add": lambda store: store.assets.add(make_assets({"asset_id": "baru-1"}, {"asset_id": "baru-2"}), EDITOR),
    "change": lambda store: store.assets.change("wifi-1", 1, {"status": "damaged"}, EDITOR),
    "import": lambda store: store.imports.add_assets(
        make_assets({"status": "damaged"}, {"asset_id": "baru-1"}), "a.csv", EDITOR
    ),
    "import reports": lambda store: store.imports.add_evidence(REPORTS, "aduan.csv", EDITOR),
    "import figures": lambda store: store.imports.add_figures(FIGURES, "penduduk.csv", EDITOR),
    "undo": lambda store: store.history.undo_last(EDITOR),
    "set back all": lambda store: store.history.set_back_all("2026-01-01", ADMIN),
}


def die_everywhere(template: Path, folder: Path, action: str, without_transaction: bool = False) -> Tally:
    """Do ``action`` again and again on a fresh copy, dying one statement later each time, until it lives."""
    tally = Tally()
    for statement in range(1, 200):
        file = folder / f"{statement}.db"
        shutil.copyfile(template, file)
        ours, theirs = _processes.Pipe(duplex=False)
        process = _started(die_at, theirs, str(file), statement, action, without_transaction)
        theirs.close()
        process.join()
        done = process.exitcode == 0 and ours.poll() and ours.recv() == "done"
        ours.close()
        assert done or process.exitcode == -signal.SIGKILL, f"{action} failed by itself"
        tally.tried += 1
        try:
            store = open_store(str(file))
            found = half_done(store)
            store.close()
        except StoreError:
            found = ["damaged"]
        tally.half_done += bool(found)
        tally.notes.update(found)
        if done:
            return tally
    raise AssertionError("the action never came to its end")


def two_editors(url: str, rows: int, edits: int, blindly: bool = False) -> Tally:
    """Two editors who always meet on the same row: each reads it, then both write; nobody's words may be lost.

    ``blindly`` takes the defence out: a refused change is sent again under the newest version, as if there were none.
    """
    with_rows = open_store(url)
    ids = with_rows.assets.add(
        make_assets(*({"asset_id": f"baris-{n:02d}", "note": "mulai"} for n in range(rows))), EDITOR
    )
    tally, meeting = Tally(), threading.Barrier(2)
    counting = threading.Lock()

    def edit(name: str) -> None:
        store = open_store(url)
        for turn in range(edits):
            asset_id = ids[turn % rows]
            row = store.assets.one(asset_id).iloc[0]
            meeting.wait(30)
            written, version = f"{row['note']} {name}{turn}", int(row["version"])
            while True:
                try:
                    store.assets.change(asset_id, version, {"note": written}, EDITOR)
                    break
                except StaleVersionError as refused:
                    with counting:
                        tally.notes["conflicts"] += 1
                    (conflict,) = refused.details["conflicts"]
                    version = conflict.their_version
                    if not blindly:
                        written = f"{conflict.fields['note'].theirs} {name}{turn}"
            meeting.wait(30)
        store.close()

    threads = [threading.Thread(target=edit, args=(name,)) for name in ("ani", "budi")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    words = set(" ".join(with_rows.assets.table()["note"]).split())
    tally.tried = 2 * edits
    tally.lost = sum(f"{name}{turn}" not in words for name in ("ani", "budi") for turn in range(edits))
    tally.half_done = len(half_done(with_rows))
    with_rows.close()
    return tally


def write_some(pipe: Connection, url: str, writer: int, saves: int, begin_late: bool) -> None:
    """Change one's own asset so many times; send how long each save took, or what went wrong."""
    if begin_late:
        database.WRITE = engine.READ  # type: ignore[assignment,misc]
    store = open_store(url)
    pipe.send("ready")
    pipe.recv()
    took, failed, version = [], Counter[str](), 1
    for turn in range(saves):
        start = time.perf_counter()
        try:
            version = store.assets.change(f"w-{writer}", version, {"note": str(turn)}, EDITOR)
        except JangkauError as error:
            failed[error.code] += 1
        took.append(time.perf_counter() - start)
    pipe.send((took, failed))


def many_writers(url: str, writers: int, saves: int, begin_late: bool = False) -> Tally:
    """So many processes that save at once; ``begin_late`` takes the defence out: the lock is taken at the first
    write."""
    store = open_store(url)
    store.assets.add(make_assets(*({"asset_id": f"w-{n}"} for n in range(writers))), EDITOR)
    pipes, processes = [], []
    for writer in range(writers):
        ours, theirs = _processes.Pipe()
        processes.append(_started(write_some, theirs, url, writer, saves, begin_late))
        pipes.append(ours)
    for pipe in pipes:
        pipe.recv()
    start = time.perf_counter()
    for pipe in pipes:
        pipe.send("go")
    tally = Tally(tried=writers * saves)
    took: list[float] = []
    for pipe in pipes:
        times, failed = pipe.recv()
        took += times
        tally.notes.update(failed)
    for process in processes:
        process.join()
    tally.notes["milliseconds in all"] = int(1000 * (time.perf_counter() - start))
    tally.notes["p95 milliseconds a save"] = int(1000 * pd.Series(took).quantile(0.95))
    with store.database.reading() as connection:
        kept = connection.execute(
            sa.select(sa.func.sum(assets.c.version - 1)).where(assets.c.asset_id.startswith("w-"))
        ).scalar_one()
    tally.kept = int(kept)
    tally.lost = tally.tried - tally.kept
    tally.half_done = len(half_done(store))
    store.close()
    return tally


def flip_bits(template: Path, folder: Path, count: int, seed: int = 1) -> Tally:
    """Flip one bit of a store ``count`` times: it is noticed when the store is opened, or nothing that is kept
    differs."""
    file, draw, tally = folder / "jangkau.db", random.Random(seed), Tally()
    content = template.read_bytes()
    file.write_bytes(content)
    store = open_store(str(file))
    expected = kept_of(store)
    store.close()
    for _ in range(count):
        for path in folder.iterdir():
            path.unlink()
        at = draw.randrange(len(content))
        file.write_bytes(content[:at] + bytes([content[at] ^ (1 << draw.randrange(8))]) + content[at + 1 :])
        tally.tried += 1
        try:
            store = open_store(str(file))
        except StoreError as error:
            tally.notes[error.code] += 1
            continue
        try:
            same = kept_of(store) == expected
        except Exception:  # an error on reading is late, but it is not silent; it counts as silent all the same
            same = False
        store.close()
        tally.notes["harmless" if same else "silent"] += 1
        tally.lost += not same
    return tally


def kept_of(store: Store) -> dict[str, Any]:
    """The inventory and its history as they are kept, without what is computed from them."""
    with store.database.reading() as connection:
        columns = [column for column in assets.c if column.name not in ("village", "village_code_bps", "subdistrict")]
        return {
            "assets": connection.execute(sa.select(*columns).order_by(assets.c.asset_id)).all(),
            "asset_history": connection.execute(
                sa.select(asset_history).order_by(asset_history.c.asset_id, asset_history.c.version)
            ).all(),
        }


def rows_of(store: Store) -> dict[str, int]:
    """How many rows every table has."""
    with store.database.reading() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def everything_for_ever(pipe: Connection, url: str, seed: int) -> None:
    """Save, import and plan at once, each in a thread of its own; send what was acknowledged and by which.

    The plan is computed, not made up: the best of a small problem, kept as the office's decision.
    """
    from coverage.rollout.selection import select
    from tests.rollout.made import small_problem

    store = open_store(url)
    draw, sending = random.Random(seed), threading.Lock()
    versions = dict(store.assets.table(viewer=VIEWER)[["asset_id", "version"]].itertuples(index=False, name=None))

    def send(kind: str, what: Any) -> None:
        with sending:
            pipe.send((kind, what))

    def save() -> None:
        for turn in range(1_000_000):
            asset_id = draw.choice(sorted(versions))
            versions[asset_id] = store.assets.change(asset_id, versions[asset_id], {"note": f"{seed}-{turn}"}, EDITOR)
            send("save", (asset_id, versions[asset_id]))

    def take_in() -> None:
        for turn in range(1_000_000):
            rows = make_assets(*({"asset_id": f"s-{seed}-{turn}-{n}"} for n in range(30)))
            send("import", store.imports.add_assets(rows, "daftar.csv", EDITOR).import_id)

    def plan() -> None:
        for turn in range(1_000_000):
            problem = small_problem(turn % 50)
            try:
                value = {"turn": f"{seed}-{turn}", "people": select(problem).choice.gain(problem)}
            except ParameterError:
                continue  # no plan meets the wishes of this one
            store.settings.decide("3505", "plan", value, ADMIN)
            send("plan", value)

    pipe.send("ready")
    threads = [threading.Thread(target=work, daemon=True) for work in (save, take_in, plan)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
