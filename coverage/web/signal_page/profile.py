"""Terrain profile from a tower to a place: ground, earth bulge, line of sight, Fresnel zone, and path loss."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from coverage.language.words import Words
from coverage.reach.link_budget import RadioParameters
from coverage.reach.signal import Tower
from coverage.reach.tower_link import TowerLink
from coverage.web.charts import INK
from coverage.web.html import Html, capital, column_table, put, tag
from coverage.web.signal_page.signal_point import class_of

TALLEST_M = 150.0
"""Highest mast to suggest."""
GROUND, BULGE, TREES, LINE, ZONE, WARN = "#A89B84", "#D9D2C3", "#6B8E5A", "#0B2239", "#56B4E9", "#7A2E00"
ROWS = 10
"""Rows of the table."""


def show_profile(found: TowerLink, tower: Tower, name: str, radio: RadioParameters, words: Words) -> None:
    """Render profile, verdict and figures."""
    blocked, loss = verdict(found, words), loss_sentence(found, radio, words)
    put(tag("h2", words("signal.profile.title", tower=name)), key="profile_title")
    put(tag("p", f"{blocked} {loss}", cls="jk-profile-said", role="status"), key="profile_said")
    said = words(
        "signal.profile.said",
        distance=words.distance(float(found.sight.distance_km[-1]) * 1000),
        tower=name,
        blocked=blocked,
        loss=loss,
    )
    # Two charts: concatenated ones do not fit their width to the page.
    for key, chart in (
        ("profile_heights", _heights(found, words).properties(height=250, description=said)),
        ("profile_losses", _losses(found, radio, words).properties(height=150, description=loss)),
    ):
        padded = chart.properties(padding={"left": 5, "right": 12, "top": 4, "bottom": 0})
        with st.container(key=key):
            st.altair_chart(padded.configure_axis(**INK).configure_legend(**INK), width="stretch")
    mast = tower.transmitter
    st.caption(
        words(
            "signal.profile.antenna",
            height=words.number(mast.height_m, 1),
            phone=words.number(radio.phone.height_m, 1),
            frequency=mast.frequency_ghz * 1000,
        )
        + " "
        + words("signal.profile.assumed", k=words.number(found.sight.k, 2), percent=radio.margin.location_percent)
    )
    with st.expander(words("signal.profile.table")):
        put(_figures(found, words))


def show_sight(found: TowerLink, name: str, heights: tuple[float, float], words: Words) -> None:
    """Render the ground between two masts and whether they see each other.

    Parameters
    ----------
    name : of the far one
    heights : of both antennas above ground, in metres
    """
    told, axis = verdict(found, words, "point"), words("signal.profile.x", start=words("signal.profile.from_point"))
    said = words("signal.profile.between", name=name, verdict=told)
    put(tag("h2", words("signal.profile.to_mast", name=name)), key="profile_title")
    put(tag("p", told, cls="jk-profile-said", role="status"), key="profile_said")
    chart = _heights(found, words, axis).properties(height=250, description=said)
    with st.container(key="profile_heights"):
        padded = chart.properties(padding={"left": 5, "right": 12, "top": 4, "bottom": 0})
        st.altair_chart(padded.configure_axis(**INK).configure_legend(**INK), width="stretch")
    here, there = (words.number(height, 1) for height in heights)
    st.caption(words("signal.profile.masts", here=here, there=there, k=words.number(found.sight.k, 2)))


def verdict(found: TowerLink, words: Words, start: str = "tower") -> str:
    """Whether and where the path is obstructed, and the mast that would clear it at its ``start``."""
    sight = found.sight
    clearance = words.percent(sight.clearance)
    if not sight.grazed:
        return words("signal.profile.clear_yes", clearance=clearance)
    at, k = words.distance(1000 * sight.worst_km), int(np.abs(sight.distance_km - sight.worst_km).argmin())
    bare = sight.line_m[k] > sight.ground_m[k] + sight.bulge_m[k] if sight.blocked else sight.clutter_m[k] > 0
    what = words(f"signal.profile.by_{'clutter' if bare else 'ground'}")
    told = {"at": at, "what": what, "start": words(f"signal.profile.from_{start}")}
    if sight.blocked and found.clear_height_m > TALLEST_M:
        return words("signal.profile.too_high", **told, most=TALLEST_M)
    told |= {"clear": _metres(found.clear_height_m, words), "clearance": clearance}
    return words("signal.profile.blocked" if sight.blocked else "signal.profile.grazed", **told)


def loss_sentence(found: TowerLink, radio: RadioParameters, words: Words) -> str:
    """Loss and signal at the end of the path."""
    rsrp = float(found.rsrp_dbm[-1])
    around = [words.number(value, 1) for value in (found.around_m, found.around_db)]
    said = [] if not found.around_db else [words("signal.profile.around", height=around[0], loss=around[1])]
    loss = words(
        "signal.profile.loss",
        loss=words.number(float(found.loss_db[-1]), 1),
        rsrp=words.number(rsrp, 1),
        **{"class": words(f"signal.class.short_{class_of(rsrp, radio)}")},
    )
    return " ".join([loss, *said])


def _metres(value: float, words: Words) -> str:
    return f"{words.number(np.ceil(value))} m"


def _axis(words: Words, **options: Any) -> alt.Axis:
    comma = "replace(datum.label, '.', ',')" if words.style.decimal_comma else "datum.label"
    return alt.Axis(labelExpr=comma, **options)


def _along(found: TowerLink) -> alt.Scale:
    """Shared distance axis of both charts."""
    return alt.Scale(nice=False, domain=[0, float(found.sight.distance_km[-1])])


def _heights(found: TowerLink, words: Words, axis: str | None = None) -> Any:
    """Ground on the curved earth, clutter, and the line with its Fresnel zone."""
    sight = found.sight
    ground, bulge = sight.ground_m + sight.bulge_m, sight.bulge_m
    floor = float(np.floor((sight.ground_m.min() - 10) / 10) * 10)
    frame = pd.DataFrame(
        {
            "km": sight.distance_km,
            "floor": floor,
            "bulge": floor + bulge,
            "ground": ground,
            "trees": ground + sight.clutter_m,
            "line": sight.line_m,
            "low": sight.line_m - sight.fresnel_m,
            "high": sight.line_m + sight.fresnel_m,
        }
    )
    names = {part: words(f"signal.profile.{part}") for part in ("ground", "bulge", "clutter", "line", "fresnel")}
    kinds = [part for part in names if part != "clutter" or sight.clutter_m.any()]
    paints = {"ground": GROUND, "bulge": BULGE, "clutter": TREES, "line": LINE, "fresnel": ZONE}
    scale = alt.Scale(domain=[names[part] for part in kinds], range=[paints[part] for part in kinds])
    colour = alt.Color("part:N", scale=scale, title=None, legend=alt.Legend(orient="top", columns=2))
    x = alt.X("km:Q", title=axis, axis=_axis(words, grid=False, tickCount=8, tickMinStep=0.1), scale=_along(found))
    top = alt.Scale(zero=False, nice=False, domain=[floor, float(max(frame["high"].max(), frame["trees"].max())) + 5])

    def band(part: str, low: str, high: str, opacity: float) -> Any:
        y = alt.Y(
            f"{low}:Q",
            title=words("signal.profile.y"),
            scale=top,
            axis=alt.Axis(format=",.0f", tickCount=5, minExtent=40, maxExtent=40),
        )
        return (
            alt.Chart(frame.assign(part=names[part]))
            .mark_area(opacity=opacity, clip=True)
            .encode(x=x, y=y, y2=f"{high}:Q", color=colour)
        )

    layers = [band("ground", "bulge", "ground", 1.0), band("bulge", "floor", "bulge", 1.0)]
    if "clutter" in kinds:
        layers.append(band("clutter", "ground", "trees", 0.9))
    layers += [
        band("fresnel", "low", "high", 0.3),
        alt.Chart(frame.assign(part=names["line"]))
        .mark_line(strokeWidth=2, clip=True)
        .encode(x=x, y=alt.Y("line:Q", scale=top), color=colour),
    ]
    if sight.grazed:
        layers += _worst(frame, sight.worst_km, x, top, words)
    return alt.layer(*layers)


def _worst(frame: pd.DataFrame, worst_km: float, x: alt.X, top: alt.Scale, words: Words) -> list[Any]:
    place = int(np.argmin(np.abs(frame["km"].to_numpy() - worst_km)))
    right = worst_km < 0.7 * float(frame["km"].iloc[-1])
    mark = alt.Chart(frame.iloc[[place]].assign(said=words("signal.profile.where_blocked")))
    return [
        mark.mark_point(shape="triangle-down", filled=True, size=90, color=WARN, yOffset=-8, opacity=1).encode(
            x=x, y=alt.Y("trees:Q", scale=top)
        ),
        mark.mark_text(
            color=WARN, dy=-18, dx=4 if right else -4, align="left" if right else "right", fontSize=12
        ).encode(x=x, y=alt.Y("trees:Q", scale=top), text="said:N"),
    ]


def _losses(found: TowerLink, radio: RadioParameters, words: Words) -> Any:
    """Path loss along the profile, downwards, with the limits of the signal classes."""
    # RSRP is a constant less the loss, so one axis serves both: the limits are drawn at their losses.
    constant = float(found.rsrp_dbm[-1] + found.loss_db[-1])
    frame = pd.DataFrame({"km": found.sight.distance_km, "loss": found.loss_db, "rsrp": found.rsrp_dbm}).dropna()
    limits = pd.DataFrame(
        {
            "loss": [constant - radio.thresholds.strong_dbm, constant - radio.thresholds.weak_dbm],
            "said": [
                f"{words('signal.profile.limit_strong')} ({words.number(radio.thresholds.strong_dbm)} dBm)",
                f"{words('signal.profile.limit_weak')} ({words.number(radio.thresholds.weak_dbm)} dBm)",
            ],
            "km": float(frame["km"].max()),
        }
    )
    most = float(max(frame["loss"].max(), limits["loss"].max()))
    scale = alt.Scale(reverse=True, zero=False, nice=False, domain=[float(frame["loss"].min()) - 3, most + 6])
    from_tower = words("signal.profile.x", start=words("signal.profile.from_tower"))
    x = alt.X(
        "km:Q", title=from_tower, axis=_axis(words, grid=False, tickCount=8, tickMinStep=0.1), scale=_along(found)
    )
    y = alt.Y(
        "loss:Q",
        title=words("signal.profile.y_loss"),
        scale=scale,
        axis=alt.Axis(tickCount=4, minExtent=40, maxExtent=40, titleFontSize=11),
    )
    written = [words.number(value, 1) for value in frame["loss"]]
    heard = [words.number(value, 1) for value in frame["rsrp"]]
    line = (
        alt.Chart(frame.assign(loss_said=written, rsrp_said=heard))
        .mark_line(color=LINE, clip=True)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("km:Q", title=from_tower, format=".2f"),
                alt.Tooltip("loss_said:N", title=capital(words("signal.profile.y_loss"))),
                alt.Tooltip("rsrp_said:N", title=words("signal.profile.rsrp")),
            ],
        )
    )
    rules = alt.Chart(limits).mark_rule(strokeDash=[5, 4], color=WARN).encode(y=alt.Y("loss:Q", scale=scale))
    # The strong one is the smaller loss, so it lies above: each is named on its outer side.
    said = [
        alt.Chart(limits.iloc[[row]])
        .mark_text(align="right", dy=dy, dx=-3, color=WARN, fontSize=11)
        .encode(x=x, y=alt.Y("loss:Q", scale=scale), text="said:N")
        for row, dy in ((0, -7), (1, 8))
    ]
    return alt.layer(rules, line, *said)


def _figures(found: TowerLink, words: Words) -> Html:
    sight = found.sight
    places = np.unique(np.linspace(0, len(sight.distance_km) - 1, ROWS).round().astype(int))
    columns = {
        words("signal.profile.distance"): [words.distance(1000 * float(km)) for km in sight.distance_km[places]],
        capital(words("signal.profile.ground")) + " (m)": map(words.number, sight.ground_m[places]),
        capital(words("signal.profile.line")) + " (m)": map(words.number, sight.line_m[places]),
        capital(words("signal.profile.y_loss")): [words.number(float(loss), 1) for loss in found.loss_db[places]],
        words("signal.profile.rsrp"): [words.number(float(level), 1) for level in found.rsrp_dbm[places]],
    }
    return column_table(columns, words("signal.profile.numbers"))
