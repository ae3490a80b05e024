"""Regencies on dask.distributed: a cluster of processes here, or a scheduler that runs elsewhere.

What is finished is kept under a name that holds the hash of its task and its own: a worker that dies, a scheduler that
is lost and a command that is ended cost only what was under way.
"""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from coverage.base.errors import Place, UnavailableError
from coverage.base.installation import require_extra
from coverage.cli.common import write_file
from coverage.run.nation import RegencyTask

BYTES_A_KM2 = 40_000
"""Memory that a regency takes beside the libraries, as measured: 100 cells a km², of 400 bytes with their runs."""
LIBRARIES = 400 * 2**20
MEMORY_SHARE = 0.6
"""Share of the machine's memory that a cluster here takes at most, unless it is told."""
WAITING = 2
"""Tasks that wait at the workers, so that none is idle."""
TRIES = 10
TRY_AGAIN_S = 3.0
ALONE = 2
"""How often a regency on which workers died is tried by itself."""
_QUIET = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.scheduler.allowed-failures": 0,
    "distributed.admin.tick.limit": "1h",
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**28,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
    "distributed.logging.distributed": "error",
}
"""A regency's arrays cannot be spilled: what fits is decided before it is sent.

Memory freed is kept for the next array: handed back, as dask.distributed would, it is an eighth of a regency's time.
"""


@dataclass(frozen=True)
class ClusterRequest:
    """Where to compute: a scheduler's address, or so many processes here within so many bytes."""

    scheduler: str | None = None
    workers: int | None = None
    memory: int | None = None


class Finished:
    """Archives of finished regencies in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, task: RegencyTask) -> bytes | None:
        """The archive of a task, if it is there and whole."""
        for path in sorted(self._folder.glob(f"{task.regency.kemendagri}-{task.key}-*.zip")):
            content = path.read_bytes()
            if path.stem.endswith(_digest(content)):
                return content
            path.unlink()
        return None

    def put(self, task: RegencyTask, content: bytes) -> None:
        """Keep an archive, in place of those of other inputs."""
        write_file(self._folder / f"{task.regency.kemendagri}-{task.key}-{_digest(content)}.zip", content)
        for path in self._folder.glob(f"{task.regency.kemendagri}-*.zip"):
            if task.key not in path.name:
                path.unlink()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def work(task: RegencyTask, apart: bool) -> bytes:
    """Compute one regency in a worker; ``apart`` from whatever its machine keeps."""
    if apart:
        os.environ["JANGKAU_DATA_DIR"] = _own_folder()
    from coverage.exports.nation import regency_archive  # imports the libraries

    _freeze()
    return regency_archive(task)


@cache
def _freeze() -> None:
    """Have the garbage collector leave the libraries out, and come seldom: together an eighth of a regency's time."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)


@cache
def _own_folder() -> str:
    return tempfile.mkdtemp(prefix="jangkau-")


def compute(
    tasks: Iterable[RegencyTask],
    areas: dict[str, float],
    finished: Finished,
    request: ClusterRequest,
    done: Callable[[RegencyTask, bytes, bool], None],
) -> None:
    """Compute regencies; ``done`` is told each, with its archive and whether it was kept from before.

    Parameters
    ----------
    tasks : the largest first, so that no worker is left with one at the end
    areas : km² by Kemendagri code, by which memory is shared out

    Raises
    ------
    UnavailableError
        ``nation.extra`` without dask.distributed, ``nation.scheduler_lost`` where the scheduler does not come back,
        ``nation.worker_died`` where workers die of one regency.
    """
    waiting = (task for task in tasks if not _kept(task, finished, done))
    first = next(waiting, None)
    if first is None:
        return
    with _Crew(request) as crew:
        _send_all(first, waiting, areas, crew, lambda task, made: _finish(task, made, finished, done))


def _kept(task: RegencyTask, finished: Finished, done: Callable[[RegencyTask, bytes, bool], None]) -> bool:
    content = finished.get(task)
    if content is not None:
        done(task, content, True)
    return content is not None


def _finish(
    task: RegencyTask, made: bytes, finished: Finished, done: Callable[[RegencyTask, bytes, bool], None]
) -> None:
    finished.put(task, made)
    done(task, made, False)


def _send_all(
    first: RegencyTask,
    rest: Iterator[RegencyTask],
    areas: dict[str, float],
    crew: _Crew,
    finish: Callable[[RegencyTask, bytes], None],
) -> None:
    """Send what fits into the memory; again what was lost, alone what killed its worker."""
    under_way: dict[Any, RegencyTask] = {}
    rest, again = chain((first,), rest), list[RegencyTask]()  # those on which workers died after all others
    died: dict[str, int] = {}
    ready: RegencyTask | None = None
    ended = False
    while True:
        while ready is not None or not ended or again:
            ready = ready or next(rest, None) or (again.pop(0) if again else None)
            if ready is None:
                ended = True
                break
            costs = sum(_bytes_of(task, areas) for task in (*under_way.values(), ready))
            alone = ready.regency.kemendagri in died or any(
                one.regency.kemendagri in died for one in under_way.values()
            )
            if under_way and (alone or len(under_way) >= crew.threads + WAITING or costs > crew.memory):
                break
            under_way[crew.send(ready)] = ready
            ready = None
        if not under_way:
            return
        for future in crew.ended(list(under_way)):
            task = under_way.pop(future)
            made = crew.result(future)
            if isinstance(made, bytes):
                finish(task, made)
                continue
            if made is not None:
                died[task.regency.kemendagri] = died.get(task.regency.kemendagri, 0) + 1
                if died[task.regency.kemendagri] > ALONE:
                    raise UnavailableError("nation.worker_died", Place(value=task.regency.name))
            again.append(task)


def _bytes_of(task: RegencyTask, areas: dict[str, float]) -> float:
    return BYTES_A_KM2 * areas.get(task.regency.kemendagri, 0.0)


class _Crew:
    """A client of the scheduler, which may be lost and found again."""

    def __init__(self, request: ClusterRequest) -> None:
        self._request = request
        self._cluster: Any = None
        self._client: Any = None
        self.memory = 0.0

    def __enter__(self) -> _Crew:
        require_extra("cluster", "distributed")
        import dask
        import distributed
        import psutil

        self._distributed: Any = distributed
        dask.config.set(_QUIET)
        workers = self._request.workers or os.cpu_count() or 1
        whole = self._request.memory or int(MEMORY_SHARE * psutil.virtual_memory().total)
        self.memory = max(whole - workers * LIBRARIES, 0.0)
        if self._request.scheduler is None:
            self._cluster = self._distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=whole,
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # of its web server, which starts all the same
                silence_logs=50,
            )
        self._connect()
        if self._request.scheduler is not None:
            self.memory = sum(each["memory_limit"] or 2**50 for each in self._workers().values()) * MEMORY_SHARE
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._client, self._cluster):
            if each is not None:
                with suppress(Exception):
                    each.close(timeout=5)

    def _connect(self) -> None:
        for attempt in range(TRIES):
            try:
                self._client = self._distributed.Client(self._cluster or self._request.scheduler, timeout=10)
                return
            except (OSError, TimeoutError) as error:
                if attempt == TRIES - 1 or self._cluster is not None:
                    where = Place(value=self._request.scheduler)
                    raise UnavailableError("nation.scheduler_lost", where) from error
                time.sleep(TRY_AGAIN_S)

    def _workers(self) -> dict[str, Any]:
        found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    @property
    def threads(self) -> int:
        """Tasks that can run at once."""
        with suppress(Exception):
            return max(sum(int(each["nthreads"]) for each in self._workers().values()), 1)
        return 1

    def send(self, task: RegencyTask) -> Any:
        """Have a task computed."""
        if self._client.status != "running":
            self._connect()
        apart = self._request.scheduler is not None
        return self._client.submit(work, task, apart, pure=False, key=f"{task.regency.kemendagri}-{time.time_ns()}")

    def ended(self, futures: list[Any]) -> list[Any]:
        """Those of the futures that are done or lost, at least one."""
        while True:
            with suppress(TimeoutError, Exception):
                self._distributed.wait(futures, timeout=1.0, return_when="FIRST_COMPLETED")
            over = [one for one in futures if one.status != "pending"]
            if over or self._client.status == "closed":
                return over or futures
            if self._client.status != "running":
                time.sleep(TRY_AGAIN_S)

    def result(self, future: Any) -> bytes | Exception | None:
        """What was computed; None where it was lost, the error where its workers died."""
        if future.status != "finished":
            error = future.exception() if future.status == "error" else None
            if error is not None and not isinstance(error, self._distributed.scheduler.KilledWorker):
                raise error
            return error
        try:
            found: bytes = future.result()
        except (OSError, TimeoutError, self._distributed.client.FutureCancelledError):
            return None
        return found
