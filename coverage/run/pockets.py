"""Blank pockets of a run, under its rule and by its criteria."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from coverage.ranking.pocket_ranks import rank_pockets
from coverage.reach.assets import service_reach, services_known
from coverage.run.result import Analysis
from coverage.villages_served.pockets import Pockets, rule_pockets


def with_pockets(analysis: Analysis, extra: pd.DataFrame | None = None, found: Pockets | None = None) -> Analysis:
    """Add the pockets of the run's default rule, ranked.

    Parameters
    ----------
    extra : columns for criteria (:func:`coverage.run.analysis.criterion_columns`)
    found : pockets under the same rule, to be ranked anew
    """
    parameters, assets = analysis.parameters, analysis.assets
    if found is None and assets is not None and analysis.land is not None:
        found = rule_pockets(
            analysis.land,
            analysis.cells,
            analysis.villages,
            parameters.rule(),
            services_known(assets, parameters.kinds),
            analysis.reached,
            analysis.reach_most,
            assets,
            service_reach(assets, parameters.kinds),
            parameters,
            analysis.terrain,
        )
    if found is None:
        return replace(analysis, pockets=None, found_pockets=None)
    table = rank_pockets(
        found.table,
        analysis.villages,
        analysis.village_service,
        analysis.blank_spots,
        parameters.priority,
        parameters.default_rule,
        analysis.evidence,
        extra,
    )
    return replace(analysis, pockets=table, found_pockets=found)
