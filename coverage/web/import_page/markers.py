"""Map markers of an import: new, changed and refused rows, and where a repair would move a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.imports.plan import ImportPlan
from coverage.imports.raw import Raw
from coverage.imports.report import offer_sentence
from coverage.imports.result import Interpretation
from coverage.language.words import Words
from coverage.places.villages import INDONESIA
from coverage.readers.angles import read_angles
from coverage.readers.kinds import asset_kinds
from coverage.web.html import capital
from coverage.web.import_page.import_draft import Draft
from coverage.web.maps.layers import DIGITS, STORE, collection, feature
from coverage.web.maps.map_view import Marks

ON_PLAN = ("new", "changed", "unchanged", "missing", "refused")
"""Groups of the preview map, in legend order."""


def memoised_marks(
    draft: Draft, name: str, made_from: object, make: Callable[[], tuple[Marks | None, ...]]
) -> tuple[Marks | None, ...]:
    """Memoised marks; made again when outdated or evicted from the layer store."""
    found = draft.memo(name, made_from, make)
    if any(marks is not None and STORE.get(marks.layer) is None for marks in found):
        draft.drop(name)
        found = draft.memo(name, made_from, make)
    return found


def of_plan(
    plan: ImportPlan, found: Interpretation, centres: Mapping[str, tuple[float, float]], words: Words
) -> tuple[Marks | None]:
    """Marks of the preview; what concerns a village stands at its centre (longitude and latitude by code)."""
    features: list[dict[str, Any]] = []
    for group in ("new", "changed", "unchanged", "missing"):
        part = getattr(plan, group)
        if plan.record == "landmarks" and len(part):
            there = part[part["lon"].notna()]
            said = [
                [row["name"], capital(words.kind(row["kind"]))] for row in there[["name", "kind"]].to_dict("records")
            ]
            features += _features(group, shapely.points(there["lon"], there["lat"]), said)
        elif plan.record != "assets":
            features += _villages(group, part, centres)
        elif len(part):
            features += _features(
                group,
                part.geometry.to_numpy(),
                [_marker_text(row, words) for row in part[["kind", "name"]].to_dict("records")],
            )
    lon, lat = written_places(found.refused)
    west, south, east, north = INDONESIA
    with np.errstate(invalid="ignore"):
        here = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    if len(here):
        rows = [found.raw.row_text(int(row)) for row in found.refused["row"].to_numpy()[here]]
        features += _features(
            "refused",
            shapely.points(lon[here], lat[here]),
            [[words("import_page.row_number", row=row)] for row in rows],
        )
    return (_marks(features, ON_PLAN, words),)


def _villages(group: str, part: pd.DataFrame, centres: Mapping[str, tuple[float, float]]) -> list[dict[str, Any]]:
    if "village_code_bps" not in part:
        return []
    there = part[part["village_code_bps"].isin(centres)]
    if there.empty:
        return []
    counted = there.groupby("village_code_bps").agg(name=("name", "first"), count=("name", "size")).reset_index()
    said = [
        [str(line["name"]), *([f"{line['count']} x"] if line["count"] > 1 else [])]
        for line in counted.to_dict("records")
    ]
    return _features(group, [shapely.Point(centres[code]) for code in counted["village_code_bps"]], said)


def of_offers(
    offered: pd.DataFrame, accepted: Sequence[bool], raw: Raw, words: Words
) -> tuple[Marks | None, Marks | None]:
    """Marks for rows with a repair: as written, with a line to the repaired place; and the repaired places.

    ``offered`` are refused rows with an offer, ``accepted`` tells for each whether it is taken.
    """
    lon, lat = written_places(offered)
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    for at, line in enumerate(offered.to_dict("records")):
        offer = line["offer"]
        said = [words("import_page.row_number", row=raw.row_text(line["row"])), offer_sentence(offer, words)]
        if np.isfinite(lon[at]) and np.isfinite(lat[at]) and abs(lat[at]) <= 85 and abs(lon[at]) <= 180:
            before += _features(
                "before",
                [shapely.Point(lon[at], lat[at])],
                [said],
                [round(offer.lat, DIGITS), round(offer.lon, DIGITS)],
            )
        after += _features("accepted" if accepted[at] else "after", [shapely.Point(offer.lon, offer.lat)], [said])
    return _marks(before, ("before",), words), _marks(after, ("after", "accepted"), words)


def written_places(refused: pd.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Longitude and latitude of refused rows as written, in degrees; NaN where invalid."""
    details: list[Mapping[str, Any]] = refused["details"].tolist()
    lon, lat = (read_angles([str(one.get(name, "")) for one in details]).value for name in ("lon", "lat"))
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def _marker_text(row: Mapping[Any, Any], words: Words) -> list[str]:
    kind = capital(words.kind(row["kind"])) if row["kind"] in asset_kinds() else ""
    return [row["name"], kind] if isinstance(row["name"], str) else [kind]


def _features(
    group: str, shapes: Any, said: Sequence[Sequence[str]], to: list[float] | None = None
) -> list[dict[str, Any]]:
    rounded = shapely.set_precision(np.asarray(shapes, dtype=object), 10.0 ** -(DIGITS + 1), mode="pointwise")
    return [
        feature(json.loads(shapely.to_geojson(shape)), group=group, said=list(text), **({"to": to} if to else {}))
        for shape, text in zip(rounded, said, strict=True)
    ]


def _marks(features: list[dict[str, Any]], groups: Sequence[str], words: Words) -> Marks | None:
    if not features:
        return None
    present = {feature["properties"]["group"] for feature in features}
    name = STORE.put(collection(features))
    return Marks(name, {group: words(f"import_page.group.{group}") for group in groups if group in present})
