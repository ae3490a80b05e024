"""What-if: proposed assets on the map, their effect, and the best sites near a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.schema import ASSETS, STATES
from coverage.exports.excel import rule_label
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.reach.model import radio_of
from coverage.readers.kinds import asset_kinds
from coverage.run.what_if import SEARCH_REACH_M, TrialAsset
from coverage.store import may
from coverage.web import facts, messages, store_access, visitor_work
from coverage.web.context import Context
from coverage.web.html import Html, as_label, capital, column_table, put, state_chip, tag
from coverage.web.maps import pictures
from coverage.web.maps.map_view import Drawing
from coverage.web.signal_page import signal_point
from coverage.web.tables import show_table
from coverage.web.visitor_work import TrialEffect
from coverage.web.widgets import coordinates
from coverage.web.workers import computed

WIFI_BANDS = (2400.0, 5200.0, 5800.0)
WITHIN_KM = 3.0
MOST = 20
"""Limit of proposals."""
_LIST, _OUTCOME, _SITES = "signal_proposals", "signal_outcome", "signal_sites"


def proposals() -> tuple[TrialAsset, ...]:
    """Proposals of this session."""
    return tuple(st.session_state.get(_LIST, ()))


def show(context: Context) -> Drawing:
    """Render form, proposals and effect; returns the map overlay."""
    words = context.words
    text = coordinates(words("signal.view.place"), words("signal.view.place_help"), signal_point.PLACE)
    place = signal_point.chosen_place(words, text)
    wanted = _form(context, place)
    rule = _rule(context, wanted.kind)
    collected = proposals()
    outcome = None
    if collected:
        _listed(collected, words)
        outcome = _outcome(context, collected, rule)
        if outcome:
            _render_effect(context, outcome, rule, words)
            _save(collected, context.region, words)
    elif place is None:
        put(tag("p", words("signal.try.hint"), cls="jk-hint jk-next"), key="try_hint")
    found = _sites(context, place, wanted)
    picture = pictures.of_view(context.analysis, pictures.BEST)
    if outcome:
        picture = pictures.addressed(outcome.picture) if outcome.picture else None
    changed = () if outcome is None else outcome.changed()
    return Drawing(
        picture=picture,
        opacity=0.8,
        point=None if place is None else (place[1], place[0]),
        proposed=tuple((one.lat, one.lon, one.kind) for one in collected),
        sites=() if found is None else tuple(zip(found["lat"], found["lon"], strict=True)),
        states=changed,
    )


def _form(context: Context, place: tuple[float, float] | None) -> TrialAsset:
    """What to build; the button puts it at the place. Without a place it stands at 0, 0."""
    words, radio = context.words, radio_of(context.analysis.parameters)
    with st.container(key="try_form"):
        kind = st.segmented_control(
            words("signal.try.kind"),
            asset_kinds().proposable,
            key="try_kind",
            default=asset_kinds().proposable[0],
            required=True,
            format_func=lambda one: capital(words.kind(one)),
        )
        usual = context.analysis.parameters.kinds.get(kind)
        left, right = st.columns(2)
        height = left.number_input(
            words("signal.try.height"),
            1.0,
            150.0,
            float((usual and usual.height_m) or 42.0),
            1.0,
            format="%.0f",
            key=f"try_height_{kind}",
        )
        is_cell = asset_kinds()[kind].service == "cellular"
        bands = WIFI_BANDS if not is_cell else tuple(one.frequency_mhz for one in radio.technologies)
        usual_band = 2400.0 if not is_cell else radio.technology_of(None).frequency_mhz
        band = right.selectbox(
            words("signal.try.band"),
            bands,
            bands.index(usual_band),
            key=f"try_band_{kind}",
            format_func=lambda one: f"{words.number(one)} MHz",
        )
        signal = context.analysis.reached.signal
        names = list(signal.operators) if signal else []
        operator = None
        if is_cell:
            operator = st.selectbox(
                words("signal.try.operator"),
                names,
                None,
                key="try_operator",
                placeholder=words("signal.try.operator_any"),
            )
        one = TrialAsset(*(place or (0.0, 0.0)), kind=kind, height_m=height, band_mhz=band, operator=operator)
        st.button(
            words("signal.try.add"),
            key="try_add",
            type="primary",
            disabled=place is None,
            help=words("signal.try.place_first") if place is None else None,
            on_click=_add,
            args=(one,),
        )
    return one


def _add(one: TrialAsset) -> None:
    st.session_state[_LIST] = (*proposals(), one)[-MOST:]
    st.session_state[signal_point.PLACE] = ""
    st.session_state.pop(_SITES, None)


def _drop(number: int | None) -> None:
    left = () if number is None else tuple(one for k, one in enumerate(proposals()) if k != number)
    st.session_state[_LIST] = left


def _rule(context: Context, kind: str) -> str:
    """Rule of the comparison: that of what is built, unless another is chosen."""
    rules = facts.rules_of(context.analysis)
    own = next((name for name, one in rules.items() if one.service == asset_kinds()[kind].service), None)
    names = list(rules)
    return str(
        st.selectbox(
            context.words("signal.try.rule"),
            names,
            names.index(own) if own else 0,
            key=f"try_rule_{kind}",
            format_func=lambda name: rule_label(name, context.words),
        )
    )


def _listed(collected: tuple[TrialAsset, ...], words: Words) -> None:
    """Proposals, each with a remove button."""
    with st.container(key="try_list"):
        for number, one in enumerate(collected, start=1):
            line, button = st.columns([85, 15], vertical_alignment="center")
            said = words(
                "signal.try.listed",
                number=number,
                kind=words.kind(one.kind),
                height=f"{words.number(one.height_m)} m",
                band=one.band_mhz,
                operator=one.operator or words("signal.try.operator_any"),
                lat=f"{one.lat:.4f}",
                lon=f"{one.lon:.4f}",
            )
            with line:
                put(tag("p", capital(said), cls="jk-proposal"))
            button.button(
                "✕",
                key=f"try_drop_{number}",
                on_click=_drop,
                args=(number - 1,),
                type="tertiary",
                help=words("signal.try.remove", number=number),
            )


def _outcome(context: Context, collected: tuple[TrialAsset, ...], rule: str) -> TrialEffect | None:
    """Effect of the proposals, cached in the session."""
    key = (context.analysis.run["run_id"], collected, rule)
    kept = st.session_state.get(_OUTCOME)
    if kept and kept[0] == key:
        return cast(TrialEffect, kept[1])
    given = (visitor_work.what_if, context.analysis, context.ground, collected, rule)
    try:
        outcome: TrialEffect = computed(context.words, "signal.try.working", *given)
    except JangkauError as error:
        st.error(as_label(context.words.error(error)))
        return None
    st.session_state[_OUTCOME] = (key, outcome)
    return outcome


def _render_effect(context: Context, outcome: TrialEffect, rule: str, words: Words) -> None:
    """People, villages before and after, and which ones."""
    called = state_words(words, context.analysis.parameters.rule(rule))
    gained = int((outcome.villages["people_newly_served"] >= 0.5).sum())
    key = "signal.try.people_unknown" if outcome.people is None else "signal.try.people"
    lines = [tag("h2", words(key, people=outcome.people))]
    if outcome.people_unknown is not None and outcome.people_unknown >= 0.5:
        lines.append(tag("p", words("signal.try.reached_unknown", people=outcome.people_unknown), cls="jk-hint"))
    changed = words("signal.try.changed", count=len(outcome.changed()), gained=gained)
    lines.append(tag("p", words("signal.try.nothing") if outcome.villages.empty else changed, cls="jk-hint"))
    lines.append(_counts(outcome, called, words))
    if len(outcome.villages):
        lines.append(_villages(context, outcome, called))
    note = " ".join(
        [words("signal.try.seconds", seconds=words.number(outcome.seconds, 1)), words("signal.try.assumed")]
    )
    put(tag("article", *lines, tag("p", note, cls="jk-reason"), cls="jk-facts", role="status"), key="try_outcome")


def _counts(outcome: TrialEffect, called: Mapping[str, str], words: Words) -> Html:
    states = [state for state in STATES if outcome.before[state] or outcome.after[state]]
    columns: dict[str, list[str]] = {
        words("signal.try.state"): [state_chip(state, called[state]) for state in states],
        words("signal.try.before"): [words.number(outcome.before[state]) for state in states],
        words("signal.try.after"): [words.number(outcome.after[state]) for state in states],
    }
    return column_table(columns, words("signal.try.summary"))


def _villages(context: Context, outcome: TrialEffect, called: Mapping[str, str]) -> Html:
    words = context.words
    names, first = context.analysis.villages.set_index("village_code_bps")["village"], outcome.villages.head(MOST)
    columns = {
        words("signal.try.village"): [str(names[code]) for code in first["village_code_bps"]],
        words("signal.try.before"): [capital(called[state]) for state in first["before"]],
        words("signal.try.after"): [capital(called[state]) for state in first["after"]],
        words("signal.try.newly"): [words.number(float(people)) for people in first["people_newly_served"]],
    }
    return column_table(columns, words("signal.try.table"))


def _save(collected: tuple[TrialAsset, ...], region: str, words: Words) -> None:
    """Save the proposals as planned assets of a scenario."""
    store, who = store_access.opened_store().store, store_access.who()
    messages.show("trial")
    if store is None or not store.database.writable or who is None or not may(who, "save_scenario"):
        st.caption(words("signal.try.sign_in"))
        return
    name = st.text_input(words("signal.try.name"), key="try_name")

    def save() -> None:
        with messages.kept_refusal("trial", words):
            store.scenarios.save(region, name, _planned(collected), who, words("signal.try.scenario_note"))
            messages.keep("trial", words("signal.try.saved", name=name))

    st.button(words("signal.try.save"), key="try_save", disabled=not name, on_click=save)


def _planned(collected: tuple[TrialAsset, ...]) -> gpd.GeoDataFrame:
    rows = [
        dict.fromkeys(ASSETS.names)
        | {
            "kind": one.kind,
            "status": "planned",
            "operator": one.operator,
            "height_m": one.height_m,
            "band_mhz": one.band_mhz,
            "geometry": shapely.Point(one.lon, one.lat),
        }
        for one in collected
    ]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def _sites(context: Context, place: tuple[float, float] | None, wanted: TrialAsset) -> pd.DataFrame | None:
    """Search high points around the place on request; returns those on the map."""
    words = context.words
    if asset_kinds()[wanted.kind].service != "cellular":
        return None
    with st.container(key="try_sites"):
        put(tag("h2", words("signal.sites.title")))
        within = st.slider(words("signal.sites.within"), 1.0, 8.0, WITHIN_KM, 0.5, format="%.1f", key="sites_within")
        key = (context.analysis.run["run_id"], place, within, wanted.kind, wanted.height_m, wanted.band_mhz)
        pressed = st.button(
            words("signal.sites.find"),
            key="sites_find",
            disabled=place is None,
            help=words("signal.try.place_first") if place is None else None,
        )
        kept = st.session_state.get(_SITES)
        if pressed and place is not None:
            lon, lat = place
            wish = {"within_m": within * 1000, "height_m": wanted.height_m or 42.0, "kind": wanted.kind}
            wish["band_mhz"] = wanted.band_mhz or 900.0
            given = (visitor_work.best_sites, context.analysis, context.ground, lon, lat, wish)
            try:
                table = computed(words, "signal.sites.working", *given, is_long=True)
            except JangkauError as error:
                st.error(words.error(error))
                return None
            kept = st.session_state[_SITES] = (key, table)
        if not kept or kept[0][0] != key[0]:
            return None
        _ranked(kept[1], kept[0], words)
    sites: pd.DataFrame = kept[1]
    return sites


def _ranked(found: pd.DataFrame, key: tuple[object, ...], words: Words) -> None:
    """Sites found, best first; selecting one puts it into the field."""
    if found.empty:
        st.info(words("signal.sites.none"))
        return
    _, _, within, _, height, band = key
    st.caption(
        words(
            "signal.sites.lead",
            within=f"{words.number(within, 1)} km",  # type: ignore[arg-type]
            height=height,
            band=band,
            reach=words.distance(SEARCH_REACH_M),
        )
    )
    people, ground = words("signal.sites.people"), words("signal.sites.ground")
    frame = pd.DataFrame(
        {
            words("signal.sites.rank"): range(1, len(found) + 1),
            people: found["people_newly_served"],
            words("signal.sites.villages"): found["villages"],
            ground: found["ground_m"],
        }
    )

    def chosen(row: int) -> None:
        st.session_state[signal_point.PLACE] = signal_point.place_text(found["lat"].iloc[row], found["lon"].iloc[row])

    show_table(
        frame,
        f"sites_{words.language}",
        words("signal.sites.title"),
        {people: words.number, ground: words.number},
        rows_shown=6,
        on_select=chosen,
    )
    st.caption(words("signal.sites.choose"))
