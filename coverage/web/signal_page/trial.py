"""What-if: assets tried out on the map, their effect, and the best places near one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.schema import STATES
from coverage.exports.pockets import pocket_name
from coverage.language.reasons import state_words
from coverage.language.words import Words
from coverage.reach.assets import operators_of
from coverage.reach.model import radio_of
from coverage.readers.kinds import asset_kinds
from coverage.run.repeaters import MastHeard
from coverage.run.what_if import TrialAsset, is_listed
from coverage.web import facts, linked, visitor_work
from coverage.web.context import Context
from coverage.web.html import Html, capital, column_table, people_marks, put, state_chip, tag
from coverage.web.maps import pictures
from coverage.web.maps.map_view import Click, Drawing
from coverage.web.signal_page import signal_point, trial_profile, trial_scenarios
from coverage.web.signal_page.trial_profile import MastLink
from coverage.web.signal_page.tried import compute_ahead, effect_of, keep_proposals, proposals
from coverage.web.tables import show_table
from coverage.web.visitor_work import TrialEffect
from coverage.web.widgets import among, coordinates
from coverage.web.workers import computed

WIFI_BANDS = (2400.0, 5200.0, 5800.0)
WITHIN_KM = 3.0
_SITES = "signal_sites"


def trial_kinds(context: Context) -> list[str]:
    """Kinds of point that give a service which a rule looks at."""
    asked = {service for rule in context.analysis.parameters.rules for service in rule.services}
    return [name for name, kind in asset_kinds().items() if kind.geometry == "point" and kind.service in asked]


def show(context: Context) -> tuple[Drawing, MastLink | None]:
    """Render form, proposals and effect; returns the map overlay, and the path to a neighbour that was chosen."""
    words = context.words
    text = coordinates(words("signal.view.place"), words("signal.view.place_help"), signal_point.PLACE)
    place = signal_point.chosen_place(words, text)
    answer = st.container(key="try_outcome")  # above what it is asked by: it is what one looks for
    wanted = _form(context, place)
    rule = _rule(context, wanted.kind)
    tried = (*proposals(), *([] if place is None else [wanted]))
    outcome = None
    if tried:
        outcome = effect_of(context, tried, rule)
        if outcome:
            with answer:
                _render_effect(context, outcome, rule, words)
    else:
        compute_ahead(context, wanted, rule)
        with answer:
            put(tag("p", words("signal.try.hint"), cls="jk-hint jk-next"), key="try_hint")
    linked.write_address()
    link = None if not tried else trial_profile.choose(context, tried[-1])
    trial_scenarios.show(context, wanted if place else None, rule)
    found = _sites(context, place, wanted)
    circles = {} if outcome is None else outcome.circles
    line = None if link is None else ((tried[-1].lat, tried[-1].lon), link.end)
    drawing = Drawing(
        picture=pictures.of_view(context.analysis, pictures.BEST),
        line=line,
        opacity=0.5,
        proposed=tuple((one.lat, one.lon, one.kind, circles.get(at)) for at, one in enumerate(tried)),
        reach=pictures.addressed(outcome.picture) if outcome and outcome.picture else None,
        sites=() if found is None else tuple(zip(found["lat"], found["lon"], strict=True)),
        states=() if outcome is None else outcome.changed(),
    )
    return drawing, link


def clicked(click: Click) -> None:
    """Take the place of a click, or the place that a proposal was dragged to."""
    kept = proposals()
    if click.proposed is not None and click.proposed < len(kept):
        moved = replace(kept[click.proposed], lon=click.lon, lat=click.lat)
        keep_proposals((*kept[: click.proposed], moved, *kept[click.proposed + 1 :]))
    else:
        st.session_state[signal_point.PLACE] = signal_point.place_text(click.lat, click.lon)


def _form(context: Context, place: tuple[float, float] | None) -> TrialAsset:
    """What to build; without a place it stands at 0, 0."""
    words, radio = context.words, radio_of(context.analysis.parameters)
    with st.container(key="try_form"):
        kinds = trial_kinds(context)
        among("try_kind", kinds)
        kind = st.selectbox(
            words("signal.try.kind"), kinds, key="try_kind", format_func=lambda one: capital(words.kind(one))
        )
        usual, is_cell = context.analysis.parameters.kinds.get(kind), asset_kinds()[kind].service == "cellular"
        repeats = asset_kinds()[kind].repeats
        by_signal = is_cell and context.analysis.terrain is not None
        one = TrialAsset(*(place or (0.0, 0.0)), kind=kind, height_m=(usual and usual.height_m) or None)
        left, right = st.columns(2)
        if is_cell or asset_kinds()[kind].service == "public_wifi":
            bands = tuple(one.frequency_mhz for one in radio.technologies) if is_cell else WIFI_BANDS
            among(f"try_band_{kind}", bands)
            band = right.selectbox(
                words("signal.try.band"),
                bands,
                None if repeats else bands.index(radio.technology_of(None).frequency_mhz if is_cell else 2400.0),
                key=f"try_band_{kind}",
                placeholder=words("signal.try.band_any"),
                format_func=lambda one: f"{words.number(one)} MHz",
            )
            one = replace(one, band_mhz=band)
        if not is_cell:
            return one
        height = left.number_input(
            words("signal.try.height"),
            1.0,
            150.0,
            float(one.height_m or 42.0),
            1.0,
            format="%.0f",
            key=f"try_height_{kind}",
            disabled=not by_signal,
        )
        operators = _operators(context)
        among("try_operator", operators)
        operator = left.selectbox(
            words("signal.try.operator"),
            operators,
            None,
            key="try_operator",
            placeholder=words("signal.try.operator_any"),
        )
        azimuth = right.number_input(
            words("signal.try.azimuth"),
            0,
            359,
            None,
            10,
            key="try_azimuth",
            placeholder=words("signal.try.azimuth_any"),
            disabled=not by_signal,
        )
        return replace(one, height_m=height, operator=operator, azimuth_deg=None if azimuth is None else float(azimuth))


def _operators(context: Context) -> list[str]:
    """Operators of the signal, else those that the list names."""
    signal, assets = context.analysis.reached.signal, context.analysis.assets
    if signal is not None or assets is None:
        return list(signal.operators) if signal else []
    return sorted({name for text in assets["operator"].dropna() for name in operators_of(text)})


def _rule(context: Context, kind: str) -> str:
    """Rule of the comparison: that of what is built, unless another is chosen."""
    rules = facts.rules_of(context.analysis)
    own = next((name for name, one in rules.items() if one.service == asset_kinds()[kind].service), None)
    names = list(rules)
    among(f"try_rule_{kind}", names)
    return str(
        st.selectbox(
            context.words("signal.try.rule"),
            names,
            names.index(own) if own else 0,
            key=f"try_rule_{kind}",
            format_func=context.words.rule,
        )
    )


def _render_effect(context: Context, outcome: TrialEffect, rule: str, words: Words) -> None:
    """People, villages before and after, and which ones."""
    called = state_words(words, context.analysis.parameters.rule(rule))
    gained = int((outcome.villages["people_newly_served"] >= 0.5).sum())
    key = "signal.try.people_unknown" if outcome.people is None else "signal.try.people"
    service = words(f"core.service.{context.analysis.parameters.rule(rule).service}")
    rests_on = people_marks(context.analysis.run, words)
    lines = [tag("h2", words(key, people=outcome.people, service=service), " ", rests_on)]
    if outcome.people_unknown is not None and outcome.people_unknown >= 0.5:
        lines.append(tag("p", words("signal.try.reached_unknown", people=outcome.people_unknown), cls="jk-hint"))
    lines += [tag("p", _heard(one, context), cls="jk-hint") for one in outcome.heard]
    if outcome.heard:
        lines.append(tag("p", words("signal.try.repeater_rule"), cls="jk-reason"))
    key = "signal.try.changed" if outcome.people is not None else "signal.try.changed_unknown"
    changed = words(key, count=len(outcome.changed()), gained=gained)
    nothing = words("signal.try.nothing" if outcome.people is not None else "signal.try.nothing_unknown")
    lines.append(tag("p", nothing if outcome.villages.empty else changed, cls="jk-hint"))
    named, pockets = _villages(context, outcome, called), _pockets(context, outcome)
    details = [_counts(outcome, called, words), *([named] if len(outcome.villages) else []), *pockets]
    by_signal = outcome.picture or (outcome.heard and context.analysis.reached.model == "signal")
    seconds = words("signal.try.seconds", seconds=words.number(outcome.seconds, 1))
    note = f"{seconds} {words('signal.try.assumed' if by_signal else 'signal.try.assumed_circles')}"
    put(tag("article", *lines, cls="jk-facts", role="status"))
    with st.expander(words("signal.try.table"), key="try_details", expanded=True):
        put(tag("article", *details, tag("p", note, cls="jk-reason"), cls="jk-facts"))


def _heard(one: MastHeard, context: Context) -> str:
    """What a repeater hears, or why it gives nothing."""
    words, radio = context.words, radio_of(context.analysis.parameters)
    key = "signal" if one.rsrp_dbm is not None else "sight" if one.reach_m is None else "circle"
    key = "nobody" if one.asset_id is None else key
    told = {"number": one.number + 1, "mast": one.asset_id or "", "least": words.number(radio.repeater.least_dbm)}
    told |= {"distance": words.distance(one.metres or 0.0), "reach": words.distance(one.reach_m or 0.0)}
    told |= {"rsrp": words.number(one.rsrp_dbm or 0.0), "technology": (one.technology or "").upper().replace("_", " ")}
    told["operators"] = ", ".join(one.operators) or words("signal.try.operator_any")
    return words(f"signal.try.{'hears' if one.sends else 'silent'}_{key}", **told)


def _counts(outcome: TrialEffect, called: Mapping[str, str], words: Words) -> Html:
    states = [state for state in STATES if outcome.before[state] or outcome.after[state]]
    columns: dict[str, list[str]] = {
        words("signal.try.state"): [state_chip(state, called[state]) for state in states],
        words("signal.try.before"): [words.number(outcome.before[state]) for state in states],
        words("signal.try.after"): [words.number(outcome.after[state]) for state in states],
    }
    return column_table(columns, words("signal.try.summary"))


def _pockets(context: Context, outcome: TrialEffect) -> list[Html]:
    """The pockets that get smaller, under the run's rule."""
    words, table = context.words, context.analysis.pockets
    if outcome.pockets.empty or table is None:
        return []
    rule = words.rule(context.analysis.parameters.default_rule)
    key = ["village_code_bps", "pocket"]
    known, smaller = table.set_index(key), outcome.pockets
    named = [known.loc[tuple(row)].to_dict() | dict(zip(key, row, strict=True)) for row in smaller[key].to_numpy()]
    columns = {
        words("signal.try.pocket"): [pocket_name(one, words) for one in named],
        words("signal.try.newly"): [words.number(float(people)) for people in smaller["gained"]],
        words("signal.try.left"): [words.share(float(share)) for share in smaller["share_left"]],
    }
    head = words("signal.try.pockets", count=len(smaller), rule=rule)
    return [tag("h3", head), _in_sight(column_table(columns, head), head)]


def _villages(context: Context, outcome: TrialEffect, called: Mapping[str, str]) -> Html:
    words = context.words
    names, changed = context.analysis.villages.set_index("village_code_bps")["village"], outcome.villages
    columns = {
        words("signal.try.village"): [str(names[code]) for code in changed["village_code_bps"]],
        words("signal.try.before"): [capital(called[state]) for state in changed["before"]],
        words("signal.try.after"): [capital(called[state]) for state in changed["after"]],
        words("signal.try.newly"): [words.number(float(people)) for people in changed["people_newly_served"]],
    }
    return _in_sight(column_table(columns, words("signal.try.table")), words("signal.try.table"))


def _in_sight(table: Html, label: str) -> Html:
    """A table of any length in a few rows' height."""
    return tag("div", table, cls="jk-rows", tabindex="0", role="region", aria_label=label)


def _sites(context: Context, place: tuple[float, float] | None, wanted: TrialAsset) -> pd.DataFrame | None:
    """Search for the best places around the point on request; returns those on the map."""
    words = context.words
    with st.container(key="try_sites"):
        put(tag("h2", words("signal.sites.title"), " ", people_marks(context.analysis.run, words)))
        service = asset_kinds()[wanted.kind].service or ""
        if not is_listed(context.analysis, service):
            st.info(words("planning.sites.not_listed", service=words(f"core.service.{service}")))
            return None
        if context.analysis.villages["population"].isna().all():
            st.info(words("signal.sites.people_unknown"))
            return None
        within = st.slider(words("signal.sites.within"), 1.0, 8.0, WITHIN_KM, 0.5, format="%.1f", key="sites_within")
        pressed = st.button(
            words("signal.sites.find"),
            key="sites_find",
            disabled=place is None,
            help=words("signal.try.place_first") if place is None else None,
        )
        kept: tuple[str, float, TrialAsset, pd.DataFrame] | None = st.session_state.get(_SITES)
        if pressed and place is not None:
            given = (visitor_work.best_sites, context.analysis, context.ground, wanted, within * 1000)
            try:
                table = computed(words, "signal.sites.working", *given, is_long=True)
            except JangkauError as error:
                st.error(words.error(error))
                return None
            kept = st.session_state[_SITES] = (context.analysis.run["run_id"], within, wanted, table)
        if not kept or kept[0] != context.analysis.run["run_id"]:
            return None
        _ranked(context, *kept[1:], place=place)
    return kept[3]


def _ranked(
    context: Context, within: float, wanted: TrialAsset, found: pd.DataFrame, place: tuple[float, float] | None
) -> None:
    """Sites found, best first; selecting one puts it into the field."""
    words = context.words
    if found.empty:
        st.info(words("signal.sites.none"))
        return
    by_signal = context.analysis.terrain is not None and asset_kinds()[wanted.kind].service == "cellular"
    values = {"within": f"{words.number(within, 1)} km", "height": wanted.height_m, "band": wanted.band_mhz}
    values["kind"] = words.kind(wanted.kind)
    lead = "lead_circles" if not by_signal else "lead_repeater" if asset_kinds()[wanted.kind].repeats else "lead"
    st.caption(words(f"signal.sites.{lead}", **values))
    if uncounted := int(context.analysis.villages["population"].isna().sum()):
        st.caption(words("signal.sites.uncounted", count=uncounted))
    highest, here = found[found["highest"]], found[found["here"]]
    if len(here) and place == (wanted.lon, wanted.lat):  # not once the point is elsewhere
        gained = float(here["people_newly_served"].iloc[0])
        st.caption(words("signal.sites.here", rank=int(here.index[0]) + 1, people=gained))
    if len(highest):
        top = highest.iloc[0]
        rest = {"ground": words.number(float(top["ground_m"])), "people": float(top["people_newly_served"])}
        st.caption(words("signal.sites.highest", rank=int(highest.index[0]) + 1, **rest))
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
