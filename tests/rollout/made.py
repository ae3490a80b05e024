"""Rollout problems for tests and benchmarks, made by a seed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from coverage.rollout.edits import PlanEdit
from coverage.rollout.problem import Choice, Problem, choice_of


def small_problem(seed: int) -> Problem:
    """At most four villages, two options each, three pieces of trunk and three years, with wishes now and then."""
    random = np.random.default_rng(seed)
    villages, years = int(random.integers(2, 5)), int(random.integers(1, 4))
    pieces = int(random.integers(0, 4))
    options = [(v, m) for v in range(villages) for m in range(int(random.integers(1, 3)))]
    count = len(options)
    codes = tuple(f"350501000{v}" for v in range(villages))
    subdistricts = tuple(str(random.choice(["Bakung", "Wates"])) for _ in range(villages))
    capital, running = random.integers(1, 10**9, count), random.integers(0, 10**8, count)
    problem = Problem(
        villages=codes,
        subdistricts=subdistricts,
        village=np.array([v for v, _ in options]),
        measure=tuple(("satellite", "fiber")[m] for _, m in options),
        people=random.integers(1, 3000, count),
        capital=capital,
        running=running,
        piece=np.where(random.random(count) < 0.6, random.integers(-1, pieces, count), -1),
        piece_parent=np.array([int(random.integers(-1, p)) for p in range(pieces)], dtype=np.int64),
        piece_capital=random.integers(1, 10**9, pieces),
        piece_running=random.integers(0, 10**7, pieces),
        years=tuple(range(2027, 2027 + years)),
        budgets=random.integers(0, int(capital.sum() * 0.7), years),
        weights=np.ones(villages),
        running_in_budget=bool(random.random() < 0.7),
    )
    wish = random.random()
    if wish < 0.15:
        problem = replace(problem, edits=(PlanEdit("forbid", codes[0]),))
    elif wish < 0.3:
        problem = replace(problem, edits=(PlanEdit("pin", codes[0], year=int(random.choice(problem.years))),))
    elif wish < 0.45:
        problem = replace(problem, minimum={subdistricts[0]: 1})
    return problem


def exhaustive(problem: Problem) -> tuple[int, int, int] | None:
    """Try every plan: most people, then most people-years, then least money; None where no plan meets the wishes."""
    years, options = len(problem.years), len(problem.village)
    by_village = [[o for o in range(options) if problem.village[o] == v] for v in range(len(problem.villages))]
    ways = [[(-1, -1), *itertools.product(own, range(years))] for own in by_village]
    best = None
    for plan in itertools.product(*ways):
        option_year = np.full(options, -1, dtype=np.int64)
        for option, year in plan:
            if option >= 0:
                option_year[option] = year
        if not _as_wished(problem, plan):
            continue
        choice = choice_of(problem, option_year)
        if choice.within_budget(problem):
            result = aims(problem, choice)
            best = result if best is None or result > best else best
    return best


def _as_wished(problem: Problem, plan: tuple[tuple[int, int], ...]) -> bool:
    served = {problem.villages[v]: year for v, (option, year) in enumerate(plan) if option >= 0}
    counts = [
        sum(problem.subdistricts[problem.villages.index(code)] == name for code in served) >= least
        for name, least in problem.minimum.items()
    ]
    return (
        all(counts)
        and all(problem.allowed[option] for option, _ in plan if option >= 0)
        and all(code in served for code in problem.pins)
        and all(pin.year in (None, problem.years[served[code]]) for code, pin in problem.pins.items())
    )


def aims(problem: Problem, choice: Choice) -> tuple[int, int, int]:
    """People, people-years and minus the rupiah spent within the plan."""
    built = choice.option_year >= 0
    served_years = len(problem.years) - choice.option_year[built]
    capital, running = choice.spending(problem)
    return (
        choice.people(problem),
        int((problem.people[built] * served_years).sum()),
        -int(capital.sum() + running.sum()),
    )


def large_problem(seed: int = 1, villages: int = 248, years: int = 5, share: float = 0.3) -> Problem:
    """A regency: five measures in every village, fibre over a shared trunk, money for ``share`` of the towers."""
    random = np.random.default_rng(seed)
    people = random.lognormal(8.2, 0.6, villages)
    unserved = people * random.beta(2, 2, villages)
    route_km = random.gamma(2.0, 1.5, villages)
    near = random.random(villages) < 0.5
    rows = []
    for v in range(villages):
        small = unserved[v] * random.uniform(0.005, 0.05)
        rows += [
            (v, "satellite", small, 12.8e6, 27.7e6, -1),
            (
                v,
                "radio_link",
                unserved[v] * random.uniform(0.6, 1),
                48e6 + 5e6 * random.uniform(10, 60),
                20e6 + 5e5 * random.uniform(10, 60),
                -1,
            ),
            (v, "small_tower", unserved[v] * random.uniform(0.5, 1), 2.6e9, 312e6, -1),
            (v, "fiber", unserved[v] * random.uniform(0.7, 1), 8e6, 0.4e6, v),
        ]
        rows += [(v, "public_wifi", small, 8e6, 7.3e6, -1)] if near[v] else []
    parent = np.array([-1 if v % 12 == 0 else int(random.integers(max(0, v - v % 12), v)) for v in range(villages)])
    trunk = np.rint(route_km * 1e8).astype(np.int64)
    total = float(trunk.sum()) * share
    return Problem(
        villages=tuple(f"3505{v:06d}" for v in range(villages)),
        subdistricts=tuple(f"Kecamatan {v // 12}" for v in range(villages)),
        village=np.array([r[0] for r in rows]),
        measure=tuple(r[1] for r in rows),
        people=np.rint([r[2] for r in rows]).astype(np.int64),
        capital=np.rint([r[3] for r in rows]).astype(np.int64),
        running=np.rint([r[4] for r in rows]).astype(np.int64),
        piece=np.array([r[5] for r in rows]),
        piece_parent=parent,
        piece_capital=trunk,
        piece_running=trunk // 20,
        years=tuple(range(2027, 2027 + years)),
        budgets=np.full(years, int(total / years)),
        weights=np.ones(villages),
    )
