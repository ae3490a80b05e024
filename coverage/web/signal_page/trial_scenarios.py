"""Scenarios of assets tried out: collected, named, held side by side, and handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import geopandas as gpd
import streamlit as st

from coverage.base.kinds import giving
from coverage.language.words import Words
from coverage.reach.asset_counts import village_of
from coverage.readers.costs import read_costs
from coverage.readers.kinds import asset_kinds
from coverage.readers.proposals import proposal_rules
from coverage.rollout.edits import PlanEdit, with_edit
from coverage.rollout.measures import Measure
from coverage.run.what_if import TrialAsset
from coverage.store import Actor, Store, may
from coverage.web import messages, store_access
from coverage.web.context import Context
from coverage.web.html import as_label, capital, column_table, put, tag
from coverage.web.made_plan import decide, now
from coverage.web.signal_page import signal_point
from coverage.web.signal_page.tried import MOST, as_assets, effect_of, from_assets, keep_proposals, proposals

PAGE = "trial"
MOST_COMPARED = 4
_NAMED = "signal_scenarios"


def show(context: Context, wanted: TrialAsset | None, rule: str) -> None:
    """Render what is collected, and what can be done with it.

    Parameters
    ----------
    wanted : what stands at the chosen place
    rule : whose states are compared
    """
    words, collected = context.words, proposals()
    messages.show(PAGE)
    with st.container(key="try_list"):
        _listed(collected, words)
        st.button(
            words("signal.try.add"),
            key="try_add",
            type="primary",
            disabled=wanted is None,
            help=words("signal.try.place_first") if wanted is None else words("signal.try.add_help"),
            on_click=_add,
            args=(wanted,),
        )
    tried = collected if wanted is None else (*collected, wanted)
    if tried:
        _keep(context, tried)
        with st.popover(words("signal.try.hand_over"), key="try_hand_over"):
            _hand_over(context, tried)
    _compare(context, rule)


def _add(wanted: TrialAsset) -> None:
    keep_proposals((*proposals(), wanted))
    st.session_state[signal_point.PLACE] = ""


def _drop(number: int) -> None:
    keep_proposals(tuple(one for k, one in enumerate(proposals()) if k != number))


def _listed(collected: tuple[TrialAsset, ...], words: Words) -> None:
    """Proposals, each with a remove button."""
    for number, one in enumerate(collected, start=1):
        line, button = st.columns([85, 15], vertical_alignment="center")
        with line:
            put(tag("p", said(number, one, words), cls="jk-proposal"))
        button.button(
            "✕",
            key=f"try_drop_{number}",
            on_click=_drop,
            args=(number - 1,),
            type="tertiary",
            help=words("signal.try.remove", number=number),
        )


def said(number: int, one: TrialAsset, words: Words) -> str:
    """A proposal in one line."""
    parts = [words("signal.try.listed", number=number, kind=words.kind(one.kind))]
    parts += [f"{words.number(one.height_m)} m"] if one.height_m else []
    parts += [f"{words.number(one.band_mhz)} MHz"] if one.band_mhz else []
    parts += [one.operator] if one.operator else []
    return capital(", ".join([*parts, f"{one.lat:.4f}, {one.lon:.4f}"]))


def _keep(context: Context, tried: tuple[TrialAsset, ...]) -> None:
    """Name the scenario: for this session, and for the office where the visitor may."""
    words, (store, who) = context.words, _office()
    with st.container(horizontal=True, vertical_alignment="bottom", key="try_keep"):
        name = st.text_input(words("signal.try.name"), key="try_name", max_chars=120)

        def save() -> None:
            with messages.kept_refusal(PAGE, words):
                st.session_state[_NAMED] = {**st.session_state.get(_NAMED, {}), name: tried}
                told = "signal.try.kept"
                if store is not None and who is not None:
                    store.scenarios.save(context.region, name, as_assets(tried), who, words("signal.try.scenario_note"))
                    told = "signal.try.saved"
                messages.keep(PAGE, words(told, name=name))

        st.button(words("signal.try.save"), key="try_save", disabled=not name.strip(), on_click=save)
    if store is None:
        st.caption(words("signal.try.sign_in"))


def _office() -> tuple[Store | None, Actor | None]:
    """The store and who may save in it; None where nobody may."""
    store, who = store_access.opened_store().store, store_access.who()
    can = store is not None and store.database.writable and who is not None and may(who, "save_scenario")
    return (store, who) if can else (None, None)


def _scenarios(context: Context) -> dict[str, tuple[TrialAsset, ...]]:
    """Those of the session, and those that the office keeps of assets: a plan's note is a document."""
    found: dict[str, tuple[TrialAsset, ...]] = {}
    store, who = store_access.opened_store().store, store_access.who()
    if store is not None and may(who, "view_scenarios"):
        for one in store.scenarios.all(context.region, who):
            if not str(one["note"] or "").startswith("{"):
                found[one["name"]] = from_assets(store.scenarios.load(one["scenario_id"], who))
    found.update(st.session_state.get(_NAMED, {}))
    return found


def _compare(context: Context, rule: str) -> None:
    """Scenarios side by side: people, villages, pockets, and what they cost."""
    words, found = context.words, {name: tried for name, tried in _scenarios(context).items() if tried}
    if not found:
        return
    put(tag("h2", words("signal.try.compare")))
    chosen = st.multiselect(
        words("signal.try.compared"),
        list(found),
        list(found)[-2:],
        key=f"try_compared_{len(found)}",
        max_selections=MOST_COMPARED,
        placeholder=words("planning.form.choose"),
    )
    columns: dict[str, list[str]] = {}
    for name in chosen:
        effect = effect_of(context, found[name], rule)
        if effect is None:
            return
        cost, without = _cost(found[name])
        columns[name] = [
            words.number(len(found[name])),
            words.number(effect.people),
            words.number(len(effect.changed())),
            words.number(len(effect.pockets)),
            (words.money(cost) if cost else "–")
            + (f" + {words('signal.try.no_cost', count=without)}" if without else ""),
        ]
    if columns:
        rows = [words(f"signal.try.compare_{row}") for row in ("assets", "people", "villages", "pockets", "cost")]
        put(column_table({words("signal.try.scenario"): rows, **columns}, words("signal.try.compare")))
        st.caption(words("signal.try.compare_note"))
    for name in chosen:
        label = words("signal.try.open", name=as_label(name))
        st.button(
            label,
            key=f"try_open_{name}",
            type="tertiary",
            on_click=keep_proposals,
            args=(found[name],),
            disabled=len(found[name]) > MOST,
        )


def measure_of(kind: str) -> Measure | None:
    """The measure of the catalogue that leaves a kind of asset; None where none does."""
    kinds = asset_kinds()
    leaving = (one for one in read_costs().measures if (one.kind or giving(kinds, one.service)[0]) == kind)
    return next(leaving, None)


def _cost(tried: tuple[TrialAsset, ...]) -> tuple[int, int]:
    """Capital of the sites in rupiah without routes, and for how many the catalogue knows none."""
    total, without = 0, 0
    for one in tried:
        measure = measure_of(one.kind)
        if measure is None:
            without += 1
            continue
        mast = one.height_m or (measure.mast_m.value if measure.mast_m else 0.0)
        total += sum(round(cost.value * {"site": 1.0, "mast_m": mast}.get(cost.per, 0.0)) for cost in measure.capital)
    return total, without


def _hand_over(context: Context, tried: tuple[TrialAsset, ...]) -> None:
    """To the plan, to the register of proposals, or to the inventory as planned."""
    words, analysis = context.words, context.analysis
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([t.lon for t in tried], [t.lat for t in tried]), crs=4326)
    places = village_of(points, analysis.villages)
    rows = [
        (one, str(code), str(village), measure_of(one.kind))
        for one, code, village in zip(tried, places["village_code_bps"], places["village"], strict=True)
        if isinstance(code, str)
    ]
    fit = [row for row in rows if row[3] is not None]
    if len(fit) < len(tried):
        st.caption(words("signal.try.not_handed", count=len(tried) - len(fit)))

    def to_plan() -> None:
        edits = now()
        for _, code, _, measure in fit:
            edits = with_edit(edits, PlanEdit("pin", code, measure.name if measure else None))
        decide(edits)
        messages.keep(PAGE, words("signal.try.in_plan", count=len(fit)))

    st.button(words("signal.try.to_plan"), key="try_to_plan", disabled=not fit, on_click=to_plan)
    st.caption(words("signal.try.to_plan_help"))
    store, who = store_access.opened_store().store, store_access.who()
    if store is None or who is None or not store.database.writable:
        st.caption(words("signal.try.sign_in"))
        return
    if may(who, "edit_proposals"):
        _to_register(context, store, fit)
    if may(who, "add"):

        def to_inventory(writer: Store) -> str:
            made = writer.assets.add(as_assets(tried), store_access.acting(), words("signal.try.scenario_note"))
            return words("signal.try.in_inventory", count=len(made), first=made[0])

        _button("to_inventory", words, store, to_inventory)


def _to_register(context: Context, store: Store, rows: list[tuple[TrialAsset, str, str, Measure | None]]) -> None:
    words, channels = context.words, proposal_rules().channels
    asked = {measure.name for _, _, _, measure in rows if measure}
    offered = [name for name, channel in channels.items() if asked and asked <= set(channel.takes)]
    if not offered:
        st.caption(words("signal.try.no_channel"))
        return
    channel = st.selectbox(
        capital(words("proposals.field.channel")),
        offered,
        key="try_channel",
        format_func=lambda name: channels[name].name.in_language(words.language),
    )

    def work(writer: Store) -> str:
        values = [
            {"village_code_bps": code, "name": f"{capital(words.kind(one.kind))} {village}", "lon": one.lon}
            | {"lat": one.lat, "asked": measure.name if measure else None, "channel": channel}
            | {"year": dt.date.today().year, "note": words("signal.try.scenario_note")}
            for one, code, village, measure in rows
        ]
        return words("signal.try.in_register", count=len(writer.proposals.add(values, store_access.acting())))

    _button("to_register", words, store, work)


def _button(name: str, words: Words, store: Store, work: Callable[[Store], str]) -> None:
    def do() -> None:
        with messages.kept_refusal(PAGE, words):
            messages.keep(PAGE, work(store))

    st.button(words(f"signal.try.{name}"), key=f"try_{name}", on_click=do)
