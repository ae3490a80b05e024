"""Preview of an import: new, changed, unchanged, and what it would remove."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.base.projection import utm_crs
from coverage.base.schema import ASSETS
from coverage.imports.list_options import Record
from coverage.imports.result import Interpretation
from coverage.places.codes import text_of

FAR_M = 200.0
"""Moves beyond this are flagged: likely a mistyped digit."""
SAME_PLACE_M = 30.0
"""Records of one kind and name within this distance are the same asset."""
DIFFERENCES = ("asset_id", "row", "field", "old", "new")
EMPTIED = DIFFERENCES[:-1]
_OF_SECTOR = ("operator", "technology", "band_mhz")
"""What tells sectors of a mast apart beside their directions, which are corrected more often."""
COMPARED = (*(name for name in ASSETS.names if name != "asset_id"), "village_code_entered")


@dataclass(frozen=True)
class ImportPlan:
    """Effect of an import.

    For lists about villages the frames hold what :mod:`coverage.imports.villages` accepted, with ``asset_id`` (of a
    changed report the evidence that it replaces; of figures the village) and ``name``.

    Attributes
    ----------
    new
        Assets to add, with their identifiers; columns as in :attr:`coverage.imports.interpret.Interpretation.accepted`.
    changed : assets after the change; ``matched_by`` is ``id`` or ``place``
    differences : ``asset_id, row, field, old, new`` per changed field; geometry as WKT
    emptied : ``asset_id, row, field, old``: values that the list leaves empty. They stay by default.
    missing
        Assets of a kind in the list that are neither on it nor on a refused row (``asset_id, kind, name, village,
        subdistrict, owner, status, geometry``). They stay by default.
    revision : of the inventory it was made for, or None
    moved : assets that would move more than :data:`FAR_M` (``asset_id, row, distance_m``), the farthest first
    namesakes
        New assets with kind and name of one ``missing`` asset: likely the same one with another identifier or position
        (``asset_id, row, known, distance_m``).
    """

    new: pd.DataFrame
    changed: pd.DataFrame
    unchanged: pd.DataFrame
    differences: pd.DataFrame
    emptied: pd.DataFrame
    missing: pd.DataFrame
    source: str
    revision: int | str | None = None
    record: Record = "assets"
    moved: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["asset_id", "row", "distance_m"]))
    namesakes: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["asset_id", "row", "known", "distance_m"])
    )

    @property
    def counts(self) -> dict[str, int]:
        """Number of assets ``new``, ``changed``, ``unchanged`` and ``missing``."""
        return {name: len(getattr(self, name)) for name in ("new", "changed", "unchanged", "missing")}


def make_plan(interpretation: Interpretation, inventory: gpd.GeoDataFrame, revision: int | None = None) -> ImportPlan:
    """Compare a list with the inventory.

    An asset is matched by identifier within its kind, else by kind, name and position within 30 m. An identifier that
    the inventory has for another kind gets the kind as prefix.

    Parameters
    ----------
    inventory : as :meth:`coverage.store.assets.Assets.table` gives it, EPSG:4326
    """
    accepted = interpretation.accepted
    match, by = _matches(accepted, inventory)
    ids = _identifiers(accepted, inventory, match)
    accepted = accepted.assign(asset_id=ids, matched_by=by)
    known = match >= 0
    merged = _merged(accepted[known], inventory.iloc[match[known]], interpretation.filled)
    differences, emptied = _differences(accepted[known], inventory.iloc[match[known]], merged, interpretation.filled)
    touched = set(differences["asset_id"])
    is_changed = merged["asset_id"].isin(touched).to_numpy()
    kinds = set(accepted["kind"])
    rest = np.ones(len(inventory), dtype=bool)
    rest[match[known]] = False
    rest &= inventory["kind"].isin(kinds).to_numpy() & ~_on_refused_rows(interpretation, inventory)
    columns = [
        name
        for name in ("asset_id", "kind", "name", "village", "subdistrict", "owner", "status", "geometry")
        if name in inventory.columns
    ]
    new, missing = accepted[~known].reset_index(drop=True), inventory.loc[rest, columns].reset_index(drop=True)
    return ImportPlan(
        new,
        merged[is_changed].reset_index(drop=True),
        merged[~is_changed].reset_index(drop=True),
        differences,
        emptied,
        gpd.GeoDataFrame(missing),
        interpretation.raw.file,
        revision,
        moved=_moved(merged, inventory.iloc[match[known]]),
        namesakes=_namesakes(new, missing),
    )


def _moved(merged: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame) -> pd.DataFrame:
    table: pd.DataFrame = merged[["asset_id", "row"]].assign(distance_m=_apart_m(merged, theirs))
    return table[table["distance_m"] > FAR_M].sort_values("distance_m", ascending=False, ignore_index=True)


def _apart_m(ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Distance in metres between centres, on a sphere: enough for a warning."""
    new = shapely.get_coordinates(shapely.centroid(ours.geometry.to_numpy()))
    old = shapely.get_coordinates(shapely.centroid(theirs.geometry.to_numpy()))
    east = (new[:, 0] - old[:, 0]) * np.cos(np.radians(old[:, 1]))
    away: NDArray[np.float64] = np.hypot(east, new[:, 1] - old[:, 1]) * 111_320.0
    return away


def _namesakes(new: gpd.GeoDataFrame, missing: gpd.GeoDataFrame) -> pd.DataFrame:
    ours, theirs = (
        pd.DataFrame({"key": _keys(part), "at": np.arange(len(part))}).drop_duplicates("key", keep=False)
        for part in (new, missing)
    )
    pairs = ours[~ours["key"].str.endswith("|")].merge(theirs, on="key")
    one, other = new.iloc[pairs["at_x"]], missing.iloc[pairs["at_y"]]
    table: pd.DataFrame = one[["asset_id", "row"]].assign(
        known=other["asset_id"].to_numpy(), distance_m=_apart_m(one, other)
    )
    return table.sort_values("row", ignore_index=True)


def _keys(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Normalised kind and name."""
    return np.array(
        [f"{kind}|{_name(name)}" for kind, name in zip(frame["kind"], frame["name"], strict=True)], dtype=object
    )


def _on_refused_rows(interpretation: Interpretation, inventory: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Assets on a refused row, by identifier or name."""
    columns = interpretation.choices.columns
    written = interpretation.refused["values"]
    found = np.zeros(len(inventory), dtype=bool)
    for what in ("asset_id", "name"):
        if what in columns:
            texts = {_name(values.get(columns[what], "")) for values in written} - {""}
            found |= inventory[what].map(_name).isin(texts).to_numpy()
    return found


def _matches(accepted: gpd.GeoDataFrame, inventory: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Inventory position of each accepted row (-1 for none), and how it was matched."""
    match = np.full(len(accepted), -1, dtype=np.int64)
    by = np.full(len(accepted), None, dtype=object)
    if inventory.empty or accepted.empty:
        return match, by
    keys = pd.Series(
        np.arange(len(inventory)), index=pd.MultiIndex.from_arrays([inventory["asset_id"], inventory["kind"]])
    )
    wanted = pd.MultiIndex.from_arrays([accepted["asset_id"].fillna(""), accepted["kind"]])
    found = keys.reindex(wanted).to_numpy(dtype=float)
    match[~np.isnan(found)] = found[~np.isnan(found)].astype(np.int64)
    by[match >= 0] = "id"
    _match_places(accepted, inventory, match, by)
    return match, by


def _match_places(
    accepted: gpd.GeoDataFrame, inventory: gpd.GeoDataFrame, match: NDArray[np.int64], by: NDArray[np.object_]
) -> None:
    """Match the rest by kind, name and position, one to one: most alike, then nearest, then least turned."""
    left = np.flatnonzero(match < 0)
    if not len(left):
        return
    utm = utm_crs(inventory)
    theirs = inventory.geometry.to_crs(utm).to_numpy()
    ours = accepted.geometry.iloc[left].to_crs(utm).to_numpy()
    one, two = shapely.STRtree(theirs).query(ours, predicate="dwithin", distance=SAME_PLACE_M)
    if not len(one):
        return
    same = _keys(accepted)[left[one]] == _keys(inventory)[two]
    one, two = one[same], two[same]
    mine, known = (table.reset_index(drop=True) for table in (accepted.iloc[left[one]], inventory.iloc[two]))
    told = [name for name in _OF_SECTOR if name in mine and name in known]
    turned = (
        (mine["azimuth_deg"] - known["azimuth_deg"]).abs() if "azimuth_deg" in known else pd.Series(0.0, mine.index)
    )
    pairs = pd.DataFrame(
        {
            "ours": left[one],
            "theirs": two,
            "unlike": ((mine[told] != known[told]) & mine[told].notna() & known[told].notna()).sum(axis=1),
            "distance": shapely.hausdorff_distance(ours[one], theirs[two]),
            "turned": np.minimum(turned, 360 - turned),
        }
    ).sort_values(["unlike", "distance", "turned", "ours", "theirs"])
    taken = set(match[match >= 0].tolist())
    for ours_at, theirs_at, distance in pairs[["ours", "theirs", "distance"]].itertuples(index=False):
        if match[int(ours_at)] < 0 and int(theirs_at) not in taken and distance <= SAME_PLACE_M:
            match[int(ours_at)], by[int(ours_at)] = int(theirs_at), "place"
            taken.add(int(theirs_at))


def _name(value: object) -> str:
    return "".join(c for c in text_of(value).casefold() if c.isalnum())


def _identifiers(accepted: gpd.GeoDataFrame, inventory: gpd.GeoDataFrame, match: NDArray[np.int64]) -> list[str]:
    theirs = inventory["asset_id"].to_numpy(dtype=object)
    taken = set(theirs)
    places = shapely.to_wkt(accepted.geometry.to_numpy(), rounding_precision=6)
    made = []
    for at, (name, kind, title, place) in enumerate(
        zip(accepted["asset_id"], accepted["kind"], accepted["name"], places, strict=True)
    ):
        if match[at] >= 0:
            made.append(str(theirs[match[at]]))
            continue
        if not isinstance(name, str):
            text = f"{kind}|{place}|{title if isinstance(title, str) else ''}"
            given = f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
        else:
            given = name
        base, number = (f"{kind}-{given}" if given in taken else given), 2
        unique = base
        while unique in taken:
            unique, number = f"{base}-{number}", number + 1
        taken.add(unique)
        made.append(unique)
    return made


def _merged(ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, filled: Collection[str]) -> gpd.GeoDataFrame:
    """Assets after the import; empty cells remove nothing."""
    merged = ours.copy()
    for name in COMPARED:
        if name not in theirs.columns or name == "geometry":
            continue
        old = theirs[name].set_axis(merged.index)
        if name in filled or name == "village_code_entered":
            merged[name] = merged[name].astype(object).where(merged[name].notna(), old).astype(merged[name].dtype)
        elif name != "kind":
            merged[name] = old
    if "needs_check" in theirs.columns:
        theirs_too = theirs["needs_check"].to_numpy(dtype=bool)
        merged["needs_check"] = merged["needs_check"].astype(bool) | theirs_too
    merged["matched_by"] = ours["matched_by"]
    return merged


def _differences(
    ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, merged: gpd.GeoDataFrame, filled: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    changes: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    ids, rows = merged["asset_id"].to_numpy(dtype=object), merged["row"].to_numpy()
    for name in COMPARED:
        if name not in theirs.columns:
            continue
        old = theirs[name].to_numpy(dtype=object)
        new = merged[name].to_numpy(dtype=object)
        if name == "geometry":
            differs = ~np.asarray(shapely.equals_exact(old, new, 1e-7), dtype=bool)
            old, new = shapely.to_wkt(old, rounding_precision=6), shapely.to_wkt(new, rounding_precision=6)
        else:
            differs = np.array([not _same(left, right) for left, right in zip(old, new, strict=True)], dtype=bool)
        changes += [
            {"asset_id": ids[at], "row": int(rows[at]), "field": name, "old": old[at], "new": new[at]}
            for at in np.flatnonzero(differs)
        ]
        if name in filled and name != "geometry":
            empty = ours[name].isna().to_numpy() & pd.notna(theirs[name].to_numpy(dtype=object))
            gone += [
                {"asset_id": ids[at], "row": int(rows[at]), "field": name, "old": old[at]}
                for at in np.flatnonzero(empty)
            ]
    return (pd.DataFrame(changes, columns=list(DIFFERENCES)), pd.DataFrame(gone, columns=list(EMPTIED)))


def _same(left: Any, right: Any) -> bool:
    empty = pd.isna(left), pd.isna(right)
    return all(empty) or (not any(empty) and bool(left == right))


def _is_number(frame: pd.DataFrame, name: str) -> bool:
    return bool(pd.api.types.is_float_dtype(frame[name]))


def with_emptied(plan: ImportPlan) -> ImportPlan:
    """The plan in which empty cells remove values."""
    wanted = plan.emptied
    both: pd.DataFrame = pd.concat([plan.changed, plan.unchanged], ignore_index=True)
    if plan.record == "assets":
        both = gpd.GeoDataFrame(both, geometry="geometry", crs="EPSG:4326")
    both = both.set_index("asset_id", drop=False)
    for name, part in wanted.groupby("field"):
        both.loc[part["asset_id"], str(name)] = np.nan if _is_number(both, str(name)) else None
    more = wanted.assign(new=None)[list(DIFFERENCES)]
    parts = [part for part in (plan.differences, more) if len(part)]
    differences = pd.concat(parts, ignore_index=True) if len(more) else plan.differences
    is_changed = both["asset_id"].isin(set(differences["asset_id"])).to_numpy()
    return replace(
        plan,
        changed=both[is_changed].reset_index(drop=True),
        unchanged=both[~is_changed].reset_index(drop=True),
        differences=differences,
        emptied=wanted.iloc[:0],
    )
