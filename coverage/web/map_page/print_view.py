"""The map as it stands on the screen, on paper: what the browser says of it becomes a :class:`MapChoice`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from coverage.exports.map_choice import Bounds, MapChoice, Painted, class_breaks
from coverage.exports.registry import PDF, PNG
from coverage.exports.style import RAMP
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.result import Analysis
from coverage.web import downloads, linked, visitor_work
from coverage.web.background_jobs import Job
from coverage.web.context import Context
from coverage.web.maps.layers import figure_layer
from coverage.web.maps.map_text import figure_label
from coverage.web.turns import Visit, current_visit, dialog
from coverage.web.widgets import switch
from coverage.web.workers import compute

PAPERS, TURNS, FORMS = ("A4", "A3"), ("lying", "upright"), {"pdf": PDF, "png": PNG}
ON_SCREEN_ALONE = ("pictures", "people", "areas", "proposals", "evidence", "measured", "landmarks")
"""Layers that paper does not show; the first and the last are on unless switched off."""
_ASKED = "print_asked"


def ask(said: dict[str, Any]) -> None:
    """Keep what the map says of itself until the page is rendered."""
    st.session_state[_ASKED] = said


def show(context: Context, run: Callable[[], Analysis], village: str | None, years: Mapping[str, int] | None) -> None:
    """Open the dialog, once, where the map was asked for on paper; ``run`` is the one that it shows."""
    said = st.session_state.pop(_ASKED, None)
    if said is not None:
        analysis = run()
        choice = chosen(analysis, said, village, years, context.words)
        dialog(context.words("web.print.title"), _dialog)(context, analysis, choice)


def _dialog(context: Context, analysis: Analysis, choice: MapChoice) -> None:
    words = context.words
    title = st.text_input(words("web.print.heading"), words("exports.print.title"), max_chars=90, key="print_title")
    with st.container(horizontal=True):
        paper = switch(words, "web.print.paper", PAPERS, "print_paper", "web.print")
        turned = switch(words, "web.print.turned", TURNS, "print_turned", "web.print")
        form = switch(words, "web.print.form", FORMS, "print_form", "web.print")
    if choice.lacking:
        st.caption(words("exports.print.lacking", layers=", ".join(choice.lacking)))
    asked = (MapChoice(**{**vars(choice), "title": title.strip()}), paper, turned == "upright", form)
    downloads.take_button(
        words("web.print.take"),
        partial(_content, current_visit(), analysis, words, context.viewer.sees_cctv, asked),
        downloads.file_name(analysis, words, title.strip() or words("exports.print.title"), f".{form}"),
        FORMS[form],
        context.viewer.sees_cctv,
        key="print_take",
        type="primary",
    )


def _content(visit: Visit, analysis: Analysis, words: Words, include_cctv: bool, asked: tuple[Any, ...]) -> bytes:
    given = (analysis, None, words.language, include_cctv, *asked)
    job: Job[bytes] = Job(lambda job: compute(job, visitor_work.printed_map, *given), visit=visit)
    return job.result.result()


def chosen(
    analysis: Analysis, said: Any, village: str | None, years: Mapping[str, int] | None, words: Words
) -> MapChoice:
    """What of the run is drawn, from what a browser says, which is not trusted: what does not fit is left out."""
    said = said if isinstance(said, dict) else {}
    layers = linked.map_layers(str(said.get(linked.LAYERS, "")))
    on: dict[str, bool] = layers.get("on", {})
    off = {name for name, is_on in on.items() if not is_on} | (set() if on.get("relief") else {"relief"})
    there = {"pictures": analysis.tiles is not None, "areas": bool(layers.get("areas"))}
    there |= {"landmarks": analysis.landmarks is not None}
    lacking = [name for name in ON_SCREEN_ALONE if on.get(name, there.get(name, False))]
    return MapChoice(
        bounds=_bounds(said.get("bounds")),
        off=frozenset(off),
        opacity={name: share / 100 for name, share in layers.get("opacity", {}).items()},
        kinds=frozenset(layers.get("kinds", asset_kinds().public)),
        hidden=frozenset(layers.get("hidden", ())),
        painted=_painted(analysis, layers, years, words),
        village=village,
        lacking=tuple(words(f"web.map.layer.{name}") for name in lacking),
    )


def _bounds(said: Any) -> Bounds | None:
    if not isinstance(said, list) or len(said) != 4:
        return None
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in said):
        return None
    west, south, east, north = map(float, said)
    fits = -180 <= west < east <= 180 and -85 <= south < north <= 85
    return (west, south, east, north) if fits else None


def _painted(
    analysis: Analysis, layers: Mapping[str, Any], years: Mapping[str, int] | None, words: Words
) -> Painted | None:
    """The figure in classes, of as many villages each unless they were set by hand."""
    name, found = layers.get("paint"), figure_layer(analysis)
    if name is None:
        return None
    if name == "plan_year" and years:
        of = {code: float(year) for code, year in years.items()}
    elif name in found["figures"]:
        of = dict(zip(found["codes"], np.array(found["figures"][name], dtype=float).tolist(), strict=True))
    else:
        return None
    breaks = class_breaks(np.array(list(of.values())), len(RAMP), layers.get("breaks") or ())
    unstated = words("web.map.unplanned" if name == "plan_year" else "web.map.unstated")
    return Painted(figure_label(name, words), of, breaks, RAMP[: len(breaks)], name.startswith("share_"), unstated)
