"""Mixed-integer programmes, solved with HiGHS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

INTERRUPT = highspy.cb.HighsCallbackType.kCallbackMipInterrupt
FEASIBILITY = 1e-9
"""Tolerance of rows and integers: with money in millions of rupiah, a thousandth of a rupiah."""


@dataclass(frozen=True)
class Progress:
    """State of the search: best value (NaN where none), proven bound, relative gap, seconds."""

    best: float
    bound: float
    gap: float
    seconds: float


Watch = Callable[[Progress], bool]
"""Called during a search; True stops it at the best solution so far."""


@dataclass(frozen=True)
class Programme:
    """Maximise ``objective @ x`` with ``row_lower <= rows @ x <= row_upper`` and ``lower <= x <= upper``."""

    objective: Floats
    lower: Floats
    upper: Floats
    whole: npt.NDArray[np.bool_]
    rows: csr_array
    row_lower: Floats
    row_upper: Floats


@dataclass(frozen=True)
class Solution:
    """What the search found.

    ``status``: ``optimal`` (the gap asked for is proven), ``limit`` (out of time), ``stopped`` (by the
    watcher), ``infeasible``. Whole variables are whole in ``values``, which is None where nothing was found;
    ``bound`` is proven in any case.
    """

    values: Floats | None
    objective: float
    bound: float
    status: Literal["optimal", "limit", "stopped", "infeasible"]
    seconds: float

    @property
    def gap(self) -> float:
        """Relative gap to the bound."""
        if self.bound <= self.objective:
            return 0.0
        return (self.bound - self.objective) / abs(self.objective) if self.objective else float("inf")


def solve(
    programme: Programme,
    gap: float = 0.0,
    seconds: float = 60.0,
    start: Floats | None = None,
    watch: Watch | None = None,
    every: float = 0.0,
) -> Solution:
    """Solve a programme.

    Parameters
    ----------
    programme : what to maximise
    gap : relative gap at which to stop; 0 asks for the optimum
    start : a feasible solution to start from; ignored if infeasible
    watch : progress callback; True stops the search
    every
        Seconds between calls of ``watch``. 0 calls it at every node, so that stopping is deterministic; more is faster
        among busy threads, because each call waits for the interpreter.
    """
    highs = _highs(seconds, mip_rel_gap=float(gap), mip_abs_gap=1e-7)
    highs.passModel(_model(programme))
    if start is not None:
        highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    stopped, pulse = _watch(highs, watch, every > 0), threading.Event()
    if watch is not None and every > 0:
        threading.Thread(target=_pulse, args=(highs, every, pulse), name="jangkau-pulse", daemon=True).start()
    try:
        highs.run()
    finally:
        pulse.set()
    return _solution(highs, programme, bool(stopped))


@dataclass(frozen=True)
class Linear:
    """The optimum of a linear relaxation.

    Attributes
    ----------
    values, value : the optimum and what it is worth
    prices : of each row: how much the objective grows with its upper bound, never negative
    losses : of each variable at 0: how much of the objective it costs to set it to 1, at least
    """

    values: Floats
    value: float
    prices: Floats
    losses: Floats
    seconds: float


def linear(programme: Programme, seconds: float) -> Linear | None:
    """Solve the linear relaxation of a programme; None where there is no solution or no time."""
    highs = _highs(seconds)
    highs.passModel(_model(replace(programme, whole=np.zeros(len(programme.whole), dtype=bool))))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = highs.getSolution()
    values, rows, columns = (
        np.asarray(of, dtype=np.float64) for of in (solution.col_value, solution.row_dual, solution.col_dual)
    )
    return Linear(
        values, float(programme.objective @ values), np.abs(rows), np.maximum(-columns, 0.0), float(highs.getRunTime())
    )


def _highs(seconds: float, **more: float) -> Any:
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 1,
        "time_limit": float(seconds),
        "mip_feasibility_tolerance": FEASIBILITY,
        "primal_feasibility_tolerance": FEASIBILITY,
        **more,
    }
    for option, value in options.items():
        highs.setOptionValue(option, value)
    return highs


def _model(programme: Programme) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(programme.objective), programme.rows.shape[0]
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = programme.objective, programme.lower, programme.upper
    lp.row_lower_, lp.row_upper_ = programme.row_lower, programme.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = programme.rows.indptr.astype(np.int32)
    lp.a_matrix_.index_ = programme.rows.indices.astype(np.int32)
    lp.a_matrix_.value_ = programme.rows.data.astype(np.float64)
    whole, any_ = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole if one else any_ for one in programme.whole]
    return lp


def _watch(highs: Any, watch: Watch | None, once: bool) -> list[bool]:
    """Attach ``watch``; the list returned is filled once it has stopped the search.

    With ``once`` the search calls back once, and again whenever :func:`_pulse` lets it.
    """
    stopped: list[bool] = []
    if watch is None:
        return stopped
    seen = watch

    def look(event: Any) -> None:
        out = event.data_out
        best = out.mip_primal_bound if abs(out.mip_primal_bound) < highspy.kHighsInf else float("nan")
        if stopped or seen(Progress(best, out.mip_dual_bound, out.mip_gap, out.running_time)):
            stopped.append(True)
            event.interrupt()
        elif once:
            highs.stopCallback(INTERRUPT)

    highs.cbMipInterrupt.subscribe(look)
    return stopped


def _pulse(highs: Any, every: float, done: threading.Event) -> None:
    """Let the search call back at intervals until it is done."""
    while not done.wait(every):
        highs.startCallback(INTERRUPT)


def _solution(highs: Any, programme: Programme, stopped: bool) -> Solution:
    status = highs.getModelStatus()
    info = highs.getInfo()
    seconds = float(highs.getRunTime())
    if status == highspy.HighsModelStatus.kInfeasible:
        return Solution(None, float("nan"), float("nan"), "infeasible", seconds)
    bound = float(info.mip_dual_bound) if programme.whole.any() else float(info.objective_function_value)
    if info.primal_solution_status != 2:  # 2: feasible
        return Solution(None, float("nan"), bound, "stopped" if stopped else "limit", seconds)
    values = np.asarray(highs.getSolution().col_value, dtype=np.float64)
    values = np.where(programme.whole, np.rint(values), values)
    optimal = status == highspy.HighsModelStatus.kOptimal
    return Solution(
        values,
        float(programme.objective @ values),
        bound,
        "optimal" if optimal else "stopped" if stopped else "limit",
        seconds,
    )
