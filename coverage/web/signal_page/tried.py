"""Assets tried out in this session, and their effect."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st

from coverage.base.errors import JangkauError, StoreError
from coverage.base.schema import ASSETS
from coverage.readers.kinds import asset_kinds
from coverage.run.result import Analysis
from coverage.run.what_if import TrialAsset
from coverage.web import linked, messages, visitor_work
from coverage.web.background_jobs import Job, quick_place_is_free
from coverage.web.context import Context
from coverage.web.linked import MOST_TRIED
from coverage.web.maps.layers import bounds
from coverage.web.run_cache import cached_per_run
from coverage.web.visitor_work import TrialEffect
from coverage.web.workers import compute, computed

_EFFECTS, _KEPT_EFFECTS = "signal_effects", 12


def proposals() -> tuple[TrialAsset, ...]:
    """Proposals collected in this session, or of the link that opened it."""
    return tuple(TrialAsset(**one) for one in st.session_state.get(linked.TRIED, ()))


def keep_proposals(wanted: tuple[TrialAsset, ...]) -> None:
    """Collect these, the last ones where they are too many."""
    st.session_state[linked.TRIED] = [asdict(one) for one in wanted[-MOST_TRIED:]]


def effect_of(context: Context, tried: tuple[TrialAsset, ...], rule: str) -> TrialEffect | None:
    """Effect of proposals, kept in the session; None where it was refused, and why is shown."""
    key = (context.analysis.run["run_id"], tried, rule)
    kept: dict[Any, TrialEffect] = st.session_state.setdefault(_EFFECTS, {})
    if key in kept:
        kept[key] = kept.pop(key)  # LRU
    else:
        given = (visitor_work.what_if, context.analysis, context.ground, tried, rule)
        with messages.shown_refusal(context.words):
            kept[key] = computed(context.words, "signal.try.working", *given, is_quick=True)
        for old in list(kept)[:-_KEPT_EFFECTS]:
            del kept[old]
    return kept.get(key)


def compute_ahead(context: Context, wanted: TrialAsset, rule: str) -> None:
    """Try one in the middle of the region, once per run: a process is there then, has the run, and is compiled."""
    begun = _begun_ahead(context.analysis)
    if begun.is_set() or not quick_place_is_free():
        return
    (south, west), (north, east) = bounds(context.analysis)
    tried = (replace(wanted, lon=(west + east) / 2, lat=(south + north) / 2),)
    given = (visitor_work.what_if, context.analysis, context.ground, tried, rule)
    with suppress(JangkauError):  # too much waits already
        job: Job[TrialEffect] = Job(lambda job: compute(job, *given), is_quick=True)
        begun.set()
        job.result.add_done_callback(lambda made: begun.clear() if isinstance(made.exception(), StoreError) else None)


@cached_per_run
def _begun_ahead(_analysis: Analysis) -> threading.Event:
    return threading.Event()


def as_assets(tried: tuple[TrialAsset, ...]) -> gpd.GeoDataFrame:
    """Proposals as planned assets."""
    rows = [
        dict.fromkeys(ASSETS.names)
        | {"kind": one.kind, "status": "planned", "operator": one.operator, "height_m": one.height_m}
        | {"band_mhz": one.band_mhz, "azimuth_deg": one.azimuth_deg, "geometry": shapely.Point(one.lon, one.lat)}
        for one in tried
    ]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def from_assets(assets: gpd.GeoDataFrame) -> tuple[TrialAsset, ...]:
    """Assets of a scenario as proposals; lines and kinds without a service are none."""
    tried, kinds = [], asset_kinds()
    serving = {name for name, kind in kinds.items() if kind.service}
    points = assets[(assets.geometry.geom_type == "Point") & assets["kind"].isin(serving)]
    for row in points.to_dict("records"):
        number = {name: row.get(name) for name in ("height_m", "band_mhz", "azimuth_deg")}
        tried.append(
            TrialAsset(
                row["geometry"].x,
                row["geometry"].y,
                row["kind"],
                operator=row["operator"] if isinstance(row.get("operator"), str) else None,
                **{name: None if pd.isna(value) else float(value) for name, value in number.items()},
            )
        )
    return tuple(tried)
