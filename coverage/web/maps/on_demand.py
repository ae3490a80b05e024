"""Layers that are made when a visitor first switches them on: coverage areas, people, points.

A page only names them. They are computed from the whole run, which is not kept alive for them.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from coverage.exports.overlays import PEOPLE_LEGEND, people_overlay
from coverage.language.reasons import claimed_word
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.reach.assets import service_reach
from coverage.readers.kinds import is_private
from coverage.run.areas import UNSTATED, area_choices, area_of
from coverage.run.result import Analysis
from coverage.store import Actor, may
from coverage.store.losses import loss_cache
from coverage.web import store_access
from coverage.web.addresses import layer_url, picture_url
from coverage.web.html import capital
from coverage.web.maps.layers import STORE, Viewer, collection, feature, point, rounded
from coverage.web.run_cache import cached_per_run

_Layer = dict[str, Any] | None


@dataclass(frozen=True)
class PointLayer:
    """Points that a viewer may see, made of a run; ``fresh`` where of the store, anew each time."""

    make: Callable[[Any], _Layer]
    guarded: bool = False
    fresh: bool = False


def offered(analysis: Analysis, words: Words, viewer: Viewer) -> dict[str, Any]:
    """Addresses for ``map.js``; None, or nothing, where there is nothing to show."""
    points = {}
    for name, layer in point_layers(analysis, words).items():
        of = region_of(analysis.villages) if layer.fresh else analysis.run["run_id"]
        make = partial(layer.make, None) if layer.fresh else _later(analysis, layer.make)
        how = {"guarded": layer.guarded, "fresh": layer.fresh}
        points[name] = layer_url(STORE.promise(of, name, words.language, make=make, **how))
    return {
        "areas": _areas(analysis, words, viewer),
        "points": points,
        "people": None if analysis.land is None else _address(analysis, _people, "people"),
        "peopleClasses": PEOPLE_LEGEND,
    }


def point_layers(analysis: Analysis, words: Words) -> dict[str, PointLayer]:
    """Layers of points by name.

    Reports and proposals are for those who are signed in, as on the pages that list them.
    """
    who, evidence, points = store_access.who(), analysis.evidence, {}
    if may(who, "view_evidence") and evidence is not None and evidence["lon"].notna().any():
        points["evidence"] = PointLayer(partial(_evidence, words=words), guarded=True)
    if analysis.compared is not None and len(analysis.compared):
        points["measured"] = PointLayer(partial(_measured, words=words))
    if may(who, "view_proposals") and store_access.opened_store().store is not None:
        region = region_of(analysis.villages)
        points["proposals"] = PointLayer(lambda _: _proposals(region, who, words), guarded=True, fresh=True)
    return points


def _address(analysis: Analysis, make: Callable[[Analysis], _Layer], *key: Any, guarded: bool = False) -> str:
    return layer_url(STORE.promise(analysis.run["run_id"], *key, make=_later(analysis, make), guarded=guarded))


def _later(analysis: Analysis, make: Callable[[Analysis], _Layer]) -> Callable[[], _Layer]:
    """Make a layer of the run, if it is still there."""
    kept = weakref.ref(analysis)

    def made() -> _Layer:
        there = kept()
        return None if there is None else make(there)

    return made


def _areas(analysis: Analysis, words: Words, viewer: Viewer) -> str | None:
    """Address of the list of areas with ``id, by, name, url``."""
    groups = [
        {
            "id": area.key,
            "by": words(f"web.map.area_by.{area.by}"),
            "name": area.name,
            "url": _address(analysis, partial(_area, by=area.by, value=area.value), "area", area.by, area.value,
                            guarded=area.private),
        }
        for area in areas_offered(analysis, words, viewer)
    ]  # fmt: skip
    return layer_url(STORE.put({"groups": groups})) if groups else None


@dataclass(frozen=True)
class AreaOffered:
    """A coverage area (:func:`coverage.run.areas.area_choices`), its name, and its key in links."""

    by: str
    value: str
    name: str
    private: bool

    @property
    def key(self) -> str:
        """Hash of what it is of: what operators are called is text of users."""
        return hashlib.sha256(f"{self.by}:{self.value}".encode()).hexdigest()[:10]


def areas_offered(analysis: Analysis, words: Words, viewer: Viewer) -> list[AreaOffered]:
    """Coverage areas that a viewer may see."""
    return [
        AreaOffered(by, value, _area_name(by, value, words), private)
        for by, value, private in _choices(analysis)
        if viewer.sees_cctv or not private
    ]


@cached_per_run
def _choices(analysis: Analysis) -> list[tuple[str, str, bool]]:
    """Areas, and whether they tell where cameras are."""
    choices, assets = area_choices(analysis), analysis.assets
    if assets is None:
        return []
    gives = service_reach(assets, analysis.parameters.kinds)
    watched = set(gives["service"][is_private(assets["kind"].iloc[gives["asset_position"]]).to_numpy()])
    return [(by, value, by == "service" and value in watched) for by, value in choices]


def _area_name(by: str, value: str, words: Words) -> str:
    if by == "service":
        return capital(words(f"core.service.{value}"))
    if value == UNSTATED:
        return words("web.map.area_unstated")
    return value.upper().replace("_", " ") if by == "technology" else value


def _area(analysis: Analysis, by: str, value: str) -> _Layer:
    outline = area_of(analysis, by, value, loss_cache())
    return collection([] if outline is None else [feature(rounded(outline))])


def _people(analysis: Analysis) -> _Layer:
    assert analysis.land is not None
    population = analysis.villages["population"].to_numpy(dtype=float, na_value=np.nan)
    overlay = people_overlay(analysis.land, analysis.cells, population)
    return {"url": picture_url(STORE.put_picture(overlay.png)), "bounds": [list(corner) for corner in overlay.bounds]}


def _evidence(analysis: Analysis, words: Words) -> _Layer:
    assert analysis.evidence is not None
    rows = analysis.evidence[analysis.evidence["lon"].notna() & analysis.evidence["lat"].notna()]
    told = (words(f"core.evidence.{kind}") for kind in rows["kind"])
    hints = rows["kind"] == "hint"
    claimed = (
        words("web.map.hinted") if hint else claimed_word(state, words)
        for state, hint in zip(rows["claimed_state"], hints, strict=True)
    )
    rest = rows[["source", "date"]].fillna("").astype(str).to_numpy().tolist()
    return _points(
        ((lon, lat), {"state": None if hint else state, "said": [kind, claim, *filter(None, more)]})
        for lon, lat, state, hint, kind, claim, more in zip(
            rows["lon"], rows["lat"], rows["claimed_state"], hints, told, claimed, rest, strict=True
        )
    )


def _measured(analysis: Analysis, words: Words) -> _Layer:
    assert analysis.compared is not None
    rows = analysis.compared
    return _points(
        ((lon, lat), {"class": found, "said": [words("signal.map.measured")]})
        for lon, lat, found in zip(rows["lon"], rows["lat"], rows["measured_class"], strict=True)
    )


def _proposals(region: str, who: Actor | None, words: Words) -> _Layer:
    """Proposals that have a place, as they are now."""
    store = store_access.opened_store().store
    if store is None:
        return None
    found = [line.proposal for line in store.proposals.all(region, who)]
    return _points(
        (
            (one.lon, one.lat),
            {"said": [one.name or one.proposal_id, words(f"proposals.asked.{one.asked}"), f"{stage}, {one.year}"]},
        )
        for one, stage in ((one, words(f"proposals.stage.{one.stage}")) for one in found)
        if one.lon is not None and one.lat is not None
    )


def _points(found: Iterable[tuple[tuple[float, float], dict[str, Any]]]) -> _Layer:
    return collection([feature(point(*at), **told) for at, told in found])
