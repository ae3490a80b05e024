"""The current run, computed once in this process and shared by all visitors.

The first visitor starts it in a thread; others wait for the same one. The key of the LRU cache is the files with size
and modification time, and the revision of the store.

After a change of the inventory nobody waits: the run before is shown, marked as older, while the new one is computed
on the same land. Where only descriptive columns changed, nothing is computed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from weakref import WeakValueDictionary

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from coverage.base.errors import StoreError, UnavailableError
from coverage.base.log import background_failure
from coverage.readers.apart import RUN, read_within
from coverage.run.analysis import RunProgress, analyze, prepare, reworded
from coverage.run.decisions import decided_parameters, decisions_in
from coverage.run.inputs import Inputs, all_ship, read_inputs
from coverage.run.result import Analysis, Ground, SignalSoFar
from coverage.run.sources import Sources
from coverage.run.stored_inputs import with_stored
from coverage.store import region_files
from coverage.store.losses import loss_cache
from coverage.web import settings, store_access
from coverage.web.responsiveness import let_others_first

STANDS_BACK_S = 3.0
"""Seconds that a run after a change of the inventory yields to pages at most."""
KEPT = 4
"""Size of the LRU cache."""
MOST_WAITING = 3
"""Runs of other regions than the first that may be awaited at once: any visitor may look at any regency."""

_log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class ComputedRun:
    """A finished run with its inputs."""

    inputs: Inputs
    analysis: Analysis
    ground: Ground
    """Land and people, which stay while assets change."""
    read: Inputs
    """Contents of the files, before the store is merged in; reread only when they change."""
    number: int = field(default_factory=count().__next__)
    """Names it to the processes that keep it (:mod:`coverage.web.workers`)."""


class Run:
    """A computation and its progress."""

    def __init__(self) -> None:
        self.step = "read"
        """Current step, a key of ``cli.step`` in the locale."""
        self.done = 0.0
        """Fraction done."""
        self.so_far: SignalSoFar | None = None
        """Signal of the towers done, while there is no result."""
        self.result: Future[ComputedRun] = Future()

    def advance(self, step: str, done: float, so_far: SignalSoFar | None = None) -> None:
        """Begin ``step``."""
        self.step, self.done, self.so_far = step, done, so_far or self.so_far


class Runs:
    """LRU cache of runs; the latest of the first region stays, and is computed beside those of others."""

    def __init__(self, compute: Callable[[Sources, RunProgress], ComputedRun] | None = None) -> None:
        self._compute = compute or _compute
        self._runs: dict[Any, Run] = {}
        self._newest: WeakValueDictionary[Any, Run] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._turns = {True: threading.Lock(), False: threading.Lock()}
        self.failing = False
        """Whether the latest computation came to nothing."""
        self.followers: list[Callable[[Sources, ComputedRun], None]] = []
        """Called with every run that was computed, in a thread of their own."""

    def of(self, sources: Sources) -> Run:
        """Return the run of ``sources``, starting it if new or failed.

        Raises
        ------
        StoreError
            Too many runs of other regions are awaited (``jobs.too_many``).
        """
        same = (sources, _fingerprint(sources))
        key = (*same, store_access.revision(sources), store_access.records_revision(), store_access.settings_revision())
        with self._lock:
            run = self._runs.pop(key, None)
            if run is None or (run.result.done() and run.result.exception() is not None):
                self._refuse_many(sources)
                run = self._newest[same] = Run()
                threading.Thread(target=self._work, args=(run, same), name="jangkau-run", daemon=True).start()
            self._runs[key] = run  # in last, so out last
            there = [key for key, run in self._runs.items() if run.result.done()]
            firsts = [key for key in there if _is_first(key[0]) and self._runs[key].result.exception() is None][-1:]
            rest = [key for key in there if key not in firsts]
            for old in rest[: max(0, len(there) - KEPT)]:  # one that is awaited pushes none out
                del self._runs[old]
        return run

    def _refuse_many(self, sources: Sources) -> None:
        waiting = [key for key, run in self._runs.items() if not run.result.done() and not _is_first(key[0])]
        if len(waiting) >= MOST_WAITING and not _is_first(sources):
            raise StoreError("jobs.too_many", count=len(waiting))

    def shown(self, sources: Sources) -> tuple[Run, bool]:
        """The run to show now, and whether the inventory has changed since.

        While a new run is computed, or the database does not answer, that is the latest one on the same files, else the
        one to wait for.
        """
        if store_access.opened_store().problem is not None:
            last = self._done((sources, _fingerprint(sources)))
            if last is not None:
                return last, True
        run = self.of(sources)
        if run.result.done():
            return run, False
        earlier = self._done((sources, _fingerprint(sources)))
        return (run, False) if earlier is None else (earlier, earlier is not run)

    def latest(self, sources: Sources) -> ComputedRun | None:
        """Latest finished run on the same files; None if none."""
        run = self._done((sources, _fingerprint(sources)))
        return None if run is None else run.result.result()

    def under(self, analysis: Analysis) -> ComputedRun | None:
        """The run that an analysis is a view of, such as one under another order; None where it is kept no more."""
        with self._lock:
            done = [run.result for run in self._runs.values() if run.result.done() and not run.result.exception()]
        found = (one.result() for one in reversed(done))
        return next((run for run in found if run.analysis.cells is analysis.cells), None)

    def _done(self, same: Any) -> Run | None:
        with self._lock:
            for key in reversed(list(self._runs)):
                run = self._runs[key]
                if key[:2] == same and run.result.done() and run.result.exception() is None:
                    return run
        return None

    def _work(self, run: Run, same: Any) -> None:
        """Compute runs one at a time; one overtaken while queued takes the result of the newest."""
        if self._done(same) is not None:
            let_others_first(STANDS_BACK_S)  # nobody waits: the run before is shown
        with self._turns[_is_first(same[0])]:
            with self._lock:
                newest = self._newest.get(same, run)
            if newest is not run:
                newest.result.add_done_callback(lambda done: _pass_on(done, run.result))
                return
            try:
                begun = time.monotonic()
                made = self._compute(same[0], run.advance)
                self.failing = False
                run.result.set_result(made)
                _log.info("run computed in %.1f s", time.monotonic() - begun)
                threading.Thread(target=self._tell, args=(same[0], made), name="jangkau-follow", daemon=True).start()
            except BaseException as error:  # re-raised for whoever waits
                self.failing = True
                background_failure(_log, "run", error)
                run.result.set_exception(error)
            finally:
                run.so_far = None

    def _tell(self, sources: Sources, made: ComputedRun) -> None:
        for follower in self.followers:
            try:
                follower(sources, made)
            except Exception as error:  # the run is there all the same
                background_failure(_log, "run", error)


def _is_first(sources: Sources) -> bool:
    """Whether these are the files that the app shows to who names no region."""
    return sources == settings.sources()


def _pass_on(done: Future[ComputedRun], to: Future[ComputedRun]) -> None:
    error = done.exception()
    if error is None:
        to.set_result(done.result())
    else:
        to.set_exception(error)


def _compute(sources: Sources, progress: RunProgress) -> ComputedRun:
    before = RUNS.latest(sources)
    read = read_kept(sources, read_inputs, sources) if before is None else before.read
    opened = store_access.opened_store()
    if isinstance(opened.problem, UnavailableError):
        raise opened.problem  # without the inventory the answer would be another
    store = opened.store
    inputs = read if store is None else with_stored(read, sources, store)
    parameters = decided_parameters(sources, inputs, decisions_in(store, sources, inputs))
    progress("land", 0.0)
    if before is None and not sources.tried:
        store_access.warm_up(inputs.villages)
    if before is None or not _same_people(before.inputs, inputs):
        ground = prepare(inputs, parameters, loss_cache(), _read_apart)
        return ComputedRun(inputs, analyze(inputs, parameters, ground, progress), ground, read)
    as_before = _same_figures(before.inputs, inputs) and parameters == before.analysis.parameters
    same = reworded(before.analysis, inputs, before.ground) if as_before else None
    heard_alike = parameters.radio == before.analysis.parameters.radio  # not calibrated since, nor before
    earlier = before.analysis.reached if heard_alike else None
    found = same or analyze(inputs, parameters, before.ground, progress, earlier)
    return ComputedRun(inputs, found, before.ground, read)


_read_apart = partial(read_within, RUN)


def read_kept(sources: Sources, reader: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """Call a reader of the files of a run: apart, unless all ship, for what was handed in stays a stranger's file."""
    return reader(*args, **options) if all_ship(sources) else read_within(RUN, reader, *args, **options)


def _same_people(before: Inputs, inputs: Inputs) -> bool:
    """Whether people per village are unchanged."""
    return before.villages["population"].equals(inputs.villages["population"])


def _same_figures(before: Inputs, inputs: Inputs) -> bool:
    """Whether criteria and measurements are unchanged."""
    pairs = ((before.criteria, inputs.criteria), (before.measurements, inputs.measurements))
    return all(one is other if one is None or other is None else one.equals(other) for one, other in pairs)


def _fingerprint(sources: Sources) -> tuple[Any, ...]:
    stats = [path.stat() for path in sources.files() if path.exists()]
    return (*((stat.st_mtime_ns, stat.st_size) for stat in stats), region_files.revision())


RUNS = Runs()


def cached_per_run(function: Callable[Concatenate[Analysis, P], R]) -> Callable[Concatenate[Analysis, P], R]:
    """Cache results per run, for the latest runs; further arguments must be hashable."""

    def key(analysis: Analysis, *args: Any, **kwargs: Any) -> Any:
        return hashkey(analysis.run["run_id"], *args, **kwargs)

    # No condition: a page must not wait for the thread that makes things ahead, which stands back for pages.
    made = cached(LRUCache(KEPT * 8), key=key, lock=threading.Lock())(function)
    return cast(Callable[Concatenate[Analysis, P], R], made)
