"""Data: the region's files with source, age and quality, and replacing them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.base.errors import JangkauError
from coverage.base.model_options import Measure
from coverage.language.notes import notes_of
from coverage.language.words import Words
from coverage.places.regencies import regency_code
from coverage.readers.basemap import OSM_SUFFIXES
from coverage.readers.people_places import tells_where_people_live
from coverage.readers.tiles import SUFFIXES as TILE_SUFFIXES
from coverage.run.result import Analysis
from coverage.run.sources import Sources
from coverage.store import Actor
from coverage.store.region_files import KINDS, SHOWN_ON, SUFFIXES, Kind, RegionFiles, choose_region, files_of
from coverage.web import facts, messages, session, store_access
from coverage.web.context import BY_IMPORT, DATA_URL, IMPORT_URL, Context, Page, go_to
from coverage.web.data_page import answers, code_proposal, data_trial, evidence, reports
from coverage.web.data_page.code_proposal import CodeProposal
from coverage.web.data_page.data_trial import Trial
from coverage.web.data_page.region_data import SHOWN, Holding, holdings, outcome
from coverage.web.html import as_label, heading, joined, mark, put, table, tag
from coverage.web.run_cache import Run
from coverage.web.widgets import choice, switch

CHANGED: tuple[str, ...] = tuple(kind for kind in SHOWN if kind in KINDS)


def show(context: Context) -> None:
    """Render the page."""
    words, sources = context.words, session.sources()
    files = files_of(sources.region)
    from_inventory = store_access.revision(sources) is not None
    found = holdings(context.analysis, context.inputs, sources, files, from_inventory, words)
    name = facts.region_name(context.analysis, words)
    heading(words("data.title", region=name), tag("p", words("data.intro")))
    _show_message(context, words)
    _table(found, words)
    notes = notes_of(context.analysis.run, words)
    if notes:
        with st.expander(words("data.notes", count=len(notes))):
            put(tag("ul", *(tag("li", note) for note in notes), cls="jk-data-notes"))
    who = store_access.who()
    if not store_access.may_import():
        st.info(words("data.read_only"))
        return
    assert who is not None
    if files is None:
        _adopt(context.analysis, sources, who, words)
        return
    _change(context, found, files, sources, who)


def show_refused(words: Words) -> None:
    """Ways back where the region's data were refused."""
    files, who = files_of(session.sources().region), store_access.who()
    if files is None or not store_access.may_import():
        return
    assert who is not None
    for kind in KINDS:
        if files.before(kind):
            st.button(
                words("data.undo_of", what=words(f"data.kind.{kind}")),
                key=f"rescue_{kind}",
                on_click=_undo,
                args=(files, kind, None, words),
            )


def _show_message(context: Context, words: Words) -> None:
    """Outcome of the last action, with the totals before and after."""
    messages.show("data")
    change = st.session_state.get("data_change")
    if change is not None and change["run"] != context.analysis.run["run_id"]:
        with st.container(border=True, key="data_change_shown"):
            put(tag("h2", words("data.last_change", what=change["what"])))
            data_trial.show_comparison(change["before"], context.analysis, words)
            if st.button(words("data.seen"), key="data_seen"):
                del st.session_state["data_change"]
                st.rerun()


def _table(found: list[Holding], words: Words) -> None:
    heads = [words(f"data.head.{name}") for name in ("what", "used", "origin", "dated")]
    rows = []
    for one in found:
        used = joined(one.used, *(mark(name, words) for name in one.marks))
        rows.append([words(f"data.kind.{one.kind}"), used, one.origin, one.dated])
    put(table(heads, rows, words("data.caption"), "jk-table jk-data"), key="data_table")


def _adopt(analysis: Analysis, sources: Sources, who: Actor, words: Words) -> None:
    """Offer to keep a region that was given as a file, so that its data can be replaced."""
    st.info(words("data.given_region", file=Path(str(sources.region)).name))
    if not st.button(words("data.adopt"), type="primary", key="data_adopt"):
        return
    code = str(regency_code(analysis.villages["village_code_bps"]).mode().iloc[0])
    regency = str(analysis.villages["regency"].iloc[0])
    files = RegionFiles(code)
    people = "people" if sources.people and tells_where_people_live(sources.people) else "population"
    given = {"crosswalk": sources.crosswalk, people: sources.people, "boundaries": Path(str(sources.region))}
    with messages.shown_refusal(words):
        for kind, path in given.items():
            if path is not None:
                files.put(cast(Kind, kind), [path], {"origin": "upload", "title": path.name, "regency": regency}, who)
        choose_region(code, who)
        st.success(as_label(words("data.adopted", region=regency, code=code)))


def _change(context: Context, found: list[Holding], files: RegionFiles, sources: Sources, who: Actor) -> None:
    words = context.words
    put(tag("h2", words("data.change")))
    kind = switch(words, "data.which", CHANGED, "data_kind", "data.kind")
    holding = next(one for one in found if one.kind == kind)
    with st.container(border=True, key="data_panel"):
        put(tag("p", words(f"data.about.{kind}"), cls="jk-hint"))
        if kind == "evidence":
            evidence.show(None if sources.evidence else files, context.analysis.evidence, who, words)
            answers.show(context)
        if kind in BY_IMPORT:
            if st.button(words("data.by_import"), key="data_by_import", type="primary"):
                go_to(IMPORT_URL)
            if kind == "population":
                _ways_back(kind, holding, files, context, st.container(horizontal=True))
            return
        if kind == "measurements":
            reports.show(context)
        if holding.given:
            st.info(words("data.given", file=holding.origin))
            return
        trial, proposal = data_trial.started(), code_proposal.kept()
        if trial is not None and trial[0].kind == kind:
            _trial(context, *trial, sources, who)
        elif proposal is not None and kind == "boundaries":
            _confirm(proposal, files.code, sources, who, words)
        else:
            _upload(context, cast(Kind, kind), holding, files, sources, who)


def _upload(context: Context, kind: Kind, holding: Holding, files: RegionFiles, sources: Sources, who: Actor) -> None:
    """Upload form, and ways back."""
    words = context.words
    brought = {"basemap": (*OSM_SUFFIXES, ".gpkg", ".zip", ".geojson", ".parquet"), "tiles": TILE_SUFFIXES}
    own = brought.get(kind, SUFFIXES[kind])
    more = {*own, ".json", *(SUFFIXES["crosswalk"] if kind == "boundaries" else ())}
    round_ = st.session_state.get("data_round", 0)
    uploads = st.file_uploader(
        words(f"data.file.{kind}"),
        type=sorted(suffix[1:] for suffix in more),
        accept_multiple_files=True,
        key=f"data_file_{kind}_{round_}",
    )
    one, two, three = st.columns(3)
    title = one.text_input(words("data.title_label"), help=words("data.title_help"), key=f"data_title_{kind}_{round_}")
    dated = two.text_input(words("data.dated.label"), help=words("data.dated.help"), key=f"data_dated_{kind}_{round_}")
    more_said: dict[str, Any] = {}
    if kind == "people":
        more_said["measure"] = three.selectbox(
            words("data.measure.label"),
            (None, *get_args(Measure)),
            key=f"data_measure_{round_}",
            format_func=lambda name: words(f"data.measure.{name or 'told'}"),
        )
    if kind == "measurements":
        more_said["calibrate"] = st.checkbox(
            words("data.calibrate.label"), help=words("data.calibrate.help"), key=f"data_calibrate_{round_}"
        )
    row, below = st.container(horizontal=True), st.container()
    if row.button(words("data.try"), type="primary", key=f"data_try_{kind}", disabled=not uploads):
        with below, messages.shown_refusal(words):
            with st.spinner(words("data.checking")):
                if kind in SHOWN_ON:
                    data_trial.draw_on(kind, uploads, title, dated, files, context.analysis.villages, who)
                    data_trial.next_round()
                    messages.keep("data", words("data.drawn_now", what=words(f"data.kind.{kind}")))
                    st.rerun()
                try:
                    trial = data_trial.begin(kind, uploads, title, dated, more_said, files.code, who)
                except JangkauError as error:
                    if error.code not in code_proposal.NO_CODES:
                        raise
                    code_proposal.begin(uploads, title, dated)
                    st.rerun()
            data_trial.start(trial, sources)
            st.rerun()
    _ways_back(kind, holding, files, context, row)


def _ways_back(kind: Kind, holding: Holding, files: RegionFiles, context: Context, row: DeltaGenerator) -> None:
    words, args = context.words, (files, kind, context.analysis, context.words)
    if holding.undoable:
        told = words("data.undo_help")
        row.button(words("data.undo"), key=f"data_undo_{kind}", on_click=_undo, help=told, args=args)
    if holding.version is not None:
        told = words("data.remove_help")
        row.button(words("data.remove"), key=f"data_remove_{kind}", on_click=_remove, help=told, args=args)


def _confirm(proposal: CodeProposal, code: str, sources: Sources, who: Actor, words: Words) -> None:
    """Try outlines without codes with those that the planner confirmed."""
    trial = code_proposal.confirm(proposal, code, who, words)
    if trial is not None:
        code_proposal.give_up()
        data_trial.start(trial, sources)
        st.rerun()


def _trial(context: Context, trial: Trial, run: Run, sources: Sources, who: Actor) -> None:
    """Compare the trial run with the present, and ask whether to adopt it."""
    words = context.words
    if not run.result.done():
        data_trial.show_progress(run, words)
        st.button(words("data.cancel"), key="data_cancel", on_click=data_trial.give_up)
        return
    found = data_trial.found_by(run)
    other = trial.regency is not None
    if isinstance(found, JangkauError):
        st.error(as_label(words.error(found)))
        if found.code in data_trial.ASKED_MEASURE:
            _ask_measure(trial, sources, who, words)
    else:
        put(tag("h3", words("data.trial_other" if other else "data.trial", region=trial.regency, code=trial.code)))
        regions = (facts.region_name(context.analysis, words), str(trial.regency)) if other else None
        data_trial.show_comparison(outcome(context.analysis), found.analysis, words, regions)
    with st.container(horizontal=True):
        if not isinstance(found, JangkauError):
            label, args = words("data.use_other" if other else "data.use"), (trial, context.analysis, sources, words)
            st.button(label, type="primary", key="data_use", on_click=_use, args=args)
        st.button(words("data.cancel"), key="data_cancel", on_click=data_trial.give_up)


def _ask_measure(trial: Trial, sources: Sources, who: Actor, words: Words) -> None:
    """Ask for the unit of a raster where the file does not tell."""
    measures, label = get_args(Measure), words("data.measure.label")
    measure = choice(words, label, measures, "data.measure", key="data_measure_asked", index=None)
    if measure is not None and st.button(words("data.try"), type="primary", key="data_try_measure"):
        data_trial.start(data_trial.with_measure(trial, measure, who), sources)
        st.rerun()


def _use(trial: Trial, analysis: Analysis, sources: Sources, words: Words) -> None:
    switch = sources.region is None
    with messages.kept_refusal("data", words):
        data_trial.use(trial, switch, store_access.acting())
        if trial.regency is not None:
            session.choose_region(trial.code)
        data_trial.give_up()
        data_trial.next_round()
        if trial.regency is None:
            _remember(analysis, words(f"data.kind.{trial.kind}"))
            messages.keep("data", words("data.used_now", what=words(f"data.kind.{trial.kind}")))
        else:
            messages.keep("data", words("data.switched", region=trial.regency, code=trial.code))


def _undo(files: RegionFiles, kind: Kind, analysis: Analysis | None, words: Words) -> None:
    with messages.kept_refusal("data", words):
        files.undo(kind, store_access.acting())
        _taken_back(kind, analysis, words, "data.undone")


def _remove(files: RegionFiles, kind: Kind, analysis: Analysis | None, words: Words) -> None:
    with messages.kept_refusal("data", words):
        files.remove(kind, store_access.acting())
        _taken_back(kind, analysis, words, "data.removed")


def _taken_back(kind: Kind, analysis: Analysis | None, words: Words, said: str) -> None:
    if analysis is not None:
        _remember(analysis, words(f"data.kind.{kind}"))
    messages.keep("data", words(said, what=words(f"data.kind.{kind}")))


def _remember(analysis: Analysis, what: str) -> None:
    """Keep the totals before a change, for comparison."""
    st.session_state["data_change"] = {"before": outcome(analysis), "what": what, "run": analysis.run["run_id"]}


PAGE = Page("data", DATA_URL, show, show_refused=show_refused)
