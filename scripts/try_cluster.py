"""Tries ``jangkau national`` with workers that die: the results must not depend on it, nor on how many there are.

``python scripts/try_cluster.py [REGIONS]`` (six cities by default) computes the same regencies with 1, 2 and 4 workers,
with two workers of which one is killed in the middle, and on a scheduler with three workers in processes and folders of
their own, of which one is killed in the middle, and the scheduler itself is replaced. It prints seconds and compares
every table byte by byte. Exit status 1 where anything differs.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from coverage.readers.nation import outlines
from coverage.run.nation import regencies_of

CITIES = "32.71,32.76,31.71,31.72,31.73,36.71"
COMPARED = ("regencies.csv", "common_plan.csv", "villages/**/*.parquet", "pockets/**/*.parquet")
PYTHON = [sys.executable, "-m"]
ROOT = Path(__file__).parents[1]


def made_assets(codes: list[str], folder: Path) -> Path:
    """A list of towers and fibre nodes in and around the regencies."""
    west, south, east, north = outlines(codes).total_bounds
    random, rows = np.random.default_rng(1), ["asset_id,kind,status,lon,lat"]
    for kind, count in (("tower", 60), ("fiber_node", 60)):
        lon, lat = random.uniform(west, east, count), random.uniform(south, north, count)
        rows += [f"{kind}-{k},{kind},operational,{lon[k]:.6f},{lat[k]:.6f}" for k in range(count)]
    path = folder / "aset.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def fingerprint(out: Path) -> dict[str, str]:
    """SHA-256 of every table."""
    files = sorted(path for pattern in COMPARED for path in out.glob(pattern))
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def start(*arguments: str, data: Path, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """A process with a data folder of its own."""
    data.mkdir(exist_ok=True)
    environment = {**os.environ, "JANGKAU_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([*PYTHON, *arguments], env=environment, cwd=cwd or ROOT)


def until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait for something to happen while a process runs."""
    while not true() and process.poll() is None:
        time.sleep(0.1)


def busy_worker(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The worker of a local cluster that has most in its memory."""
    workers = [one for one in psutil.Process(process.pid).children(True) if "spawn_main" in " ".join(one.cmdline())]
    return max(workers, key=lambda one: one.memory_info().rss)


def finished(out: Path) -> bool:
    """Whether the first regency is kept."""
    return any(out.glob("finished/*.zip"))


def main() -> int:
    """Compute, kill, compare."""
    asked = sys.argv[1] if len(sys.argv) > 1 else CITIES
    results: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assets = made_assets([one.kemendagri for one in regencies_of([asked])], folder)
        base = ["coverage.cli", "national", "--regions", asked, "--assets", str(assets), "--memory", "6"]

        def national(label: str, *more: str) -> subprocess.Popen[bytes]:
            print(f"-- {label}", flush=True)
            return start(*base, "--out", str(folder / label), *more, data=folder / "data")

        def done(label: str, process: subprocess.Popen[bytes], since: float) -> None:
            status = process.wait(600)
            results[label] = fingerprint(folder / label) if status == 0 else {"exit status": str(status)}
            print(f"{label}: {time.perf_counter() - since:.0f} s, exit status {status}", flush=True)

        for workers in (1, 2, 4):
            since = time.perf_counter()
            done(f"{workers} workers", national(f"{workers} workers", "--workers", str(workers)), since)
        since, label = time.perf_counter(), "2 workers, one killed"
        process = national(label, "--workers", "2")
        until(lambda: finished(folder / label), process)
        busy_worker(process).kill()
        done(label, process, since)
        since, label = time.perf_counter(), "command killed, run again"
        process = national(label, "--workers", "2")
        until(lambda: finished(folder / label), process)
        for one in (*psutil.Process(process.pid).children(True), psutil.Process(process.pid)):
            one.kill()
        process.wait()
        done(label, national(label, "--workers", "2"), since)
        on_a_scheduler(folder, national, done)
    first, *others = results.items()
    print(f"{len(first[1])} tables")
    differ = [label for label, found in others if found != first[1] or "regencies.csv" not in found]
    print("all alike" if not differ else f"not like {first[0]}: {differ}")
    return 1 if differ else 0


def on_a_scheduler(folder: Path, national: Callable[..., subprocess.Popen[bytes]], done: Callable[..., None]) -> None:
    """A scheduler and three workers in folders of their own; a worker is killed, then the scheduler is replaced."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"

    def scheduler() -> subprocess.Popen[bytes]:
        given = ("--host", "127.0.0.1", "--port", port, "--no-dashboard")
        return start("distributed.cli.dask_scheduler", *given, data=folder / "scheduler", cwd=folder)

    running = [scheduler()]
    for k in range(3):
        own = folder / f"worker-{k}"
        own.mkdir()
        given = (address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(own))
        running.append(start("distributed.cli.dask_worker", *given, data=own / "data", cwd=own))
    try:
        since, label = time.perf_counter(), "three workers elsewhere, one killed, scheduler replaced"
        process = national(label, "--scheduler", address)
        until(lambda: finished(folder / label), process)
        running[1].kill()
        running[0].kill()
        running[0].wait()
        running[0] = scheduler()
        for k in (1, 2):
            own = folder / f"worker-{k}"
            given = (address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(own))
            running.append(start("distributed.cli.dask_worker", *given, data=own / "data", cwd=own))
        done(label, process, since)
    finally:
        for each in running:
            each.kill()
            each.wait()


if __name__ == "__main__":
    sys.exit(main())
