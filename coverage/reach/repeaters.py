"""Repeaters: what they hear of masts, and what they send of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from coverage.base.kinds import AssetKind
from coverage.reach.assets import donors_of, may_repeat, repeating, shared_operators
from coverage.reach.line_of_sight import ViewshedStore, seen_by_observers
from coverage.reach.link_budget import RadioParameters, Technology
from coverage.reach.p1812 import free_space
from coverage.reach.signal import Tower, medium_of, own_towers
from coverage.reach.terrain import Terrain
from coverage.reach.tower_link import link_loss_db

SLACK_DB = 6.0
"""By how much a path may lose less than free space: masts that cannot be heard better even so are not asked."""


@dataclass(frozen=True)
class Donor:
    """A mast as a repeater hears it.

    Attributes
    ----------
    donor : the mast's antenna
    metres : distance to it
    rsrp_dbm : at the repeater's height, without an antenna's gain
    operators : of those that are repeated the ones of which no mast is heard better
    """

    donor: Tower
    metres: float
    rsrp_dbm: float
    operators: tuple[str, ...] = ()


def towers_of(
    assets: gpd.GeoDataFrame,
    positions: Sequence[int],
    kinds: Mapping[str, AssetKind],
    parameters: RadioParameters,
    terrain: Terrain,
) -> list[Tower]:
    """Make towers of assets (:func:`coverage.reach.signal.own_towers`).

    Of a repeater one for each mast that it hears best of an operator and technology, well enough, and in operation in
    ``assets``, whatever the ``positions``: none where it hears nothing.
    """
    towers = own_towers(assets, positions, dict(kinds), parameters, terrain)
    if not any(tower.repeats for tower in towers):
        return towers
    donors = _donors(assets, kinds, parameters, terrain)
    made: list[Tower] = []
    for tower in towers:
        if tower.repeats:
            most = assets["eirp_dbm"].iloc[tower.position] if "eirp_dbm" in assets else None
            made += _sent(tower, heard(assets, tower, donors, parameters, terrain), parameters, most)
        else:
            made.append(tower)
    return made


def heard_at(
    assets: gpd.GeoDataFrame,
    position: int,
    kinds: Mapping[str, AssetKind],
    parameters: RadioParameters,
    terrain: Terrain,
) -> list[Donor]:
    """What a repeater hears best of each operator and technology, however weak, the strongest first."""
    found: list[Donor] = []
    for tower in own_towers(assets, [position], dict(kinds), parameters, terrain):
        least = parameters.repeater.model_copy(update={"least_dbm": -np.inf})
        donors = _donors(assets, kinds, parameters, terrain)
        found = heard(assets, tower, donors, parameters.model_copy(update={"repeater": least}), terrain)
    return found


def heard(
    assets: gpd.GeoDataFrame, tower: Tower, donors: Sequence[Tower], parameters: RadioParameters, terrain: Terrain
) -> list[Donor]:
    """What a repeater hears well enough: of each operator and technology the best mast, the strongest first.

    One that names operators or a band repeats nothing else; of a mast that names none it may be its own.
    """
    band, best = assets["band_mhz"].iloc[tower.position], dict[tuple[str, str], Donor]()
    medium, least = medium_of(parameters, terrain), parameters.repeater.least_dbm
    slack = SLACK_DB + max(medium.ground_db, default=0.0)
    for metres, donor in _nearest_first(tower, donors, parameters.air.reach_m):
        technology, shared = _technology(donor, parameters), shared_operators(tower.operators, donor.operators)
        if shared is None or not _of_band(technology, band, parameters):
            continue
        keys = [(donor.technology, name) for name in shared or ("",)]
        mast, sent = donor.transmitter, donor.without_loss_dbm - parameters.phone_db(technology)
        most = sent - free_space(max(metres, terrain.cell_m) / 1000, 0.0, mast.frequency_ghz) + slack
        if most < max(least, min(best[key].rsrp_dbm if key in best else least for key in keys)):
            continue
        place = tower.transmitter.x, tower.transmitter.y
        level = sent - link_loss_db(terrain, mast, place, tower.transmitter.height_m, medium)
        if level >= least:
            best |= {key: Donor(donor, metres, level) for key in keys if key not in best or level > best[key].rsrp_dbm}
    names: dict[int, list[str]] = {}
    for (_, name), one in best.items():
        names.setdefault(id(one.donor), []).append(name)
    heard_once = {id(one.donor): one for one in best.values()}
    found = [replace(one, operators=tuple(filter(None, names[at]))) for at, one in heard_once.items()]
    return sorted(found, key=lambda one: -one.rsrp_dbm)


def seeing(
    assets: gpd.GeoDataFrame,
    positions: Sequence[int],
    kinds: Mapping[str, AssetKind],
    parameters: RadioParameters,
    terrain: Terrain,
    store: ViewshedStore | None = None,
) -> list[int]:
    """Those of some assets that send where sight decides: of repeaters those whose ground is in sight of a mast that
    they may repeat."""
    repeats = repeating(assets, kinds)
    asking = np.array([at for at in positions if repeats[at]], dtype=np.int64)
    if not len(asking):
        return list(positions)
    donors = np.flatnonzero(donors_of(assets, kinds, "cellular"))
    placed = assets.geometry.iloc[asking].to_crs(terrain.crs)
    row, column = terrain.indices(placed.x.to_numpy(), placed.y.to_numpy())
    fits = may_repeat(assets["operator"].iloc[asking], assets["operator"].iloc[donors])
    silent = set(asking.tolist())
    for theirs in np.unique(fits, axis=0) if len(donors) else ():  # a view of the land for each choice of masts
        seen = seen_by_observers(assets.iloc[donors[theirs]], terrain, dict(kinds), parameters, store).astype(bool)
        silent -= set(asking[(fits == theirs).all(axis=1) & seen[row, column]].tolist())
    return [at for at in positions if at not in silent]


def by_asset(
    towers: Iterable[Tower], shares: Iterable[NDArray[np.float64]]
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Row of each asset, and what its towers bring: they stand together, so that the greatest part of each counts."""
    for position, group in groupby(zip(towers, shares, strict=True), key=lambda one: one[0].position):
        yield position, np.maximum.reduce([share for _, share in group])


def _donors(
    assets: gpd.GeoDataFrame, kinds: Mapping[str, AssetKind], parameters: RadioParameters, terrain: Terrain
) -> list[Tower]:
    at = np.flatnonzero(donors_of(assets, kinds, "cellular"))
    return own_towers(assets, at.tolist(), dict(kinds), parameters, terrain)


def _nearest_first(tower: Tower, donors: Sequence[Tower], reach_m: float) -> Iterator[tuple[float, Tower]]:
    """Distance in metres and antenna of those within reach."""
    at = np.array([(one.transmitter.x, one.transmitter.y) for one in donors]).reshape(-1, 2)
    metres = np.hypot(*(at - (tower.transmitter.x, tower.transmitter.y)).T)
    for number in np.argsort(metres, kind="stable"):
        if metres[number] > reach_m:
            break
        yield float(metres[number]), donors[number]


def _technology(tower: Tower, parameters: RadioParameters) -> Technology:
    return next(one for one in parameters.technologies if one.name == tower.technology)


def _of_band(technology: Technology, band: float | None, parameters: RadioParameters) -> bool:
    """Whether a repeater of some band repeats a technology; a band of none, or no band, is as good as any."""
    return technology.holds(band) or not any(one.holds(band) for one in parameters.technologies)


def _sent(tower: Tower, found: Sequence[Donor], parameters: RadioParameters, most_dbm: float | None) -> Iterator[Tower]:
    """What a repeater sends of what it hears: all together no more than its greatest power."""
    own, technologies = parameters.repeater, [_technology(one.donor, parameters) for one in found]
    blocks = np.array([10 * np.log10(12 * one.resource_blocks) for one in technologies])
    output = np.array([one.rsrp_dbm for one in found]) + own.donor_gain_dbi + own.gain_db + blocks
    limit = own.power_dbm if most_dbm is None or np.isnan(most_dbm) else most_dbm - own.gain_dbi
    output = output - max(10 * np.log10(np.sum(10 ** (output / 10))) - limit, 0.0) if len(found) else output
    for one, technology, per_block, power in zip(found, technologies, blocks, output, strict=True):
        eirp = power - per_block + own.gain_dbi
        yield replace(
            tower,
            operators=one.operators,
            transmitter=replace(tower.transmitter, frequency_ghz=technology.frequency_mhz / 1000),
            without_loss_dbm=float(eirp + parameters.phone_db(technology) + parameters.measured_db(technology)),
            spread_db=float(np.hypot(tower.spread_db, one.donor.spread_db)),
            technology=technology.name,
        )
