"""The rollout plan: seconds to a proven gap of 0.1 % for a made regency, and for the region that ships.

    python scripts/bench/bench_rollout.py [--villages 248] [--years 5] [--seconds 10]

Seconds are of the clock; on a machine with other work allow more of them, and read the seconds of the processor.

A made regency has five measures in every village and fibre over shared trunk; ``share`` is the money as a part of what
all trunk would cost. Where little money meets large pieces the gap takes longer: the figures say so.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from coverage.readers.costs import read_costs
from coverage.readers.parameters import read_parameters
from coverage.rollout.naive import naive_choice
from coverage.rollout.plan import PlanRequest, make_problem
from coverage.rollout.problem import Choice, Problem
from coverage.rollout.selection import Selection, select
from coverage.rollout.site_survey import survey
from coverage.run.analysis import analyze, prepare
from coverage.run.inputs import load_inputs
from tests.rollout.made import large_problem, small_problem


def made(villages: int, years: int, seconds: float, share: float, seed: int) -> None:
    problem = large_problem(seed, villages, years, share)
    most = [max(problem.people[problem.village == v]) for v in range(villages)]
    naive = naive_choice(problem, sorted(problem.villages, key=lambda code: -most[problem.villages.index(code)]))
    wall, cpu = time.perf_counter(), time.process_time()
    found = select(problem, gap=0.001, seconds=seconds, start=naive, refine=False)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    _tell(problem, found, naive, f"share {share}, seed {seed}", wall, cpu)


def blitar(billion: float, years: int, seconds: float) -> None:
    """The region that ships, every village of it, with its sample assets."""
    inputs, settings, costs = load_inputs(), read_parameters(), read_costs()
    ground = prepare(inputs, settings)
    run = analyze(inputs, settings, ground)
    rule = next(rule for rule in settings.rules if rule.name == settings.default_rule)
    found = survey(
        run.villages,
        run.assets,
        ground.land,
        run.cells,
        run.reach,
        run.village_service,
        run.nearest,
        run.blank_spots,
        settings.kinds,
        costs,
        rule,
        codes=set(run.villages["village_code_bps"]),
    )
    wishes = PlanRequest(dict.fromkeys(range(2027, 2027 + years), round(billion * 1e9)))
    problem = make_problem(run.villages, found.measures, found.routes, costs, wishes)
    naive = naive_choice(problem, run.priority["village_code_bps"])
    wall, cpu = time.perf_counter(), time.process_time()
    selected = select(problem, gap=0.001, seconds=seconds, start=naive, refine=False)
    _tell(problem, selected, naive, "Blitar", time.perf_counter() - wall, time.process_time() - cpu)


def _tell(problem: Problem, found: Selection, naive: Choice, name: str, wall: float, cpu: float) -> None:
    people = found.choice.people(problem)
    print(
        f"{len(problem.villages)} villages, {len(problem.village)} options, {len(problem.years)} years of "
        f"Rp {problem.budgets[0] / 1e9:.1f} billion ({name}): {people:,} people, naive {naive.people(problem):,}; "
        f"{found.status}, gap {found.gap:.3%}, {wall:.1f} s (processor {cpu:.1f} s)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--villages", type=int, default=248)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    select(small_problem(0))
    for billion, years in ((1.0, 5), (3.0, 5), (5.0, 5), (0.4, 10), (0.25, 10)):
        blitar(billion, years, asked.seconds)
    for share in (1.0, 0.6, 0.3, 0.1):
        for seed in (1, 2, 3, 4):
            made(asked.villages, asked.years, asked.seconds, share, seed)


if __name__ == "__main__":
    main()
