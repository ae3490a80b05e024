"""Field measurements over the prediction: points, agreement per village, calibration."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from coverage.language.words import Words
from coverage.run.result import Analysis
from coverage.web.html import Html, definition_list, put, table, tag
from coverage.web.maps import pictures
from coverage.web.maps.layers import DIGITS, STORE
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
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(lon, DIGITS), round(lat, DIGITS)]},
            "properties": {"class": found},
        }
        for lon, lat, found in zip(rows["lon"], rows["lat"], rows["measured_class"], strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


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
        return [definition_list(rows, "jk-pairs"), tag("p", words("signal.field.too_few"), cls="jk-reason")]
    rows.append(
        (
            words("signal.field.offset"),
            words(
                "signal.field.offset_value",
                error=words.number(found["error_db"], 1),
                offset=words.number(found["offset_db"], 1),
            ),
        )
    )
    said = (
        words("signal.field.applied", applied=words.number(applied, 1))
        if applied
        else words("signal.field.not_applied")
    )
    return [definition_list(rows, "jk-pairs"), tag("p", said, cls="jk-reason")]


def _villages(analysis: Analysis, words: Words) -> Html:
    assert analysis.agreement is not None
    names = analysis.villages.set_index("village_code_bps")["village"]
    ordered: pd.DataFrame = analysis.agreement.sort_values(["share_agreed", "measured"], ascending=[True, False]).head(
        MOST
    )
    heads = [words(f"signal.field.{name}") for name in ("village", "measured", "share", "better", "worse")]
    columns = (ordered[name] for name in ("village_code_bps", "measured", "share_agreed", "better", "worse"))
    rows = [
        [str(names[code]), words.number(count), words.percent(share), words.number(better), words.number(worse)]
        for code, count, share, better, worse in zip(*columns, strict=True)
    ]
    return table(heads, rows, words("signal.field.table"))
