"""Sinyal: predicted signal, why it ends where it does, and what would change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from coverage.language.reasons import state_word
from coverage.language.words import Words
from coverage.reach.assets import service_reach
from coverage.reach.model import radio_of
from coverage.reach.signal import Tower, assumed
from coverage.reach.tower_link import TowerLink
from coverage.run.one_operator import one_operator_places, tells_operators
from coverage.run.result import Analysis
from coverage.web import facts
from coverage.web.context import SIGNAL_URL, Context, Page
from coverage.web.fair_queue import fragment
from coverage.web.html import Html, capital, figure, heading, joined, marks, people_marks, put, tag
from coverage.web.maps import pictures
from coverage.web.maps.layers import STORE, collection, feature, point
from coverage.web.maps.map_view import Click, Drawing
from coverage.web.run_cache import cached_per_run
from coverage.web.signal_page import field, profile, signal_point, trial, trial_profile
from coverage.web.tables import show_table, styled
from coverage.web.widgets import among, coordinates, switch

MODES = ("see", "try", "field")
_MODE, _VIEW, _OPACITY = "signal_mode", "signal_view", "signal_opacity"


def show(context: Context) -> None:
    """Render the page."""
    if context.analysis.reached.signal is None or not context.analysis.reached.signal.towers:
        _without(context)
        return
    put(_strip(context.analysis, context.words), key="strip")
    with st.container(key="map_and_facts"):
        _workbench(context)


def _without(context: Context) -> None:
    """What to do to have a signal, and what can be shown without."""
    analysis, words = context.analysis, context.words
    about = [rule.name for rule in analysis.parameters.rules if rule.enabled and rule.is_about("cellular")]
    rule = (*about, analysis.parameters.default_rule)[0]
    numbers = words("signal.none.rule", rule=words.named("rule", rule))
    circles = circle_layer(analysis)
    said = [
        words("signal.none.now"),
        *([words("signal.none.circles")] if circles else []),
        numbers,
        words("signal.none.next"),
    ]
    if analysis.assets is None:
        said = [numbers, words("web.facts.no_assets")]
    elif analysis.terrain is not None:
        model = analysis.reached.model
        no_towers = words("signal.none.no_towers")
        said = [numbers, no_towers if model == "signal" else words("signal.none.other_model", model=model)]
    below = (tag("p", text, cls="jk-next" if text == said[-1] else None) for text in said)
    heading(words("signal.none.title", region=facts.region_name(analysis, words)), *below, key="signal_none")
    with st.container(key="signal_without"):
        _without_signal(context, rule, circles)


@fragment
def _without_signal(context: Context, rule: str, circles: dict[str, Any] | None) -> None:
    """Fragment with the map of a run without a signal, and what may be tried out on it."""
    picture, beside = st.columns([68, 32], gap="small")
    with beside, st.container(key="signal_beside"):
        drawing, link = trial.show(context)
        drawing = replace(drawing, circles=STORE.put(circles) if circles else None)
    with picture, st.container(key="map"):
        context.show_map("signal_without_map", rule=rule, drawing=drawing, on_click=trial.clicked)
    if link:
        with st.container(key="signal_profile"):
            trial_profile.show(link, context)


@cached_per_run
def circle_layer(analysis: Analysis) -> dict[str, Any] | None:
    """Circles within which towers are taken to reach, with ``reach_m``; None where there are none."""
    assets = analysis.assets
    if assets is None or analysis.reached.model != "radius":
        return None
    gives = service_reach(assets, analysis.parameters.kinds)
    cellular = gives[(gives["service"] == "cellular") & (gives["reach_m"] > 0)]
    masts = assets.geometry.iloc[cellular["asset_position"]].to_crs(4326)
    features = [
        feature(point(at.x, at.y), reach_m=round(metres)) for at, metres in zip(masts, cellular["reach_m"], strict=True)
    ]
    return collection(features) if features else None


def _strip(analysis: Analysis, words: Words) -> Html:
    """People by class of signal."""
    heard, terrain = analysis.village_signal, analysis.terrain
    assert heard is not None
    assert terrain is not None
    assert analysis.reached.signal is not None
    cells, small = [], tag("small", words("signal.people"))
    for name in reversed(tuple(pictures.CLASS_COLOURS)):
        people = heard[f"people_{name}"].astype(float)
        told = words.number(float(people.sum())) if people.notna().any() else "–"
        patch = tag("span", cls=f"jk-swatch jk-signal-{name}", aria_hidden="true")
        caption = joined(patch, capital(words(f"signal.class.short_{name}")))
        cells.append(figure(caption, told, " ", small))
    whole = analysis.villages["population"].to_numpy(dtype=float, na_value=np.nan)
    classed = heard[[f"people_{name}" for name in pictures.CLASS_COLOURS]].sum(axis=1).to_numpy(dtype=float)
    untold = float(np.nansum(whole - classed))
    if untold >= 0.5:
        cells.append(figure(words("signal.place.unknown"), words.number(untold), " ", small))
    cells.append(_elsewhere(analysis, words))
    alone = int(heard["single_operator"].notna().sum())
    villages = tag("small", words("signal.villages"))
    cells.append(figure(words("signal.single"), words.number(alone), " ", villages, more="jk-people"))
    senders = {one.position for one in analysis.reached.signal.towers}
    told = words("signal.predicted", towers=len(senders), metres=terrain.cell_m)
    rests_on = people_marks(analysis.run, words)
    title = tag(
        "h1", words("signal.title", region=facts.region_name(analysis, words)), tag("small", told, " ", rests_on)
    )
    return tag("section", title, tag("dl", *cells), cls="jk-strip", aria_label=words("signal.strip"))


def _elsewhere(analysis: Analysis, words: Words) -> Html:
    """People with signal in the other place than that of the phone."""
    phone, heard = radio_of(analysis.parameters).phone, analysis.village_signal
    assert heard is not None
    place = "outdoors" if phone.place == "indoor" else "indoors"
    people = (heard[f"share_{place}"] * analysis.villages["population"].to_numpy(dtype=float, na_value=np.nan)).sum(
        min_count=1
    )
    told = "–" if np.isnan(people) else words.number(people)
    return figure(words(f"signal.place.short_{place}"), told, " ", tag("small", words("signal.people")))


@fragment
def _workbench(context: Context) -> None:
    """Fragment with the map and its tabs."""
    analysis, words = context.analysis, context.words
    picture, beside = st.columns([68, 32], gap="small")
    found: tuple[TowerLink, Tower, str] | None = None
    link = None
    with beside, st.container(key="signal_beside"):
        mode = switch(words, "signal.mode.label", MODES, _MODE, "signal.mode")
        if mode == "try":
            drawing, link = trial.show(context)
        elif mode == "field":
            drawing = field.show(analysis, words)
        else:
            drawing, found = _see(analysis, words)
    with picture, st.container(key="map"):
        context.show_map("signal_map", rule=context.rule, on_click=_clicked, shows="signal", drawing=drawing)
    if found:
        with st.container(key="signal_profile"):
            profile.show_profile(*found, radio_of(analysis.parameters), words)
    if link:
        with st.container(key="signal_profile"):
            trial_profile.show(link, context)


@cached_per_run
def _places_alone(analysis: Analysis) -> pd.DataFrame:
    return one_operator_places(analysis)


def _alone(analysis: Analysis, words: Words) -> None:
    """The places where people hear one operator alone, behind a button."""
    found, rule = _places_alone(analysis), analysis.parameters.rule()
    with st.popover(words("signal.alone.title", count=len(found)), key="signal_alone"):
        doubts = marks(analysis.run, words, "sample_assets", "estimated_people")
        put(tag("p", words("signal.alone.about"), " ", doubts, cls="jk-hint"))
        told = {
            "village": found["village"] + " (" + found["subdistrict"] + ")",
            "operator": found["operator"],
            "people": found["people"],
            "state": [capital(state_word(state, rule, words)) for state in found["state"]],
            "place": [signal_point.place_text(lat, lon) for lon, lat in zip(found["lon"], found["lat"], strict=True)],
        }
        frame = pd.DataFrame({words(f"signal.alone.{name}"): values for name, values in told.items()})
        shown = styled(frame, {words("signal.alone.people"): words.number})
        show_table(shown, f"signal_alone_{words.language}", words("signal.alone.title", count=len(found)), rows_shown=8)


def _clicked(click: Click) -> None:
    if click.asset and st.session_state.get(_MODE) != "try":
        st.session_state["signal_asset"] = click.asset
    else:
        trial.clicked(click)


def _see(analysis: Analysis, words: Words) -> tuple[Drawing, tuple[TowerLink, Tower, str] | None]:
    """Choose the view and inspect a place."""
    views = pictures.views(analysis)
    wanted = f"tower:{st.session_state.pop('signal_asset', '')}"
    if wanted in views:
        st.session_state[_VIEW] = wanted
    among(_VIEW, views)
    view = st.selectbox(
        words("signal.view.label"),
        views,
        key=_VIEW,
        format_func=lambda one: _view_name(one, words),
        help=words("signal.view.help"),
    )
    for note in filter(None, (_view_note(analysis, view, words), _assumed_note(analysis, words))):
        st.caption(note)
    if view == pictures.HEARD and tells_operators(analysis):
        _alone(analysis, words)
    opacity = st.slider(words("signal.view.opacity"), 0, 100, 80, 10, format="%d%%", key=_OPACITY)
    text = coordinates(words("signal.view.place"), words("signal.view.place_help"), signal_point.PLACE)
    place = signal_point.chosen_place(words, text)
    signal_point.show_facts(analysis, place, words)
    legend = pictures.legend_of(view, words)
    title = _view_name(view, words) if legend else None
    shown = Drawing(picture=pictures.of_view(analysis, view), legend=legend, legend_title=title, opacity=opacity / 100)
    if place is None:
        return shown, None
    tower = _tower_to(analysis, view, *place)
    made = None if tower is None else signal_point.link(analysis, tower, *place, words)
    point = (place[1], place[0])
    if tower is None or made is None:
        return replace(shown, point=point), None
    assert analysis.assets is not None
    asset = analysis.assets.iloc[tower.position]
    blocked = None if np.isnan(made.blocked_lon) else (made.blocked_lat, made.blocked_lon)
    line = ((float(asset.geometry.y), float(asset.geometry.x)), point)
    put(
        tag("p", profile.verdict(made, words), " ", words("signal.profile.below"), cls="jk-reason"),
        key="signal_verdict",
    )
    return replace(shown, point=point, line=line, blocked=blocked), (made, tower, str(asset["asset_id"]))


def _tower_to(analysis: Analysis, view: str, lon: float, lat: float) -> Tower | None:
    """Tower of the profile: the selected, else the best server, else the nearest."""
    kind, _, name = view.partition(":")
    if kind == "tower":
        return pictures.tower_of(analysis, name)
    there = signal_point.signal_at(analysis, lon, lat)
    if there is not None and there.server_id is not None:
        return pictures.tower_of(analysis, there.server_id)
    return signal_point.nearest_tower(analysis, lon, lat) if there is not None else None


def _view_note(analysis: Analysis, view: str, words: Words) -> str | None:
    """What a view rests on: of interference, or the people who hear one operator alone."""
    if view == pictures.DISTURBED:
        return words("signal.view.disturbed_note", db=radio_of(analysis.parameters).sector.interference_db)
    heard = analysis.village_signal
    if view != pictures.HEARD or heard is None or "share_one_operator" not in heard:
        return None
    people = analysis.villages["population"].to_numpy(dtype=float, na_value=np.nan) * heard["share_one_operator"]
    return words("signal.view.one_operator", people=people.sum()) if people.notna().any() else None


def _assumed_note(analysis: Analysis, words: Words) -> str | None:
    """Of how many transmitters the list does not tell what."""
    assert analysis.reached.signal is not None
    assert analysis.assets is not None
    positions, parameters = list({one.position for one in analysis.reached.signal.towers}), analysis.parameters
    missing = assumed(analysis.assets.iloc[positions], parameters.kinds, radio_of(parameters)).sum()
    told = [
        words("signal.assumed.count", what=words(f"signal.assumed.{name}"), count=count)
        for name, count in missing[missing > 0].items()
    ]
    return words("signal.assumed.note", count=len(positions), told=", ".join(told)) if told else None


def _view_name(view: str, words: Words) -> str:
    kind, _, name = view.partition(":")
    name, _, access = name.partition("/") if kind != "tower" else (name, "", "")
    if access:
        told = words(f"signal.view.{access}")
        return words("signal.view.operator_access" if name else "signal.view.technology", name=name, access=told)
    if kind == "operator":
        return words("signal.view.operator", name=name)
    return words("signal.view.tower", id=name) if kind == "tower" else words(f"signal.view.{view}")


PAGE = Page("signal", SIGNAL_URL, show, hidden=True)
