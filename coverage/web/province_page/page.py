"""Provinsi: the regencies of a province on a map and in a table, and the way into each."""

from __future__ import annotations

import datetime as dt
from functools import partial
from mimetypes import guess_type
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.base.errors import UnavailableError
from coverage.base.schema import STATES
from coverage.exports.columns import heading_of
from coverage.exports.map_choice import class_breaks, classes_of
from coverage.exports.nation_papers import nation_provenance, plan_sentence
from coverage.exports.style import RAMP
from coverage.language.reasons import claimed_word, state_words
from coverage.language.words import Words
from coverage.readers.nation import regencies
from coverage.readers.parameters import read_parameters
from coverage.store import may
from coverage.store.permissions import require
from coverage.web import messages, session, store_access
from coverage.web.context import MAP_URL, PROVINCE_URL, Context, Page, go_to
from coverage.web.downloads import take_button
from coverage.web.fair_queue import fragment
from coverage.web.html import as_label, definition_list, figure, heading, marks, put, tag
from coverage.web.province_page import results
from coverage.web.tables import show_table

FIGURES = (
    "share_unserved", "population_unserved", "blank", "weak", "pockets", "proposals",
    "people_newly_served", "spent_idr", "common_people",
)  # fmt: skip
"""What the map can be coloured by: at first, of the first three with any figure, by the one of most regencies."""
_TABLE = ("villages", *STATES, "population_unserved", "share_unserved", "pockets", "proposals", "spent_idr")
_MARKS = ("sample_assets", "approximate_boundaries", "estimated_people")
_UNKNOWN = "#D5DAE0"
_PROVINCE, _REGENCY = "province", "province_regency"
_MOST = 10_000_000
"""Million rupiah: no common budget of a year is more."""


def show(context: Context) -> None:
    """Render the page."""
    words = context.words
    named = {
        code[:2]: name for code, name in regencies()[["regency_code_kemendagri", "province"]].itertuples(index=False)
    }
    own = context.analysis.villages["village_code_kemendagri"].dropna().str[:2]
    if _PROVINCE not in st.session_state and len(own):
        st.session_state[_PROVINCE] = str(own.iloc[0])
    code = st.session_state.get(_PROVINCE)
    try:
        found = None if code is None else results.found(code)
    except UnavailableError as error:
        found = None
        st.error(as_label(words.error(error)))
    if found is None:
        heading(words("nation.page.title", province=named.get(code, "–")), tag("p", words("nation.page.none")))
    else:
        table = _table(found, words)
        _strip(found, table, named[code], words)
    left, _ = st.columns([1, 2])
    left.selectbox(
        words("web.region.province"), sorted(named, key=named.__getitem__), format_func=named.__getitem__, key=_PROVINCE
    )
    if found is not None:
        _regencies(found, table, words)
        _notes(found, words)
    if code is not None and store_access.may_import():
        run = results.run_of(code)
        every = 2.0 if run is not None and run.running else None
        fragment(_computing, run_every=every)(code, named[code], found, words)
    elif found is None:
        st.info(words("nation.page.ask"))


def _table(found: results.ProvinceResults, words: Words) -> pd.DataFrame:
    """Figures of each regency, with proposals of the register where the visitor may see them."""
    table = pd.DataFrame(found.regencies.drop(columns="geometry"))
    nothing = table["unknown"] == table["villages"]  # no list of assets, say: no village is known to be no blank spot
    table[["served", "weak", "blank"]] = table[["served", "weak", "blank"]].mask(nothing)
    known = table["population"] - table["population_unknown"].fillna(0)
    table["share_unserved"] = table["population_unserved"] / known.where(known > 0)
    store, who = store_access.opened_store().store, store_access.who()
    table["proposals"] = float("nan")
    if store is not None and may(who, "view_proposals"):
        table["proposals"] = [len(store.proposals.all(code, who)) for code in table["code"]]
    return table


def _strip(found: results.ProvinceResults, table: pd.DataFrame, name: str, words: Words) -> None:
    """Sums of the province; of how many regencies where one has no figure."""
    called = state_words(words, read_parameters().rule())
    cells = []
    for column in ("blank", "weak", "unknown", "population_unserved", "pockets", "proposals", "spent_idr"):
        known = table[column].dropna()
        if len(known):
            write = words.money if column == "spent_idr" else words.number
            part = {"known": len(known), "count": len(table)}
            small = tag("small", words("nation.page.of", **part), cls="jk-of") if len(known) < len(table) else None
            cells.append(figure(_heading(column, words, called), write(int(known.sum())), " ", small or ""))
    day = dt.datetime.fromtimestamp((found.folder / "run.json").stat().st_mtime, dt.UTC).date().isoformat()
    told = words("nation.page.run", date=words.date(day), run_id=found.about["run_id"], count=len(table))
    rests_on = {"approximations": {each for text in table["approximations"].dropna() for each in text.split()}}
    told_marks = marks(rests_on, words, *_MARKS)
    title = tag("h1", words("nation.page.title", province=name), tag("small", told, told_marks))
    put(tag("section", title, tag("dl", *cells), cls="jk-strip", aria_label=name), key="strip")


@fragment
def _regencies(found: results.ProvinceResults, table: pd.DataFrame, words: Words) -> None:
    called = state_words(words, read_parameters().rule())
    known = table[list(FIGURES)].notna().sum()
    shown = [name for name in FIGURES if known[name]] or ["blank"]
    picture, beside = st.columns([68, 32], gap="small")
    with beside:
        by = st.selectbox(
            words("nation.page.by"), shown, shown.index(max(shown[:3], key=known.__getitem__)),
            format_func=lambda name: _heading(name, words, called), key="province_by",
        )  # fmt: skip
        _card(table, words, called)
    with picture, st.container(key="province_map"):
        _map(found, table, by, words, called)
    captions = {name: _heading(name, words, called) for name in ("regency", *_TABLE)}
    formats = {captions[name]: _format(name, words) for name in _TABLE}
    label = words("nation.sheet.regencies")
    put(tag("h2", label))
    show_table(
        table[list(captions)].rename(columns=captions), "province_table", label, formats,
        {captions["regency"]: "medium"}, on_select=lambda at: _choose(str(table["code"].iloc[at])),
    )  # fmt: skip


def _choose(code: str) -> None:
    st.session_state[_REGENCY] = code


def _chosen() -> str | None:
    """The regency that was chosen, else the one that the visitor came from."""
    return st.session_state.get(_REGENCY) or session.region()


def _heading(name: str, words: Words, called: Any) -> str:
    if name in ("share_unserved", "proposals"):
        return words(f"nation.page.figure.{name}")
    return heading_of(name, words, called)


def _format(name: str, words: Words) -> Any:
    return {"share_unserved": words.share, "spent_idr": words.money}.get(name, lambda value: words.number(int(value)))


def _map(found: results.ProvinceResults, table: pd.DataFrame, by: str, words: Words, called: Any) -> None:
    """Regencies in five classes of as many each; without a figure grey."""
    write, values = _format(by, words), table[by].astype(float).to_numpy()
    breaks = class_breaks(values, len(RAMP))
    classes = classes_of(values, breaks)
    unknown = {"colour": _UNKNOWN, "told": claimed_word("unknown", words)}
    features = [
        shape | (unknown if at < 0 else {"colour": RAMP[at], "told": write(value)})
        for shape, at, value in zip(found.features, classes, values, strict=True)
        if shape is not None
    ]
    pick, chosen = alt.selection_point(name="pick", fields=["code"]), _chosen()
    features.sort(key=lambda shape: shape["code"] == chosen)  # its outline lies over its neighbours'
    tooltip = [
        alt.Tooltip("regency:N", title=heading_of("regency", words)),
        alt.Tooltip("told:N", title=_heading(by, words, called)),
    ]
    chart = (
        alt.Chart({"values": features})
        .mark_geoshape(cursor="pointer")
        .encode(
            color=alt.Color("colour:N", scale=None),
            stroke=alt.condition(f"datum.code === '{chosen}'", alt.value("#0B2239"), alt.value("#7B8794")),
            strokeWidth=alt.condition(f"datum.code === '{chosen}'", alt.value(2.5), alt.value(0.6)),
            tooltip=tooltip,
        )
        .project(type="identity", reflectY=True)
        .add_params(pick)
        .properties(height=440)
    )

    def picked() -> None:
        points = st.session_state["province_chart"]["selection"]["pick"]
        if points:
            _choose(str(points[0]["code"]))

    st.altair_chart(
        chart,
        width="stretch",
        key="province_chart",
        on_select=picked,
        alt=words("nation.page.map", figure=_heading(by, words, called)),
    )
    rows = []
    for at, least in enumerate(breaks):
        patch = tag("span", cls="jk-swatch", style=f"background:{RAMP[at]}", aria_hidden="true")
        ends = dict.fromkeys((write(least), write(values[classes == at].max())))
        rows.append(tag("li", patch, f" {' – '.join(ends)}"))
    if -1 in classes:
        patch = tag("span", cls="jk-swatch", style=f"background:{_UNKNOWN}", aria_hidden="true")
        rows.append(tag("li", patch, " ", unknown["told"]))
    put(tag("ul", *rows, cls="jk-classes"), key="province_legend")


def _card(table: pd.DataFrame, words: Words, called: Any) -> None:
    """Figures of the chosen regency, and the way into it."""
    row = table[table["code"] == _chosen()]
    if row.empty:
        put(tag("p", words("nation.page.choose"), cls="jk-hint jk-next"))
        return
    one = row.iloc[0]
    facts = [
        (_heading(name, words, called), "–" if pd.isna(one[name]) else _format(name, words)(one[name]))
        for name in (*_TABLE, "common_people")
    ]
    problem = tag("p", one["problem"], cls="jk-refused") if isinstance(one["problem"], str) else None
    rests_on = {"approximations": str(one["approximations"]).split()}
    told_marks = marks(rests_on, words, *_MARKS)
    put(tag("section", tag("h2", one["regency"]), told_marks, problem, definition_list(facts)), key="province_card")
    if st.button(as_label(words("web.region.open", region=one["regency"])), type="primary", key="province_open"):
        session.choose_region(one["code"])
        go_to(MAP_URL)
    if _REGENCY not in st.session_state:
        put(tag("p", words("nation.page.choose"), cls="jk-hint jk-next"))


def _notes(found: results.ProvinceResults, words: Words) -> None:
    """What the figures rest on, and the files."""
    told = nation_provenance(pd.DataFrame(found.regencies), found.about, words)
    said = [words("nation.remark"), plan_sentence(found.about, found.regencies, words), *told.approximations]
    if found.of_more is not None:
        said.append(words("nation.page.files_of_all", count=found.of_more))
    assumed = int((found.regencies["budget_assumed"] == True).sum())  # noqa: E712  empty where refused
    if assumed:
        said.insert(1, words("nation.page.assumed", count=assumed, of=len(found.regencies)))
    put(tag("ul", *(tag("li", text) for text in said)), key="province_notes")
    with st.container(horizontal=True):
        for name in results.FILES:
            path = found.folder / name
            if path.is_file():
                take_button(
                    name,
                    path.read_bytes,
                    name,
                    guess_type(name)[0] or "application/octet-stream",
                    guarded=False,
                    key=f"province_{name}",
                )


def _computing(province: str, name: str, found: results.ProvinceResults | None, words: Words) -> None:
    """Start, progress, end and failure of computing the province here."""
    run = results.run_of(province)
    count = int((regencies()["regency_code_kemendagri"].str[:2] == province).sum())
    if run is not None and run.running:
        if not st.session_state.get("province_running"):
            st.session_state["province_running"] = True
            st.rerun(scope="app")  # the page renders this again and again from now on
        st.progress(min(run.finished / count, 1.0), text=words("nation.page.running", done=run.finished, count=count))
        st.button(words("nation.page.stop"), on_click=_stop, args=(run, words))
        return
    if st.session_state.pop("province_running", False):
        st.rerun(scope="app")
    if run is not None and run.problem:
        st.error(words("nation.page.failed", problem=as_label(run.problem)))
    last = None if found is None else found.idr_a_year
    st.number_input(
        words("nation.page.budget"), 1, _MOST, None if last is None else min(max(last // 1_000_000, 1), _MOST), 1000,
        key=_budget_key(province), help=words("nation.page.budget_help"), width=320,
    )  # fmt: skip
    st.button(
        words("nation.page.again" if found else "nation.page.begin", province=name, count=count),
        type="secondary" if found else "primary", on_click=partial(_begin, province, words), key="province_begin",
        help=words("nation.page.begin_help", folder=str(results.folder_of(province))),
    )  # fmt: skip
    messages.show("province")


def _budget_key(province: str) -> str:
    return f"province_budget_{province}"


def _begin(province: str, words: Words) -> None:
    with messages.kept_refusal("province", words):
        require(store_access.acting(), "import")
        millions = st.session_state.get(_budget_key(province))
        results.begin(province, words.language, None if millions is None else int(millions) * 1_000_000)


def _stop(run: results.ProvinceRun, words: Words) -> None:
    with messages.kept_refusal("province", words):
        require(store_access.acting(), "import")
        run.stop()


PAGE = Page("province", PROVINCE_URL, show, hidden=True)
