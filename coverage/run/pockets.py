"""Blank pockets and landmarks of a run, under its rule and by its criteria."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.base.errors import ParameterError, Place
from coverage.base.kinds import giving
from coverage.base.parameters import Parameters
from coverage.ranking.pocket_ranks import rank_pockets
from coverage.reach.assets import no_assets, operators_of, service_reach
from coverage.reach.model import at_ends, radio_of, reach
from coverage.readers.kinds import landmark_kinds
from coverage.readers.tables import plain
from coverage.readers.vocabulary import company_key, spellings
from coverage.run.result import Analysis, RunTables
from coverage.villages_served.landmarks import landmarks_served, with_hamlets
from coverage.villages_served.pockets import Pockets, rule_pockets

EDGE_M = 1.0
"""A place so near to a pocket lies in it: its own point may lie on the border of the village."""


def pocket_numbers(analysis: RunTables, rows: pd.DataFrame) -> NDArray[np.int64]:
    """Number of the village's pocket that each row speaks of, 0 for none.

    Parameters
    ----------
    rows
        With ``village_code_bps``, and ``lon, lat`` (the pocket it lies in) or else ``landmark`` (the pocket in which
        the hamlet or service point of that name lies).
    """
    codes, pocket = rows["village_code_bps"].to_numpy(), np.zeros(len(rows), dtype=np.int64)
    placed = (rows["lon"].notna() & rows["lat"].notna()).to_numpy() if "lon" in rows else pocket > 0
    if "kind" in rows:
        placed = placed & (rows["kind"] != "hint").to_numpy()  # speaks of its village: a tile, a mean
    found = analysis.found_pockets if isinstance(analysis, Analysis) else None
    if found is not None and placed.any():
        there = rows[placed]
        at = found.at(gpd.GeoSeries(gpd.points_from_xy(there["lon"], there["lat"]), crs=4326), EDGE_M)
        held, own = np.flatnonzero(placed)[at >= 0], found.table.iloc[at[at >= 0]]  # there may be no pocket at all
        pocket[held] = np.where(own["village_code_bps"].to_numpy() == codes[held], own["pocket"], 0)
    if analysis.landmarks is not None and "landmark" in rows:
        inside = analysis.landmarks[analysis.landmarks["pocket"].notna()]
        names = zip(inside["village_code_bps"], inside["name"].map(_called), strict=True)
        known = dict(zip(names, inside["pocket"].astype(int), strict=True))
        named = np.flatnonzero(~placed & rows["landmark"].notna().to_numpy())
        called = zip(codes[named], rows["landmark"].iloc[named].map(_called), strict=True)
        pocket[named] = [known.get(key, 0) for key in called]
    return pocket


def _called(name: str) -> str:
    """A hamlet's name without the word for what it is: Dusun Krajan is Krajan."""
    words = plain(name).split("_")
    bare = [word for word in words if word not in landmark_kinds()["hamlet"].spelled or word in ("rt", "rw")]
    return "_".join(bare or words)


def pockets_of(analysis: Analysis, by: str, value: str) -> tuple[Analysis, int]:
    """The run with the pockets of one operator, or of one technology, in the place of its own.

    Only its assets count, and those of which the operator or the band is not known: they may be its own, so that nobody
    is called without service who may have it.

    Parameters
    ----------
    by : ``operator``, or ``technology`` (one of ``data/radio.toml``, told by the band)

    Returns
    -------
    tuple
        The run, and how many assets that would count are of none that is known. Its villages, states and landmarks stay
        those of the whole list; ``run["pockets_of"]`` names the choice.

    Raises
    ------
    ParameterError
        If no asset has that value, with those there are.
    """
    assets, parameters = analysis.assets, analysis.parameters
    if assets is None or analysis.land is None:
        raise ParameterError("pockets.none_of", Place(value=f"{by}={value}"), offered=[])
    names = names_of(assets, by, parameters)
    wanted = company_key(company(value) if by == "operator" else value)
    own = np.array([wanted in map(company_key, each) for each in names], dtype=bool)
    if not own.any():
        offered = sorted({name for each in names for name in each})
        raise ParameterError("pockets.none_of", Place(value=f"{by}={value}"), offered=offered)
    unknown = np.array([not each for each in names], dtype=bool)
    part = assets[own | unknown].reset_index(drop=True)
    gives = service_reach(part, parameters.kinds)
    reached = reach(analysis.land, part, gives, parameters, analysis.terrain)
    most = [end.most for _, end in at_ends(reached, analysis.land, part, parameters, analysis.terrain)][-1]
    known_services = analysis.known
    rule, land, cells = parameters.rule(), analysis.land, analysis.cells
    found = rule_pockets(
        land, cells, analysis.villages, rule, known_services, reached, most, part, gives, parameters, analysis.terrain
    )
    if found is None:
        raise ParameterError("pockets.rule_tells_none", Place(value=rule.name))
    counting = gives[gives["service"].isin(rule.services)]["asset_position"].unique()
    run = {**analysis.run, "pockets_of": f"{by}={value}"}
    return with_pockets(replace(analysis, run=run), found=found), int(unknown[own | unknown][counting].sum())


def pocket_choices(analysis: RunTables) -> dict[str, list[str]]:
    """Operators and technologies of the assets that the run's rule looks at, for :func:`pockets_of`."""
    assets, parameters = analysis.assets, analysis.parameters
    if assets is None:
        return {}
    kinds = {kind for service in parameters.rule().services for kind in giving(parameters.kinds, service)}
    own = assets[assets["kind"].isin(kinds)]
    found = {by: {name for each in names_of(own, by, parameters) for name in each} for by in ("operator", "technology")}
    return {by: sorted(values) for by, values in found.items()}


def names_of(assets: pd.DataFrame, by: str, parameters: Parameters) -> list[list[str]]:
    """Operators of each asset, or its technology; empty where not known."""
    if by == "technology":
        radio = radio_of(parameters)
        said = assets["technology"].tolist() if "technology" in assets else [None] * len(assets)
        told = zip(assets["band_mhz"].astype(float), said, strict=True)
        return [
            [] if np.isnan(band) else [radio.technology_of(band, word if isinstance(word, str) else None).name]
            for band, word in told
        ]
    return [[company(name) for name in operators_of(text)] for text in assets["operator"]]


def company(name: str) -> str:
    """A company as it is called, whatever its spelling."""
    return spellings("company").get(company_key(name), name.strip())


def with_pockets(analysis: Analysis, extra: pd.DataFrame | None = None, found: Pockets | None = None) -> Analysis:
    """Add the pockets of the run's default rule, ranked and named, and tell of its landmarks under that rule.

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
            analysis.known,
            analysis.reached,
            analysis.reach_most,
            assets,
            service_reach(assets, parameters.kinds),
            parameters,
            analysis.terrain,
        )
    analysis = _with_landmarks(analysis, found)
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
    if analysis.landmarks is not None:
        table = with_hamlets(table, found, analysis.landmarks, landmark_kinds(), parameters.pockets.near_m)
    return replace(analysis, pockets=table, found_pockets=found)


def _with_landmarks(analysis: Analysis, found: Pockets | None) -> Analysis:
    """Tell of the landmarks under the run's rule; those of a run without its land stay as they are."""
    if analysis.landmarks is None or analysis.land is None:
        return analysis
    parameters, assets = analysis.parameters, analysis.assets
    served = landmarks_served(
        analysis.landmarks,
        landmark_kinds(),
        parameters.rule(),
        analysis.known,
        analysis.land,
        analysis.cells,
        analysis.villages["population"].to_numpy(dtype=float, na_value=float("nan")),
        no_assets() if assets is None else assets,
        analysis.reached,
        parameters,
        analysis.terrain,
        found,
    )
    return replace(analysis, landmarks=served)
