"""Why a measure was chosen: what it and the cheapest alternative cost if only that village were served.

Reason codes: ``only`` (nothing else is possible), ``cheapest``, ``serves_more`` (the cheapest serves fewer),
``cable_goes_on`` and ``cable_shared`` (another is cheaper alone, but others are served over the same trunk),
``fixed_measure`` (decided by hand), ``other_cheaper`` (another is cheaper; the search did not get to it).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.rollout.problem import Choice, Problem

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Alternative:
    """Why an option was chosen.

    Attributes
    ----------
    why : reason code
    alone_idr : capital of the option with all its trunk, as if only its village were served
    other : the cheapest option that it is compared with; None where it is the cheapest itself
    other_idr : capital of that one alone
    sharing : positions among the chosen options of those that share trunk with it: those behind it where there are any
    """

    why: str
    alone_idr: int
    other: int | None = None
    other_idr: int = 0
    sharing: tuple[int, ...] = ()


def alternatives_of(problem: Problem, choice: Choice, chosen: Integers) -> list[Alternative]:
    """Compare each chosen option with the others of its village, over the years from building to the end of the plan.

    Parameters
    ----------
    problem, choice : a plan
    chosen : its options, in the order of the result
    """
    options = np.arange(len(problem.village))
    chains = problem.needed_pieces(options)
    trunk = ((problem.piece_capital[chain].sum(), problem.piece_running[chain].sum()) for chain in chains)
    capital, running = np.array([problem.capital, problem.running]) + np.array(list(trunk), dtype=np.int64).T
    users: dict[int, list[int]] = {}
    for row, option in enumerate(chosen.tolist()):
        for piece in chains[option].tolist():
            users.setdefault(piece, []).append(row)
    found = []
    for row, option in enumerate(chosen.tolist()):
        years = len(problem.years) - int(choice.option_year[option])
        cost = capital + running * years
        others = np.flatnonzero((problem.village == problem.village[option]) & (options != option))
        chain = chains[option]
        own = chain[[users[piece] == [row] for piece in chain.tolist()]]
        added = problem.capital[option] + problem.piece_capital[own].sum()
        added += (problem.running[option] + problem.piece_running[own].sum()) * years
        behind = set(users[int(chain[0])]) - {row} if len(chain) else set()
        beside = {user for piece in chain.tolist() for user in users[piece]} - {row}
        why, other = _why(problem, option, others, cost, int(added), bool(behind), bool(beside))
        other_idr = 0 if other is None else int(capital[other])
        found.append(Alternative(why, int(capital[option]), other, other_idr, tuple(sorted(behind or beside))))
    return found


def _why(
    problem: Problem, option: int, others: Integers, cost: Integers, added: int, behind: bool, beside: bool
) -> tuple[str, int | None]:
    """Reason code, and the option compared with."""
    if not len(others):
        return "only", None
    cheapest = int(others[np.lexsort((others, -problem.people[others], cost[others]))[0]])
    as_good = others[problem.people[others] >= problem.people[option]]
    rival = int(as_good[np.lexsort((as_good, cost[as_good]))[0]]) if len(as_good) else None
    if cost[option] <= cost[cheapest]:
        return "cheapest", None
    if rival is None or cost[option] <= cost[rival]:
        return "serves_more", cheapest
    pin = problem.pins.get(problem.villages[problem.village[option]])
    if (pin is not None and pin.measure is not None) or not problem.allowed[rival]:
        return "fixed_measure", rival
    if beside and added <= cost[rival]:
        return "cable_goes_on" if behind else "cable_shared", rival
    return "other_cheaper", rival
