"""Field measurements over the prediction: points, agreement per village, calibration."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from coverage.language.words import Words
from coverage.run.result import Analysis
from coverage.web.html import Html, column_table, definition_list, put, tag
from coverage.web.maps import pictures
from coverage.web.maps.layers import STORE, collection, feature, point
from coverage.web.maps.map_view import Drawing
from coverage.web.run_cache import cached_per_run

MOST = 40
"""Rows of the table."""


def show(analysis: Analysis, words: Words) -> Drawing:
    """Render the agreement; returns the map overlay."""
    picture = pictures.of_view(analysis, pictures.BEST)
    if analysis.compared is None or analysis.agreement is None:
        put(tag("p", words("signal.field.none"), cls="jk-hint jk-next"), key="field_none")
        return Drawing(picture=picture, opacity=0.8)
    about = analysis.run["measurements"]
    put(
        tag("article", tag("h2", words("signal.field.title")), *_summary(about, words), cls="jk-facts"),
        key="field_summary",
    )
    if len(analysis.agreement):
        put(_villages(analysis, words), key="field_villages")
        st.caption(words("signal.field.read"))
    return Drawing(picture=picture, opacity=0.6, measured=STORE.put(measured_layer(analysis)))


@cached_per_run
def measured_layer(analysis: Analysis) -> dict[str, Any]:
    """Measured points with their ``class``."""
    assert analysis.compared is not None
    rows = analysis.compared
    features = [
        feature(point(lon, lat), **{"class": found})
        for lon, lat, found in zip(rows["lon"], rows["lat"], rows["measured_class"], strict=True)
    ]
    return collection(features)


def _summary(about: dict[str, Any], words: Words) -> list[Html]:
    """Agreement and bias of the prediction; not applied here."""
    told = about["with_prediction"]
    rows = [
        (words("signal.field.count"), words.number(about["count"])),
        (words("signal.field.with_prediction"), words.number(told)),
        (words("signal.field.agreed"), words.percent(about["agreed"] / told if told else None)),
    ]
    found, applied = about["calibration"], about["calibration_applied_db"]
    if found is None:
        return [definition_list(rows), tag("p", words("signal.field.too_few"), cls="jk-reason")]
    shift = {name: words.number(found[f"{name}_db"], 1) for name in ("error", "offset")}
    rows.append((words("signal.field.offset"), words("signal.field.offset_value", **shift)))
    for one in found["clusters"]:
        own = {name: words.number(one[f"{name}_db"], 1) for name in ("offset", "low", "high")}
        name = words(f"signal.field.grounds.{one['name']}") if one["kind"] == "ground" else one["name"]
        value = words("signal.field.cluster_value", blocks=words.number(one["blocks"]), **own)
        rows.append((words(f"signal.field.cluster.{one['kind']}", name=name), value))
    used = {"all", *found["used"]}
    for kind, value in found["held_out_db"].items():
        label = words("signal.field.held_out", what=words(f"signal.field.with.{kind}"))
        key = "left" if kind in used or kind == "none" else "left_unused"
        rows.append((label, words(f"signal.field.{key}", left=words.number(value, 1))))
    said = words(f"signal.field.{'applied' if applied else 'not_applied'}", applied=words.number(applied, 1))
    return [definition_list(rows), tag("p", said, cls="jk-reason")]


def _villages(analysis: Analysis, words: Words) -> Html:
    assert analysis.agreement is not None
    names = analysis.villages.set_index("village_code_bps")["village"]
    ordered: pd.DataFrame = analysis.agreement.sort_values(["share_agreed", "measured"], ascending=[True, False]).head(
        MOST
    )
    columns = {
        words("signal.field.village"): [str(names[code]) for code in ordered["village_code_bps"]],
        words("signal.field.measured"): map(words.number, ordered["measured"]),
        words("signal.field.share"): map(words.percent, ordered["share_agreed"]),
        words("signal.field.better"): map(words.number, ordered["better"]),
        words("signal.field.worse"): map(words.number, ordered["worse"]),
    }
    return column_table(columns, words("signal.field.table"))
