"""The map as it stands on the screen, on paper: what the browser says of it becomes a :class:`MapChoice`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from coverage.exports.map_choice import Bounds, DrawnPoints, MapChoice, Painted, class_breaks
from coverage.exports.overlays import COLOURS
from coverage.exports.registry import PDF, PNG
from coverage.exports.style import RAMP, STATE_COLOURS
from coverage.language.reasons import claimed_word
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.run.result import Analysis
from coverage.web import downloads, linked, settings, visitor_work
from coverage.web.background_jobs import Job
from coverage.web.context import Context
from coverage.web.data_used import hint_licences
from coverage.web.fair_queue import Visit, current_visit, dialog
from coverage.web.html import capital
from coverage.web.maps.layers import Viewer, figure_layer, landmark_layer
from coverage.web.maps.map_text import figure_label, people_note
from coverage.web.maps.on_demand import areas_offered, point_layers
from coverage.web.widgets import switch
from coverage.web.workers import compute

PAPERS, TURNS, FORMS = ("A4", "A3"), ("lying", "upright"), {"pdf": PDF, "png": PNG}
NAMES_FROM = 12.5
"""Zoom of the map from which hamlets and service points are drawn, as in ``overlays.js``."""
INK = "#22303D"
_ASKED = "print_asked"


def ask(said: dict[str, Any]) -> None:
    """Keep what the map says of itself until the page is rendered."""
    st.session_state[_ASKED] = said


def show(
    context: Context,
    run: Callable[[], Analysis],
    village: str | None,
    years: Mapping[str, int] | None,
    only: frozenset[str] | None,
) -> None:
    """Open the dialog, once, where the map was asked for on paper; ``run`` is the one that it shows.

    ``only`` are the villages that the table's filter keeps, if one is set.
    """
    said = st.session_state.pop(_ASKED, None)
    if said is not None:
        analysis = run()
        choice = chosen(analysis, said, village, years, context.words, context.viewer, only)
        areas = chosen_areas(analysis, said, context.words, context.viewer)
        dialog(context.words("web.print.title"), _dialog)(context, analysis, choice, areas)


def _dialog(context: Context, analysis: Analysis, choice: MapChoice, areas: list[tuple[str, str, str]]) -> None:
    words = context.words
    title = st.text_input(words("web.print.heading"), words("exports.print.title"), max_chars=90, key="print_title")
    with st.container(horizontal=True):
        paper = switch(words, "web.print.paper", PAPERS, "print_paper", "web.print")
        turned = switch(words, "web.print.turned", TURNS, "print_turned", "web.print")
        form = switch(words, "web.print.form", FORMS, "print_form", "web.print")
    if choice.lacking:
        st.caption(words("exports.print.lacking", layers=", ".join(choice.lacking)))
    guarded = {name for name, layer in point_layers(analysis, words).items() if layer.guarded}
    asked = (replace(choice, title=title.strip()), areas, paper, turned == "upright", form)
    downloads.take_button(
        words("web.print.take"),
        partial(_content, current_visit(), analysis, words, context.viewer.sees_cctv, asked),
        downloads.file_name(analysis, words, title.strip() or words("exports.print.title"), f".{form}"),
        FORMS[form],
        context.viewer.sees_cctv or any(one.layer in guarded for one in choice.points),
        key="print_take",
        type="primary",
    )


def _content(visit: Visit, analysis: Analysis, words: Words, include_cctv: bool, asked: tuple[Any, ...]) -> bytes:
    given = (analysis, None, words.language, include_cctv, *asked)
    job: Job[bytes] = Job(lambda job: compute(job, visitor_work.printed_map, *given), visit=visit)
    return job.result.result()


def chosen(
    analysis: Analysis,
    said: Any,
    village: str | None,
    years: Mapping[str, int] | None,
    words: Words,
    viewer: Viewer,
    only: frozenset[str] | None = None,
) -> MapChoice:
    """What of the run is drawn, from what a browser says, which is not trusted: what does not fit is left out."""
    said = said if isinstance(said, dict) else {}
    layers = _layers(said)
    on: dict[str, bool] = layers.get("on", {})
    off = {name for name, is_on in on.items() if not is_on} | (set() if on.get("relief") else {"relief"})
    pictures = on.get("pictures", True)
    also = {"people"} if on.get("people") and analysis.land is not None else set()
    also |= {"pictures"} if pictures and analysis.tiles is not None else set()
    zoom = said.get("zoom")
    near = isinstance(zoom, int | float) and zoom >= NAMES_FROM
    notes = [people_note(analysis, words)] if "people" in also else []
    points = tuple(_points(analysis, on, words, viewer, near and on.get("landmarks", True)))
    if any(one.title == words("core.evidence.hint") for one in points):
        notes += hint_licences(analysis, words)
    notes += [words("web.print.filtered", count=len(only))] if only is not None else []
    outside = pictures and analysis.tiles is None and settings.tiles() is not None
    return MapChoice(
        bounds=_bounds(said.get("bounds")),
        off=frozenset(off),
        opacity={name: share / 100 for name, share in layers.get("opacity", {}).items()},
        kinds=frozenset(layers.get("kinds", asset_kinds().public)),
        hidden=frozenset(layers.get("hidden", ())),
        painted=_painted(analysis, layers, years, words),
        also=frozenset(also),
        points=points,
        order=tuple(layers.get("order", ())),
        village=village,
        only=only,
        notes=tuple(notes),
        lacking=(words("web.map.layer.pictures"),) if outside else (),
    )


def _layers(said: Any) -> dict[str, Any]:
    return linked.map_layers(str(said.get(linked.LAYERS, ""))) if isinstance(said, dict) else {}


def chosen_areas(analysis: Analysis, said: Any, words: Words, viewer: Viewer) -> list[tuple[str, str, str]]:
    """Coverage areas on the screen: what they are of (:func:`coverage.run.areas.area_choices`), and their names."""
    layers = _layers(said)
    wanted = set(layers.get("areas", ())) if layers.get("on", {}).get("areas", True) else set()
    return [
        (area.by, area.value, f"{words(f'web.map.area_by.{area.by}')}: {area.name}")
        for area in (areas_offered(analysis, words, viewer) if wanted else ())
        if area.key in wanted
    ]


def _points(
    analysis: Analysis, on: Mapping[str, bool], words: Words, viewer: Viewer, with_landmarks: bool
) -> Iterator[DrawnPoints]:
    """Points of the screen by layer and colour."""
    layers = point_layers(analysis, words)
    found = {name: layers[name].make(analysis) for name in layers if on.get(name)}
    if with_landmarks:
        found["landmarks"] = landmark_layer(analysis, viewer)
    for name, layer in found.items():
        features = layer["features"] if layer else []
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for feature in features:
            groups.setdefault(_called(name, feature["properties"], words), []).append(feature)
        for (title, colour), of_one in sorted(groups.items()):
            at = np.array([feature["geometry"]["coordinates"] for feature in of_one], dtype=float)
            edge = "#FFFFFF" if name in ("measured", "proposals") else INK
            names = tuple(str(feature["properties"].get("name") or "") for feature in of_one)
            yield DrawnPoints(name, title, colour, edge, at, names if name == "landmarks" else ())


def _called(layer: str, facts: Mapping[str, Any], words: Words) -> tuple[str, str]:
    """What a point is called in the legend, and its colour."""
    name = words(f"web.map.layer.{layer}")
    if layer == "measured":
        red, green, blue, _ = COLOURS[facts["class"]]
        return f"{name}: {words('signal.class.short_' + facts['class'])}", f"#{red:02X}{green:02X}{blue:02X}"
    if layer == "proposals":
        return name, "#332288"
    if layer == "landmarks":
        kind = capital(words.kind("hamlet")) if facts["hamlet"] else words("exports.sheet.service_points")
        role = "watched" if "kind" in facts else "reach"  # by cameras, or by what the rule looks at
        return f"{kind}: {words(f'landmarks.short.{role}.' + facts['state'])}", STATE_COLOURS[facts["state"]]
    if facts["state"] is None:
        return words("core.evidence.hint"), "#FFFFFF"
    return f"{name}: {claimed_word(facts['state'], words)}", STATE_COLOURS[facts["state"]]


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
