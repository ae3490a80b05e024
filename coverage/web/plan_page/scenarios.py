"""Plans saved as scenarios with their request, and reopened."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.kinds import giving
from coverage.language.words import Words
from coverage.places.regencies import region_of
from coverage.readers.kinds import asset_kinds
from coverage.rollout.edits import edits_from
from coverage.rollout.measures import Costs
from coverage.run.result import Analysis
from coverage.store import may
from coverage.web import linked, store_access, visitor_work
from coverage.web.context import Context
from coverage.web.html import as_label, capital, put, tag
from coverage.web.made_plan import MadePlan, own_values
from coverage.web.made_plan import chosen as chosen_costs
from coverage.web.maps.map_view import measure_name
from coverage.web.plan_page import comparing, edits, plan_costs
from coverage.web.plan_page.request import MILLION, PlanForm, is_assumed
from coverage.web.workers import computed

KIND = "jangkau-plan"
OPENED, TOLD = "plan_opened", "plan_told"
_OFFERED = "plan_offices_opened"


def signature(asked: PlanForm, costs: Costs) -> str:
    """Fingerprint of a request and its costs."""
    return json.dumps(
        {**_request_document(asked), "costs": own_values(), "shipped": costs.budget.source}, sort_keys=True
    )


def _request_document(asked: PlanForm) -> dict[str, Any]:
    request = asked.request
    return {
        "budgets": {str(year): money for year, money in request.budgets.items()},
        "edits": [asdict(edit) for edit in request.edits],
        "minimum": dict(request.minimum or {}),
        "weighted": request.weights is not None,
        "running_in_budget": request.running_in_budget,
        "roads": asked.roads_name,
        "allow_sea": asked.allow_sea,
    }


def document(made: MadePlan, asked: PlanForm) -> dict[str, Any]:
    """Everything needed to reopen the plan, as JSON."""
    rollout, plan = made.planned.plan.rollout, made.planned.plan
    rows = [
        [code, measure, int(year)]
        for code, measure, year in zip(rollout["village_code_bps"], rollout["measure"], rollout["year"], strict=True)
    ]
    return {
        "kind": KIND,
        "run_id": made.analysis.run["run_id"],
        "wishes": _request_document(asked),
        "costs": own_values(),
        "rows": rows,
        "people": plan.people,
        "free": None if made.planned.free is None else asdict(made.planned.free),
        "status": plan.status,
        "bound": plan.bound if math.isfinite(plan.bound) else None,
    }


def as_assets(made: MadePlan, words: Words) -> gpd.GeoDataFrame:
    """The plan as planned assets at village centres."""
    villages = made.analysis.villages.set_index("village_code_bps")
    leaves = {
        measure.name: measure.kind or giving(asset_kinds(), measure.service)[0]
        for measure in made.planned.costs.measures
    }
    rows = made.planned.plan.rollout
    at = villages.loc[rows["village_code_bps"]]
    kinds = [leaves[name] for name in rows["measure"]]
    names = [
        f"{capital(measure_name(measure, words))} {village} ({year})"
        for measure, village, year in zip(rows["measure"], rows["village"], rows["year"], strict=True)
    ]
    frame = pd.DataFrame(
        {
            "asset_id": "RENCANA-" + rows["village_code_bps"].astype(str),
            "kind": kinds,
            "name": names,
            "status": "planned",
            "note": words("planning.indicative"),
        }
    )
    points = gpd.points_from_xy(at["centre_lon"], at["centre_lat"])
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")


def show(made: MadePlan | None, asked: PlanForm, context: Context) -> None:
    """Save the plan, or open a saved one."""
    words = context.words
    store, who = store_access.opened_store().store, store_access.who()
    if store is None:
        st.info(words("planning.scenario.no_store"))
        return
    told = st.session_state.pop(TOLD, None)
    if told:
        (st.success if told[0] else st.warning)(as_label(told[1]))
    if may(who, "save_scenario") and store.database.writable:
        _save(made, asked, words)
    else:
        st.caption(words("planning.scenario.may_not"))
    if not may(who, "view_scenarios"):
        return
    put(tag("h2", words("planning.scenario.saved")))
    kept = [
        (one, about) for one in store.scenarios.all(context.region, who) if (about := _read(one["note"])) is not None
    ]
    if not kept:
        st.caption(words("planning.scenario.none"))
    for one, about in kept:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            budgets = {int(year): int(money) for year, money in about["wishes"]["budgets"].items()}
            budget = words.money(sum(budgets.values()))
            said = words(
                "planning.scenario.line",
                first=str(min(budgets)),
                last=str(max(budgets)),
                people=about["people"],
                budget=words("planning.scenario.assumed", budget=budget) if is_assumed(budgets) else budget,
                villages=len(about["rows"]),
                who=one["saved_by"],
                date=words.date(one["saved_at"]),
            )
            put(tag("p", tag("strong", one["name"]), tag("br"), tag("small", said)))
            st.button(words("planning.scenario.open"), key=f"open_{one['scenario_id']}", on_click=_open, args=(about,))
    saved = {f"{one['scenario_id']} {one['version']}": (one["name"], about) for one, about in kept}
    comparing.show(made, saved, context)


def _save(made: MadePlan | None, asked: PlanForm, words: Words) -> None:
    if made is None:
        st.info(words("planning.scenario.nothing"))
        return
    if made.signature != signature(asked, chosen_costs()):
        st.info(words("planning.other_wishes"))
        return
    with st.form("plan_save", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(words("planning.scenario.name"), key="plan_name", max_chars=120)
        if st.form_submit_button(words("planning.scenario.save"), type="primary"):
            store, who = store_access.opened_store().store, store_access.who()
            assert store is not None
            assert who is not None
            if not name.strip():
                st.session_state[TOLD] = (False, words("planning.scenario.name_missing"))
                st.rerun()
            try:
                region, note = region_of(made.analysis.villages), json.dumps(document(made, asked))
                store.scenarios.save(region, name.strip(), as_assets(made, words), who, note)
            except JangkauError as error:
                st.session_state[TOLD] = (False, words.error(error))
            else:
                st.session_state[TOLD] = (True, words("planning.scenario.done", name=name.strip()))
            st.rerun()


def _read(note: Any) -> dict[str, Any] | None:
    """Document in a scenario's note; None for another kind of scenario."""
    try:
        about = json.loads(note)
    except (TypeError, ValueError):
        return None
    return about if isinstance(about, dict) and about.get("kind") == KIND else None


def _open(about: dict[str, Any]) -> None:
    """Load a saved request into the form; the plan follows on rerun."""
    state, request = st.session_state, about["wishes"]
    budgets = {int(year): int(money) for year, money in request["budgets"].items()}
    first = min(budgets)
    state["plan_first"], state["plan_years"] = first, len(budgets)
    state["plan_budget"] = round(budgets[first] / MILLION)
    state["plan_own_years"] = len(set(budgets.values())) > 1
    for year, money in budgets.items():
        state[f"plan_budget_{year}"] = round(money / MILLION)
    state["plan_weighted"], state["plan_running"] = request["weighted"], request["running_in_budget"]
    edits.choose(edits_from(request))
    state["plan_subdistricts"] = list(request["minimum"])
    for name, least in request["minimum"].items():
        state[f"plan_minimum_{name}"] = least
    state["plan_sea"] = request["allow_sea"]
    plan_costs.choose(about["costs"])
    state[OPENED] = about


def open_offices(context: Context) -> None:
    """Open the office's plan, once in a session in which none was made yet."""
    if st.session_state.get(_OFFERED):
        return
    st.session_state[_OFFERED] = True
    kept = context.decisions.settings.get("plan")
    if kept is not None and isinstance(kept.value, dict) and kept.value.get("kind") == KIND:
        _open(kept.value)
        linked_plan = linked.taken("plan_")  # a link's budget, where it is another than the office's
        if any(st.session_state.get(key) != value for key, value in linked_plan.items()):
            st.session_state.update(linked_plan)
            st.session_state.pop(OPENED)


def opened(context: Context, analysis: Analysis, asked: PlanForm) -> MadePlan:
    """The plan just opened, computed again on today's tables.

    Raises
    ------
    JangkauError
        If it cannot be; it is not opened then.
    """
    from coverage.exports.plan import remark_sentence  # slow to import

    words, costs, about = context.words, chosen_costs(), st.session_state[OPENED]
    roads = (asked.roads, asked.roads_name)
    given = (analysis, context.ground, costs, roads, asked.allow_sea, asked.request, about, True)
    try:
        planned, curve = computed(words, "planning.progress.working", visitor_work.plan_again, *given, is_long=True)
    except JangkauError:
        st.session_state.pop(OPENED)
        raise
    st.session_state.pop(OPENED)  # not before: a page that is rendered anew meanwhile asks again
    other = [(key, values) for key, values in planned.plan.remarks if key.startswith("planning.scenario.")]
    remarks = [remark_sentence(key, values, words) for key, values in other]
    st.session_state[TOLD] = (not remarks, " ".join(remarks or [words("planning.scenario.opened")]))
    return MadePlan(planned, curve, analysis, signature(asked, costs))
