"""How likely a state is, from draws of what is not known of the signal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.parameters import Parameters, Rule
from coverage.base.schema import CONNECTION
from coverage.land.cells import Land
from coverage.land.scanlines import Floats, Integers
from coverage.reach.model import ReachResult, radio_of
from coverage.reach.radius import reach_by_radius
from coverage.reach.signal_draws import Draws, drawn_shares
from coverage.reach.terrain import Terrain
from coverage.villages_served.methods.share import states_by_share

CHANCES = ["chance", "chance_blank", "share_low", "share_high"]
"""Columns of table BLANK_SPOTS that rest on draws."""
ENDS = (0.05, 0.95)
"""Between these parts of the draws lies what is told as a range."""


class SignalChances:
    """Draws of the signal of a run.

    Parameters
    ----------
    cells : Table CELLS with the people's shares
    assets, service_reach : as for :func:`coverage.reach.model.reach`
    """

    def __init__(
        self,
        land: Land,
        cells: pd.DataFrame,
        terrain: Terrain,
        reached: ReachResult,
        assets: gpd.GeoDataFrame,
        service_reach: pd.DataFrame,
        parameters: Parameters,
    ) -> None:
        self._given = land, terrain, reached.signal
        self._before = reached.drawn, reached.anew
        self._weight = cells["people_share"].to_numpy(dtype=float)
        self._village = cells["village_position"].to_numpy(dtype=np.int64)
        self._villages = len(land.village_codes)
        self._radio = radio_of(parameters)
        others = reach_by_radius(land, assets, service_reach[~reached.of_model], reached.circles)
        if reached.pieces is not None:
            known = reached.pieces["share_none"].notna().to_numpy()
            others = others.where(known[:, None] | ~others.columns.isin(["cellular", CONNECTION]), reached.table)
        self._others = others
        untold = np.zeros(len(cells)) if reached.unknown is None else reached.unknown[CONNECTION].to_numpy(dtype=float)
        self._told = np.bincount(self._village, self._weight * untold, self._villages) <= 0

    @cached_property
    def drawn(self) -> Draws:
        """Shares in reach of the people of each village, by draw."""
        return self._draw(self._village, self._villages, *self._before)

    def _draw(
        self, group: Integers, groups: int, before: Draws | None = None, anew: NDArray[np.bool_] | None = None
    ) -> Draws:
        land, terrain, signal = self._given
        assert signal is not None
        given = self._others, self._radio, self._weight, group, groups, before, anew
        return drawn_shares(land, terrain, signal, *given)

    def of_villages(self, spots: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
        """Columns :data:`CHANCES` on the index of table BLANK_SPOTS.

        ``chance`` is that of the stated state, ``share_low`` and ``share_high`` the range of the share in reach. Empty
        under rules that do not ask for a signal, and where a list or the height of the ground is missing.
        """
        drawn = self.drawn
        table = pd.DataFrame(np.nan, index=spots.index, columns=CHANCES)
        for rule in rules:
            at = np.flatnonzero((spots["rule"] == rule.name).to_numpy())
            if rule.method != "share" or "cellular" not in rule.services or len(at) != self._villages:
                continue
            share = _column(drawn, rule)
            strong = drawn.strong if rule.strong and rule.service == "cellular" else share
            states = states_by_share(share, strong, rule)
            state = spots["state"].to_numpy()[at]
            low, high = np.quantile(np.clip(share, 0, 1), ENDS, axis=1)
            told = self._told & (state != "unknown")
            values = np.column_stack([*((states == one).mean(axis=1) for one in (state[:, None], "blank")), low, high])
            table.iloc[at] = np.where(told[:, None], values, np.nan)
        return table

    def unserved_range(self, spots: pd.DataFrame, rules: Sequence[Rule], population: Floats) -> dict[str, list[int]]:
        """People without service in the whole region as a range, by rule; of villages whose state is told.

        Parameters
        ----------
        population : people of each village; missing where not known
        """
        found = {}
        for rule in rules:
            state = spots.loc[spots["rule"] == rule.name, "state"].to_numpy()
            if rule.method != "share" or "cellular" not in rule.services or len(state) != self._villages:
                continue
            told = self._told & (state != "unknown") & ~np.isnan(population)
            without = population[told] @ (1 - np.clip(_column(self.drawn, rule)[told], 0, 1))
            if told.any():
                found[rule.name] = [round(float(end)) for end in np.quantile(without, ENDS)]
        return found

    def of_groups(
        self, rule: Rule, group: Integers, unserved: Floats, population: Floats, mostly: float
    ) -> pd.DataFrame:
        """People without service in each group of pieces as a range, and the chance that most of it is without.

        Parameters
        ----------
        group : number of the group of each piece of the land, -1 for none
        unserved, population : share of its village's people that each group counts, and the people of that village
        mostly : part of ``unserved`` that has to stay without service

        Returns
        -------
        pandas.DataFrame
            ``chance``, ``people_low`` and ``people_high``, a row a group.
        """
        count = len(unserved)
        inside = group >= 0
        whole = np.bincount(group[inside], self._weight[inside], count)
        without = np.clip(whole[:, None] - _column(self._draw(group, count), rule), 0, None)
        low, high = np.quantile(without, ENDS, axis=1)
        chance = (without >= mostly * unserved[:, None]).mean(axis=1)
        return pd.DataFrame({"chance": chance, "people_low": low * population, "people_high": high * population})


def _column(drawn: Draws, rule: Rule) -> Floats:
    """The drawn shares that a rule looks at."""
    return drawn.connection if rule.service == CONNECTION else drawn.cellular
