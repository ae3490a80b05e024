"""Criteria of the ranking, as raw values and on a common scale from 0 to 1.

**Scale.** A raw value x becomes ``(t(x) - t(a)) / (t(b) - t(a))``, clipped to 0 and 1, where t is the criterion's
transformation (x, ln(1 + x) or the square root of x) and a, b are the ends of its scale; ``less_is_urgent`` inverts it.
The ends are, in this order: ``scale_from`` and ``scale_to`` of the parameters; the natural ends (0 and 1 for shares and
yes/no, 0 and the largest population of a village for people); the extremes over *all* villages of the region. They
never depend on which villages are ranked, so that a village that joins or leaves changes nobody's score. Where both
ends are equal the criterion counts 0 for all.

**Missing values** are never zero: a village takes the median of the scaled values of the ranked villages that have one.
A criterion that no ranked village has is dropped, and its weight shared among the others in proportion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.base.errors import ColumnError, ParameterError, Place
from coverage.base.kinds import AssetKind
from coverage.base.parameters import Criterion
from coverage.base.projection import utm_crs
from coverage.base.schema import CONNECTION
from coverage.base.table_form import rows_of
from coverage.reach.assets import service_reach
from coverage.villages_served.blank_spots import listed_codes

Floats = npt.NDArray[np.float64]

BUILT_IN = (
    "people_unserved", "share_unserved", "distance_to_connection_m", "centre_unserved", "officially_listed",
    "complaints", "people_weakly_served", "terrain",
)  # fmt: skip
"""Computed criteria; every other one is a column of the planner's."""

_UNIT_ENDS = ("share_unserved", "centre_unserved", "officially_listed")


def criterion_values(
    villages: pd.DataFrame,
    village_service: pd.DataFrame,
    blank_spots: pd.DataFrame,
    criteria: Sequence[Criterion],
    default_rule: str,
    evidence: pd.DataFrame | None = None,
    extra: pd.DataFrame | None = None,
    service: str = CONNECTION,
) -> pd.DataFrame:
    """Raw value of every criterion for every village, NaN where it is not known.

    Parameters
    ----------
    villages, village_service, blank_spots
        Tables of the flow. Where elevation is given, ``villages`` has the columns of table VILLAGE_TERRAIN too, and
        its ``ruggedness_m`` is the criterion ``terrain``.
    criteria
        The criteria wanted; one whose name is in :data:`BUILT_IN` and that names no ``column`` is computed,
        any other is read from ``extra``.
    default_rule
        The rule whose share in reach says who is unserved; where it has none (an official list), that of ``service``.
    evidence : Table EVIDENCE. Without it ``complaints`` and ``officially_listed`` are unknown
    extra : columns that the planner brings, with ``village_code_bps`` as a column or as the index
    service : service behind ``centre_unserved``

    Returns
    -------
    pandas.DataFrame
        One column per criterion in the criterion's unit, index ``village_code_bps`` as in ``villages``.

    Raises
    ------
    ColumnError
        If a criterion names a column that ``extra`` lacks, or that holds something other than numbers, or if
        a village is in ``extra`` twice.
    """
    codes = pd.Index(villages["village_code_bps"], name="village_code_bps")
    built = _built_in(villages, village_service, blank_spots, default_rule, evidence, service)
    brought = _keyed(extra)
    values = {
        c.name: built[c.name] if c.column is None and c.name in BUILT_IN else _brought(brought, c, codes)
        for c in criteria
    }
    return pd.DataFrame(values, index=codes, dtype=float)


def _built_in(
    villages: pd.DataFrame,
    village_service: pd.DataFrame,
    blank_spots: pd.DataFrame,
    default_rule: str,
    evidence: pd.DataFrame | None,
    service: str,
) -> dict[str, Floats]:
    codes = pd.Index(villages["village_code_bps"])
    rule = rows_of(blank_spots, "rule", default_rule, codes)
    row = rows_of(village_service, "service", service, codes)
    backhaul = rows_of(village_service, "service", "backhaul", codes)
    share = _numbers(rule["share"])
    share = np.where(np.isnan(share), _numbers(row["share_served"]), share)
    unserved = 1 - share
    if "share_unknown" in rule:  # unknown is no need; nothing known is NaN
        unknown = np.nan_to_num(_numbers(rule["share_unknown"]))
        unserved = np.where(share + unknown < 1 - 1e-9, unserved - unknown, np.where(unknown > 0, np.nan, unserved))
    listed = listed_codes(evidence)
    complaints = np.full(len(codes), np.nan)
    if evidence is not None:
        about = evidence.loc[evidence["kind"] == "complaint", "village_code_bps"].value_counts()
        complaints = _numbers(about.reindex(codes).fillna(0))
    return {
        "people_unserved": _numbers(villages["population"]) * unserved,
        "share_unserved": unserved,
        "distance_to_connection_m": _numbers(backhaul["nearest_asset_m"]),
        "centre_unserved": 1 - _numbers(row["centre_served"]),
        "officially_listed": np.full(len(codes), np.nan)
        if listed is None
        else np.asarray(codes.isin(list(listed)), dtype=np.float64),
        "complaints": complaints,
        "people_weakly_served": _weakly_served(villages, rule["state"], share),
        "terrain": _numbers(villages["ruggedness_m"]) if "ruggedness_m" in villages else np.full(len(codes), np.nan),
    }


def _weakly_served(villages: pd.DataFrame, states: pd.Series, share: Floats) -> Floats:
    """People in reach in villages of state weak."""
    state = states.to_numpy(dtype=object)
    reached = _numbers(villages["population"]) * share
    return np.where(state == "weak", reached, np.where(np.isin(state, ["served", "blank"]), 0.0, np.nan))


def _numbers(series: pd.Series) -> Floats:
    if series.dtype == np.float64:
        return series.to_numpy()
    numbers = pd.to_numeric(series, errors="coerce").astype("Float64")
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))


def _keyed(extra: pd.DataFrame | None) -> pd.DataFrame:
    if extra is None:
        return pd.DataFrame()
    table = extra.set_index("village_code_bps") if "village_code_bps" in extra.columns else extra
    if table.index.has_duplicates:
        twice = table.index[table.index.duplicated()]
        raise ColumnError("priority.village_twice", Place(column="village_code_bps", value=str(twice[0])))
    return table


def _brought(table: pd.DataFrame, criterion: Criterion, codes: pd.Index) -> Floats:
    name = criterion.column or criterion.name
    if name not in table.columns:
        raise ColumnError(
            "priority.column_missing",
            Place(column=name),
            criterion=criterion.name,
            offered=[str(column) for column in table.columns],
        )
    column = table[name]
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = column.notna() & ~np.isfinite(numbers.astype("Float64").to_numpy(dtype=float, na_value=np.nan))
    if wrong.any():
        raise ColumnError(
            "priority.not_a_number",
            Place(column=name, value=column[wrong].iloc[0]),
            village=str(column.index[wrong][0]),
        )
    return _numbers(numbers.reindex(codes))


def scale_ends(values: pd.DataFrame, criteria: Sequence[Criterion], villages: pd.DataFrame) -> pd.DataFrame:
    """The raw values that count as 0 and as 1 (before the direction turns them round).

    Parameters
    ----------
    values : raw values of all villages of the region (:func:`criterion_values`)
    villages : Table VILLAGES of the whole region

    Returns
    -------
    pandas.DataFrame
        Columns ``scale_from`` and ``scale_to`` in the criterion's unit, by criterion; NaN where unknown.

    Raises
    ------
    ParameterError
        If a criterion's ends are given the wrong way round.
    """
    ends = {}
    for criterion in criteria:
        column = values[criterion.name]
        low, high = float(column.min()), float(column.max())
        if criterion.column is None and criterion.name in _UNIT_ENDS:
            low, high = 0.0, 1.0
        elif criterion.column is None and criterion.name in ("people_unserved", "people_weakly_served"):
            low, high = 0.0, float(np.nanmax(_numbers(villages["population"]), initial=0.0))
        low = low if criterion.scale_from is None else criterion.scale_from
        high = high if criterion.scale_to is None else criterion.scale_to
        if low > high:
            raise ParameterError(
                "priority.scale_reversed", Place(value=f"{low:g} > {high:g}"), criterion=criterion.name
            )
        ends[criterion.name] = (low, high)
    return pd.DataFrame.from_dict(ends, orient="index", columns=["scale_from", "scale_to"], dtype=float)


def scaled(values: pd.DataFrame, criteria: Sequence[Criterion], ends: pd.DataFrame) -> pd.DataFrame:
    """Scale raw values: 1 is most urgent, 0 least, NaN stays NaN.

    Raises ParameterError if a logarithm or square root meets a negative value.
    """
    columns = {}
    for criterion in criteria:
        raw = values[criterion.name].to_numpy(dtype=float)
        low, high = ends.loc[criterion.name].to_numpy(dtype=float)
        x = np.clip(raw, low, high)
        if criterion.transformation != "linear" and (low < 0 or (raw < 0).any()):
            raise ParameterError(
                "priority.negative_value", Place(value=float(min(low, np.nanmin(raw)))), criterion=criterion.name
            )
        a, b, x = (_transform(np.asarray(v, dtype=float), criterion.transformation) for v in (low, high, x))
        unit = (x - a) / (b - a) if b > a else np.where(np.isnan(raw), np.nan, 0.0)
        urgent = 1 - unit if criterion.direction == "less_is_urgent" and b > a else unit
        columns[criterion.name] = urgent
    return pd.DataFrame(columns, index=values.index)


def _transform(x: Floats, transformation: str) -> Floats:
    if transformation == "logarithm":
        return np.log1p(x)
    return np.sqrt(x) if transformation == "square_root" else x


def filled(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill missing scaled values with the median; a criterion without any value stays NaN.

    Returns
    -------
    tuple of pandas.DataFrame
        The filled table, and which values were missing.
    """
    missing = table.isna()
    return table.fillna(table.median()), missing


def single_operator(
    villages: gpd.GeoDataFrame, assets: gpd.GeoDataFrame | None, kinds: Mapping[str, AssetKind]
) -> pd.Series:
    """Whether a single mobile operator reaches the village centre, so that one fault leaves nothing.

    Parameters
    ----------
    assets : Table ASSETS; towers and microcells without an operator are skipped

    Returns
    -------
    pandas.Series
        1 or 0 by ``village_code_bps``; 0 also where nobody reaches it; NaN where no operator is known at all.
    """
    index = pd.Index(villages["village_code_bps"], name="village_code_bps")
    result = pd.Series(np.nan, index=index, name="single_operator")
    if assets is None:
        return result
    reach = service_reach(assets, dict(kinds))
    reach = reach[(reach["service"] == "cellular") & (reach["reach_m"] > 0)]
    operators = assets["operator"].iloc[reach["asset_position"]].to_numpy()
    reach = reach[pd.notna(operators)]
    if reach.empty:
        return result
    crs = utm_crs(villages)
    centres = gpd.GeoSeries(gpd.points_from_xy(villages["centre_lon"], villages["centre_lat"]), crs="EPSG:4326")
    masts = assets.geometry.iloc[reach["asset_position"]].to_crs(crs)
    village, mast = shapely.STRtree(masts.to_numpy()).query(
        centres.to_crs(crs).to_numpy(), predicate="dwithin", distance=float(reach["reach_m"].max())
    )
    near = pd.DataFrame(
        {
            "village": village,
            "operator": operators[pd.notna(operators)][mast],
            "far": shapely.distance(centres.to_crs(crs).to_numpy()[village], masts.to_numpy()[mast])
            > reach["reach_m"].to_numpy()[mast],
        }
    )
    counts = near[~near["far"]].groupby("village")["operator"].nunique()
    return pd.Series(
        (counts.reindex(range(len(index)), fill_value=0) == 1).to_numpy(dtype=float),
        index=index,
        name="single_operator",
    )
