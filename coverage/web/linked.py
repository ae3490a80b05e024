"""What a link carries beside region, village, rule and filters: weights, budget, what is tried out, view and layers of
the map.

An address is not trusted: what does not fit is left out. It changes the session of who opens it, never the office's.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args

import streamlit as st
from pydantic import BaseModel, Field, FiniteFloat, StringConstraints, TypeAdapter, ValidationError

from coverage.base.parameters import Direction, PriorityParameters, Transformation
from coverage.ranking.scoring import decision_methods
from coverage.readers.kinds import asset_kinds

SETTINGS, VIEW, LAYERS = "pengaturan", "pandangan", "lapis"
"""Names in the address; ``page.js`` fills in the last two from the map as it stands."""
RELIEF = "medan"
"""Hillshade in addresses of old."""
TRIED = "signal_tried"
"""Session key of assets that are tried out, each as the fields of a :class:`coverage.run.what_if.TrialAsset`."""
MOST_TRIED = 20
_TAKEN = "linked_settings"
_LONGEST = 8000


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


class _Tried(BaseModel, extra="forbid", strict=True):
    """An asset that is tried out."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    kind: str
    height_m: Annotated[float, Field(ge=0, le=400)] | None = None
    band_mhz: Annotated[float, Field(ge=100, le=100_000)] | None = None
    operator: Annotated[str, Field(max_length=200)] | None = None
    azimuth_deg: Annotated[float, Field(ge=0, le=360)] | None = None


_SEVERAL_TRIED = TypeAdapter(Annotated[list[_Tried], Field(max_length=MOST_TRIED)])


def _are_tried(value: Any) -> bool:
    try:
        found = _SEVERAL_TRIED.validate_python(value)
    except ValidationError:
        return False
    tried = {
        name for name, kind in asset_kinds().items() if kind.service and kind.geometry == "point" and not kind.private
    }
    return tried.issuperset(one.kind for one in found)


_MONEY = _whole(0, 10_000_000)
_CARRIED: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("criteria_used", _names),
    ("order_method", lambda value: value in decision_methods()),
    ("order_weighting", get_args(PriorityParameters.model_fields["weighting"].annotation).__contains__),
    ("weight_.+", _whole(0, 100)),
    ("direction_.+", get_args(Direction).__contains__),
    ("transformation_.+", get_args(Transformation).__contains__),
    ("pair_.+", _whole(-8, 8)),
    ("plan_first", _whole(2020, 2090)),
    ("plan_years", _whole(1, 10)),
    ("plan_budget", _MONEY),
    (r"plan_budget_\d{4}", _MONEY),
    ("plan_(own_years|weighted|running|sea)", _is_bool),
    ("map_(states|subdistricts|operators)", _names),
    ("map_share", _whole(0, 100)),
    ("map_beside", _is_bool),
    ("signal_mode", ("see", "try", "field").__contains__),
    ("signal_view", _text("[a-z]+(:.{1,80})?")),
    ("signal_place", _text("[^<>]{1,80}")),
    ("signal_opacity", _whole(0, 100)),
    ("try_kind", lambda value: value in asset_kinds()),
    ("try_rule_.+|try_operator", _text("[^<>]{1,200}")),
    ("try_height_.+", lambda value: type(value) in (int, float) and 1 <= value <= 150),
    ("try_band_.+", lambda value: type(value) in (int, float) and 100 <= value <= 100_000),
    ("try_azimuth", _whole(0, 359)),
    (TRIED, _are_tried),
)
"""Session keys of widgets, and what they may hold."""


def _fits(key: str, value: Any) -> bool:
    try:
        return any(re.fullmatch(pattern, key) and fits(value) for pattern, fits in _CARRIED)
    except TypeError:  # a list where a name belongs
        return False


def settings_text() -> str | None:
    """The visitor's weights and budget for the address; None where nothing was touched."""
    found = {str(key): value for key, value in st.session_state.items() if _fits(str(key), value)}
    return json.dumps(found, sort_keys=True, separators=(",", ":")) if found else None


def write_address() -> None:
    """Keep assets that are tried out in the address of the page, so that it opens the same when it is loaded again.

    With them go the other settings. A place that is only looked at is none: each would be a step of the browser's way
    back.
    """
    tried, found = st.session_state.get(TRIED), settings_text()
    said = _read(st.query_params.get(SETTINGS, "")).get(TRIED) or []
    if said != (tried or []):
        if tried and found is not None and len(found) <= _LONGEST:
            st.query_params[SETTINGS] = found
        else:
            st.query_params.pop(SETTINGS, None)


def take_settings() -> None:
    """Load weights and budget from the address, once in a session."""
    if _TAKEN in st.session_state:
        return
    st.session_state[_TAKEN] = taken = _read(st.query_params.get(SETTINGS, ""))
    st.session_state.update(taken)


def taken(prefix: str) -> dict[str, Any]:
    """What the address brought, of keys that begin so."""
    found: dict[str, Any] = st.session_state.get(_TAKEN, {})
    return {key: value for key, value in found.items() if key.startswith(prefix)}


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if 0 < len(text) <= _LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return {key: value for key, value in found.items() if _fits(key, value)} if isinstance(found, dict) else {}


def map_options() -> dict[str, Any]:
    """View and layers of the address for ``map.js``; nothing where it names none."""
    return dict(_map_options())


def _map_options() -> Iterator[tuple[str, Any]]:
    parts = st.query_params.get(VIEW, "").split(",")
    try:
        lat, lon, zoom = (float(part) for part in parts)
    except ValueError:
        pass
    else:
        if all(map(math.isfinite, (lat, lon, zoom))) and abs(lat) <= 90 and abs(lon) <= 180 and 0 <= zoom <= 18:
            yield "view", [lat, lon, zoom]
    if layers := map_layers(st.query_params.get(LAYERS, "")):
        yield "layers", layers


_Name = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,40}$")]
_Names = Annotated[list[_Name], Field(max_length=60)]
_Percent = Annotated[int, Field(ge=0, le=100)]


class MapLayers(BaseModel, extra="forbid", strict=True):
    """What differs from the usual on a map, as ``panel.js`` says it."""

    order: _Names = []
    """Layers from the ground up."""
    on: dict[_Name, bool] = {}
    opacity: dict[_Name, _Percent] = {}
    kinds: _Names = []
    """Kinds of assets that are shown."""
    hidden: _Names = []
    """Statuses of assets that are not."""
    areas: _Names = []
    """Coverage areas by their hash (:mod:`coverage.web.maps.on_demand`)."""
    paint: _Name | None = None
    """The figure that villages are painted by, and from where its classes begin."""
    breaks: Annotated[list[FiniteFloat], Field(max_length=4)] = []


def map_layers(text: str) -> dict[str, Any]:
    """Layers of the map in an address; nothing where they cannot be read. Addresses of old name kinds alone."""
    if not text.startswith("{"):
        wanted = set(text.split(","))
        kinds = {"kinds": [kind for kind in asset_kinds() if kind in wanted]} if text else {}
        return kinds | ({"on": {"relief": True}} if RELIEF in wanted else {})
    try:
        return MapLayers.model_validate_json(text[:_LONGEST]).model_dump(exclude_unset=True)
    except ValidationError:
        return {}
