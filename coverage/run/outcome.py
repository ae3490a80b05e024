"""What a plan leaves: how far each village of it is served then, and how many people stay without service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coverage.rollout.plan import RolloutPlan
from coverage.run.result import RunTables, people_unserved
from coverage.villages_served.blank_spots import listed_codes

SERVED_FROM, PARTLY_FROM = 0.5, 0.1
"""Share of a village's people from which on it counts as served, and as served in part: those of the rule overlay."""
OUTCOMES = ("served", "partly", "one_point")


@dataclass(frozen=True)
class Outcome:
    """What a plan leaves.

    Attributes
    ----------
    villages
        A row per row of table ROLLOUT, in its order: ``village_code_bps``, ``share_after`` (of the people),
        ``people_left`` (surely without service), ``outcome`` (one of :data:`OUTCOMES`), ``listed`` (on the official
        list); empty where people are not known.
    before, left
        People of the region surely without service before and after; None where people are not known.
    uncounted
        Blank and weak villages whose people are not known: nobody of them is in ``before`` and ``left``.
    """

    villages: pd.DataFrame
    before: float | None
    left: float | None
    uncounted: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Villages by outcome."""
        return {name: int((self.villages["outcome"] == name).sum()) for name in OUTCOMES}


def outcome_of(run: RunTables, plan: RolloutPlan) -> Outcome:
    """Tell what a plan leaves, under the default rule of its run."""
    rule = run.parameters.rule()
    codes = pd.Index(run.villages["village_code_bps"])
    people = pd.Series(run.villages["population"].to_numpy(dtype=float, na_value=np.nan), codes)
    service = run.village_service[run.village_service["service"] == rule.service]
    served = service.set_index("village_code_bps")["population_served"].reindex(codes).astype(float)
    unserved = people_unserved(run, rule)
    rollout = plan.rollout
    gained = rollout.groupby("village_code_bps")["people_newly_served"].sum().reindex(codes).fillna(0).astype(float)
    chosen = pd.Index(rollout["village_code_bps"])
    share = ((served + gained) / people.where(people > 0)).clip(0, 1).reindex(chosen).to_numpy()
    outcome = np.select([share >= SERVED_FROM, share >= PARTLY_FROM], OUTCOMES[:2], OUTCOMES[2]).astype(object)
    outcome[np.isnan(share)] = None
    listed = listed_codes(run.evidence) or set()
    table = pd.DataFrame(
        {
            "village_code_bps": chosen,
            "share_after": share,
            "people_left": (unserved - gained).clip(lower=0).reindex(chosen).to_numpy(),
            "outcome": outcome,
            "listed": chosen.isin(list(listed)),
        }
    )
    before = float(unserved.sum()) if unserved.notna().any() else None
    spots = run.blank_spots[run.blank_spots["rule"] == rule.name].set_index("village_code_bps")["state"]
    uncounted = int((people.isna() & spots.reindex(codes).isin(("blank", "weak"))).sum())
    return Outcome(table, before, None if before is None else max(before - float(gained.sum()), 0.0), uncounted)
