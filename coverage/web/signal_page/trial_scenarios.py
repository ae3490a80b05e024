"""Scenarios of assets tried out: collected, named, held side by side, and handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial

import geopandas as gpd
import streamlit as st

from coverage.base.kinds import giving
from coverage.language.words import Words
from coverage.reach.asset_counts import village_of
from coverage.readers.kinds import asset_kinds
from coverage.readers.proposals import proposal_rules
from coverage.rollout.edits import PlanEdit, with_edit
from coverage.rollout.measures import Measure
from coverage.run.what_if import TrialAsset
from coverage.store import Store, may
from coverage.web import messages, store_access
from coverage.web.context import Context
from coverage.web.html import as_label, capital, column_table, people_marks, put, tag
from coverage.web.linked import MOST_TRIED
from coverage.web.made_plan import chosen as chosen_costs
from coverage.web.made_plan import decide, now
from coverage.web.signal_page import signal_point
from coverage.web.signal_page.tried import as_assets, effect_of, from_assets, keep_proposals, proposals

PAGE, HANDED = "trial", "trial_handed"
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
        full = len(collected) >= MOST_TRIED
        told = "signal.try.place_first" if wanted is None else "signal.try.full" if full else "signal.try.add_help"
        st.button(
            words("signal.try.add"),
            key="try_add",
            type="primary",
            disabled=wanted is None or full,
            help=words(told, most=MOST_TRIED),
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
    st.session_state[signal_point.PLACE] = ""  # before the address is written
    keep_proposals((*proposals(), wanted))


def _drop(number: int) -> None:
    keep_proposals(tuple(one for k, one in enumerate(proposals()) if k != number))


def _listed(collected: tuple[TrialAsset, ...], words: Words) -> None:
    """Proposals, each with a remove button."""
    for number, one in enumerate(collected, start=1):
        with st.container(horizontal=True, vertical_alignment="center", key=f"try_line_{number}"):
            put(tag("p", said(number, one, words), cls="jk-proposal"))
            st.button(
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
    words, store = context.words, _office()
    with st.container(horizontal=True, vertical_alignment="bottom", key="try_keep"):
        name = st.text_input(words("signal.try.name"), key="try_name", max_chars=120)

        def save() -> None:
            name, named = str(st.session_state["try_name"]), st.session_state.get(_NAMED, {})
            if not name.strip():
                return
            with messages.kept_refusal(PAGE, words):
                st.session_state[_NAMED] = {**named, name: tried}
                told = "signal.try.kept"
                if store is not None:
                    given = (context.region, name, as_assets(tried), store_access.acting())
                    store.scenarios.save(*given, words("signal.try.scenario_note"))
                    st.session_state[_NAMED], told = named, "signal.try.saved"  # the office's list has it
                messages.keep(PAGE, words(told, name=name))

        st.button(words("signal.try.save"), key="try_save", disabled=not name.strip(), on_click=save)
    if store is None:
        st.caption(words("signal.try.sign_in"))


def _office() -> Store | None:
    """The store, if the visitor may save in it."""
    store, who = store_access.opened_store().store, store_access.who()
    can = store is not None and store.database.writable and who is not None and may(who, "save_scenario")
    return store if can else None


def _scenarios(context: Context) -> dict[str, Callable[[], tuple[TrialAsset, ...]]]:
    """Those of the session, and those that the office keeps of assets: a plan's note is a document.

    By name, the latest last; where a name is taken, the moment it was saved stands beside it.
    """
    named: dict[str, tuple[TrialAsset, ...]] = st.session_state.get(_NAMED, {})
    taken, found = set(named), {}
    store, who = store_access.opened_store().store, store_access.who()
    if store is not None and may(who, "view_scenarios"):
        for one in sorted(store.scenarios.all(context.region, who), key=lambda row: str(row["saved_at"])):
            if str(one["note"] or "").startswith("{"):
                continue
            name, number = str(one["name"]), str(one["scenario_id"])
            for more in (context.words.moment(one["saved_at"]), number):
                name = f"{name} ({more})" if name in taken else name
            taken.add(name)
            found[name] = partial(_loaded, store, number)
    return {**found, **{name: partial(tuple, tried) for name, tried in named.items()}}


def _loaded(store: Store, scenario_id: str) -> tuple[TrialAsset, ...]:
    return from_assets(store.scenarios.load(scenario_id, store_access.who()))


def _open(name: str, found: Mapping[str, Callable[[], tuple[TrialAsset, ...]]], words: Words) -> None:
    """Collect a scenario; what was collected and not saved is kept for the visit."""
    there, named = proposals(), st.session_state.get(_NAMED, {})
    if there and there not in (load() for load in found.values()):
        kept = words("signal.try.unnamed", number=len(named) + 1)
        st.session_state[_NAMED] = {**named, kept: there}
        messages.keep(PAGE, words("signal.try.kept", name=kept))
    keep_proposals(found[name]())


def _compare(context: Context, rule: str) -> None:
    """Scenarios side by side: people, villages, pockets, and what they cost."""
    words, found = context.words, _scenarios(context)
    if not found:
        return
    rests_on = people_marks(context.analysis.run, words)
    put(tag("h2", words("signal.try.compare"), " ", rests_on))
    chosen = st.multiselect(
        words("signal.try.compared"),
        list(found),
        list(found)[-2:],
        key=f"try_compared_{len(found)}",
        max_selections=MOST_COMPARED,
        placeholder=words("planning.form.choose"),
    )
    columns: dict[str, list[str]] = {}
    loaded = {name: found[name]() for name in chosen}
    for name, tried in loaded.items():
        if not tried:  # lines, or assets without a service
            columns[name] = ["0", *"––––"]
            continue
        effect = effect_of(context, tried, rule)
        if effect is None:
            return
        cost, without = _cost(tried)
        columns[name] = [
            words.number(len(tried)),
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
    for name, tried in loaded.items():
        label = words("signal.try.open", name=as_label(name))
        st.button(
            label,
            key=f"try_open_{name}",
            type="tertiary",
            on_click=_open,
            args=(name, found, words),
            disabled=not 0 < len(tried) <= MOST_TRIED,
        )


def measure_of(kind: str) -> Measure | None:
    """The measure of the catalogue that leaves a kind of asset; None where none does."""
    kinds = asset_kinds()
    leaving = (one for one in chosen_costs().measures if (one.kind or giving(kinds, one.service)[0]) == kind)
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
    messages.show(HANDED)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([t.lon for t in tried], [t.lat for t in tried]), crs=4326)
    places = village_of(points, analysis.villages)
    names = [
        capital(f"{words.kind(one.kind)} {village}" if isinstance(village, str) else words.kind(one.kind))
        for one, village in zip(tried, places["village"], strict=True)
    ]
    rows = [
        (one, str(code), str(village), _asked_of(one.kind))
        for one, code, village in zip(tried, places["village_code_bps"], places["village"], strict=True)
        if isinstance(code, str)
    ]
    planned = [(code, measure.name) for one, code, _, _ in rows if (measure := measure_of(one.kind))]
    if len(planned) < len(tried):
        st.caption(words("signal.try.not_handed", count=len(tried) - len(planned)))

    def to_plan() -> None:
        edits = now()
        for code, measure in planned:
            edits = with_edit(edits, PlanEdit("pin", code, measure))
        decide(edits)
        messages.keep(HANDED, words("signal.try.in_plan", count=len(planned)))

    st.button(words("signal.try.to_plan"), key="try_to_plan", disabled=not planned, on_click=to_plan)
    st.caption(words("signal.try.to_plan_help"))
    store, who = store_access.opened_store().store, store_access.who()
    if store is None or who is None or not store.database.writable:
        st.caption(words("signal.try.sign_in"))
        return
    if may(who, "edit_proposals"):
        _to_register(context, store, [row for row in rows if row[3]])
    if may(who, "add"):
        left = {one: name for one, name in zip(tried, names, strict=True) if ("inventory", one) not in _handed()}

        def to_inventory(writer: Store) -> str:
            assets = as_assets(tuple(left)).assign(name=list(left.values()))
            made = writer.assets.add(assets, store_access.acting(), words("signal.try.scenario_note"))
            return words("signal.try.in_inventory", count=len(made), first=made[0])

        _button("to_inventory", words, store, to_inventory, {("inventory", one) for one in left})


def _asked_of(kind: str) -> str:
    """What a proposal asks for with a kind of asset: its measure, else the kind itself; empty where neither."""
    measure = measure_of(kind)
    return measure.name if measure else kind if kind in proposal_rules().asked else ""


def _to_register(context: Context, store: Store, rows: list[tuple[TrialAsset, str, str, str]]) -> None:
    words, channels = context.words, proposal_rules().channels
    asked = {each for _, _, _, each in rows}
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
    left = [row for row in rows if (channel, row[0]) not in _handed()]

    def work(writer: Store) -> str:
        values = [
            {"village_code_bps": code, "name": f"{capital(words.kind(one.kind))} {village}", "lon": one.lon}
            | {"lat": one.lat, "asked": each, "channel": channel}
            | {"year": dt.date.today().year, "note": words("signal.try.scenario_note")}
            for one, code, village, each in left
        ]
        return words("signal.try.in_register", count=len(writer.proposals.add(values, store_access.acting())))

    _button("to_register", words, store, work, {(channel, row[0]) for row in left})


def _handed() -> set[tuple[object, ...]]:
    """What was handed over in this session: where to, and which point."""
    handed: set[tuple[object, ...]] = st.session_state.setdefault(HANDED, set())
    return handed


def _button(name: str, words: Words, store: Store, work: Callable[[Store], str], left: set[tuple[object, ...]]) -> None:
    """A button that hands over what is ``left`` of the points, each once."""

    def do() -> None:
        with messages.kept_refusal(HANDED, words):
            messages.keep(HANDED, work(store))
            _handed().update(left)

    told = None if left else words("signal.try.handed")
    st.button(words(f"signal.try.{name}"), key=f"try_{name}", on_click=do, disabled=not left, help=told)
