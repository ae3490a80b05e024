"""Peta: state of the villages on a map, and the facts of the selected one."""

from __future__ import annotations

import streamlit as st

from coverage.exports.columns import heading_of
from coverage.exports.landmarks import HAMLETS, POINTS, coverage_words, landmarks_of, landmarks_table
from coverage.language.reasons import people_range, state_word
from coverage.language.words import Words
from coverage.run.inputs import Inputs
from coverage.run.result import Analysis
from coverage.run.reweigh import ordered
from coverage.web import downloads, facts, office, session
from coverage.web.addresses import search_url
from coverage.web.context import MAP_URL, SIGNAL_URL, Context, Page, link_to
from coverage.web.fair_queue import fragment
from coverage.web.html import (
    Html,
    bar,
    capital,
    definition_list,
    figure,
    joined,
    mark,
    marks,
    people_marks,
    put,
    state_chip,
    swatch,
    table,
    tag,
)
from coverage.web.made_plan import made_plan
from coverage.web.map_page import print_view
from coverage.web.map_page.board import board_tables, show_board
from coverage.web.map_page.own_pockets import show_own_pockets
from coverage.web.map_page.search import search_name
from coverage.web.map_page.village_table import SHORT, filtered, show_villages, village_table
from coverage.web.maps.layers import visible
from coverage.web.maps.map_view import Click, show_map
from coverage.web.run_cache import cached_per_run
from coverage.web.tables import put_into_form, show_table

FILES = ("map.html", "map.png", "villages.gpkg", "map.kmz", "villages.geojson")
"""Files offered for download."""
BESIDE = "map_beside"
"""Session key: whether the table stands beside the map, not under it."""
ROWS_AT_ONCE = 1000
"""Villages up to which the table is sent anew with each click."""


def show(context: Context) -> None:
    """Render the page."""
    analysis, words = context.analysis, context.words
    rules = facts.rules_of(analysis)
    rule = session.rule(rules, analysis.parameters.default_rule)
    put(_strip(analysis, rule, words), key="strip")
    beside_map = bool(st.session_state.get(BESIDE))
    _map_and_table(context, rule, beside_map)
    if not beside_map and len(analysis.villages) > ROWS_AT_ONCE:
        _villages(context, rule)
    show_own_pockets(context)
    show_board(context)
    if analysis.landmarks is not None:
        _landmarks(visible(_under(context, rule), context.viewer), words)


def _under(context: Context, rule: str) -> Analysis:
    """The run with the rule of the map in the place of the office's: its files show what the screen shows."""
    analysis = context.analysis
    if rule == analysis.parameters.default_rule:
        return analysis
    return ordered(analysis, context.inputs, analysis.parameters.priority, rule).analysis


@fragment
def _map_and_table(context: Context, rule: str, beside_map: bool) -> None:
    """Fragment that a click reruns: the map, the facts, and the table, unless it is too long to be sent each time."""
    analysis, words = context.analysis, context.words
    as_page = rule, beside_map
    rules = facts.rules_of(analysis)
    if (session.rule(rules, analysis.parameters.default_rule), bool(st.session_state.get(BESIDE))) != as_page:
        st.rerun(scope="app")
    with st.container(key="map_and_facts"):
        _map_and_facts(context, rule, beside_map)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover(words("papers.take"), key="take_map"):
            downloads.offer(_under(context, rule), words, FILES, key="map")
        link_to(SIGNAL_URL, words("web.map.signal"))
    if not beside_map and len(analysis.villages) <= ROWS_AT_ONCE:
        _villages(context, rule)


def _villages(context: Context, rule: str) -> None:
    """The table under the map."""
    analysis = context.analysis
    chosen = session.village(set(analysis.villages["village_code_bps"]))
    show_villages(analysis, rule, context.words, chosen, lambda: _under(context, rule))


def _map_and_facts(context: Context, rule: str, beside_map: bool) -> None:
    analysis, words = context.analysis, context.words
    rules = facts.rules_of(analysis)
    code = session.village(set(analysis.villages["village_code_bps"]))
    picture, beside = st.columns([54, 46] if beside_map else [68, 32], gap="small")
    with beside, st.container(key="beside"):
        _choose_rule(context, list(rules), rule)
        st.toggle(words("web.table.beside"), key=BESIDE)
        if beside_map:
            with st.container(key="facts_and_table"):
                show_villages(analysis, rule, words, code, lambda: _under(context, rule), SHORT)
                put(_beside(context, code, rule), key="facts")
        else:
            put(_beside(context, code, rule), key="facts")
    with picture, st.container(key="map"):
        find = search_url(search_name(analysis, words, context.viewer))
        chosen = (rule, code, session.flight(), _clicked)
        years, kept = _plan_years(), filtered(analysis, rule)
        show_map(
            *(analysis, words, context.viewer, *chosen),
            legend_states=False,
            find=find,
            on_print=print_view.ask,
            years=years,
            kept=kept,
        )
    codes = analysis.villages["village_code_bps"]
    only = None if kept is None else frozenset(codes[kept.to_numpy()].astype(str))
    print_view.show(context, lambda: _under(context, rule), code, years, only)


def _plan_years() -> dict[str, int] | None:
    """In which year the visitor's plan serves each village of it, for the map's colours."""
    made = made_plan()
    rollout = None if made is None else made.planned.plan.rollout
    return None if rollout is None else dict(zip(rollout["village_code_bps"], rollout["year"].astype(int), strict=True))


def _clicked(click: Click) -> None:
    if click.asset:
        session.choose_asset(click.asset)
    elif click.village:
        session.choose_village(click.village)


def _choose_rule(context: Context, rules: list[str], rule: str) -> None:
    words = context.words
    st.selectbox(
        words("web.map.rule"),
        rules,
        index=rules.index(rule),
        key="rule_choice",
        placeholder="–",
        format_func=words.rule,
        help=words("web.map.rule_help"),
        on_change=lambda: session.choose_rule(st.session_state["rule_choice"]),
    )
    decided = context.decisions.settings.get("rule")
    kept = decided.value if decided and decided.value in rules else context.analysis.parameters.default_rule
    if rule == kept:
        office.show_decided(context, "rule")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="office_rule_other"):
        st.caption(words("office.rule_of_office", rule=words.rule(kept)))
        keep, told = words("office.keep_rule"), words("office.keep_rule_help")
        if office.may_decide() and st.button(keep, key="keep_rule", type="tertiary", help=told):
            office.decide(context, "rule", rule)
            st.rerun(scope="app")


@cached_per_run
def _strip(analysis: Analysis, rule: str, words: Words) -> Html:
    """Totals above the map."""
    chosen = facts.rules_of(analysis)[rule]
    answer = facts.summary(analysis, chosen)
    villages = tag("small", words("web.strip.villages"))
    cells = [
        figure(joined(swatch(state), capital(state_word(state, chosen, words))), words.number(count), " ", villages)
        for state, count in answer.counts.items()
    ]
    if answer.without_service is None:
        people = [words("web.strip.people_unknown")]
    else:
        told = words("web.strip.of_people", population=answer.population)
        of = tag("small", f"{told} {people_range(analysis.run, rule, words)}".strip())
        people = [words.number(answer.without_service), joined(" ", of)]
    rests_on = people_marks(analysis.run, words)
    cells.append(figure(joined(words("web.strip.without"), rests_on), *people, more="jk-people"))
    of = tag("small", words("web.strip.rule", rule=words.rule(rule)))
    heading = tag("h1", words("web.strip.title", region=facts.region_name(analysis, words)), of)
    return tag("section", heading, tag("dl", *cells), cls="jk-strip", aria_label=words("web.strip.label"))


def _beside(context: Context, code: str | None, rule: str) -> Html:
    asset = session.asset()
    shown = facts.asset_facts(context.analysis, context.viewer, asset, context.words) if asset else None
    if shown:
        return _asset(shown, context.words)
    if code is None:
        return _nothing_chosen(context.analysis, rule, context.words)
    seen = visible(context.analysis, context.viewer)
    return _village(seen, facts.village_facts(seen, code, rule, context.words), context.words)


def _official(analysis: Analysis, rule: str, words: Words) -> Html | None:
    """The official list held against the states on the map; nothing where there is no list, or the rule is the list."""
    evidence = analysis.evidence
    if evidence is None or facts.rules_of(analysis)[rule].is_list:
        return None
    listed = set(evidence.loc[evidence["kind"] == "official_list", "village_code_bps"].dropna())
    if not listed:
        return None
    states = analysis.states(rule)
    blank = set(states.index[states == "blank"])
    both = len(listed & blank)
    key = "web.facts.listed_all" if both == len(listed) else "web.facts.listed_some"
    counts = {"listed": len(listed), "blank": both, "rest": len(listed) - both, "others": len(blank - listed)}
    said = words(key, **counts)
    return tag("p", said, marks(analysis.run, words, "sample_assets"), cls="jk-hint jk-next")


@cached_per_run
def _nothing_chosen(analysis: Analysis, rule: str, words: Words) -> Html:
    ranked = rule == analysis.parameters.default_rule  # the order of another rule would be said of this one
    first = analysis.priority.head(5 if ranked else 0)
    columns = (first[name].astype(str) for name in ("rank", "village", "subdistrict", "village_code_bps"))
    rows = [
        [f"{rank}. {village}", subdistrict, code] for rank, village, subdistrict, code in zip(*columns, strict=True)
    ]
    heads = [words("web.table.village"), words("web.table.subdistrict"), words("web.table.code_bps")]
    no_list = tag("p", words("web.facts.no_assets"), cls="jk-hint jk-next") if analysis.assets is None else None
    return tag(
        "article",
        tag("p", words("web.facts.nothing"), cls="jk-hint"),
        tag("p", tag("a", words("manual.tour.start"), href="#tur"), cls="jk-tour-offer"),
        no_list,
        _official(analysis, rule, words),
        tag("h3", words("web.facts.first")) if rows else None,
        table(heads, rows, words("web.facts.first")) if rows else None,
        cls="jk-facts",
        tabindex="0",  # for the keys that scroll
    )


def _asset(shown: facts.AssetFacts, words: Words) -> Html:
    note = mark("sample_assets", words) if shown.sample else None
    head = tag("header", tag("h2", shown.name, note))
    return tag("article", head, definition_list(shown.pairs), cls="jk-facts", aria_live="polite", tabindex="0")


def _village(analysis: Analysis, village: facts.VillageProfile, words: Words) -> Html:
    sample = marks(analysis.run, words, "sample_assets")
    head = tag("header", tag("h2", village.name), tag("p", village.place), state_chip(village.state, village.told))
    estimated, drawn = (marks(analysis.run, words, name) for name in ("estimated_people", "approximate_boundaries"))
    pairs = [
        (words("web.facts.code_bps"), village.code),
        (words("web.facts.code_kemendagri"), village.kemendagri),
        (words("web.facts.population"), joined(village.population, estimated)),
        (words("web.facts.area"), joined(village.area, drawn)),
        (words("web.facts.rank"), village.rank),
    ]
    return tag(
        "article",
        head,
        definition_list(pairs),
        tag("p", village.rank_reason, cls="jk-reason") if village.rank_reason else None,
        tag("h3", words("web.facts.rules")),
        _rules(village, words),
        tag("h3", words("exports.fact.pockets"), sample, estimated) if village.pockets else None,
        tag("ul", *(tag("li", line) for line in village.pockets)) if village.pockets else None,
        tag("h3", words("landmarks.folder"), sample) if village.landmarks else None,
        tag("ul", *(tag("li", line) for line in village.landmarks)) if village.landmarks else None,
        tag("h3", words("web.facts.services"), sample),
        _services(village, words),
        tag("h3", words("web.facts.nearest"), sample),
        _nearest(village, words),
        tag("h3", words("web.facts.signal"), sample) if village.signal else None,
        definition_list(village.signal) if village.signal else None,
        tag("h3", words("web.facts.evidence")),
        tag("ul", *(tag("li", line) for line in village.evidence))
        if village.evidence
        else tag("p", words("web.facts.no_evidence"), cls="jk-hint"),
        cls="jk-facts",
        aria_live="polite",
        tabindex="0",
    )


def _rules(village: facts.VillageProfile, words: Words) -> Html:
    return tag(
        "ul",
        *(
            tag(
                "li",
                tag("span", fact.rule, cls="jk-rule"),
                state_chip(fact.state, fact.told),
                tag("span", fact.certainty, cls="jk-hint") if fact.certainty else None,
                tag("p", capital(fact.reason)),
            )
            for fact in village.rules
        ),
        cls="jk-rules",
    )


def _services(village: facts.VillageProfile, words: Words) -> Html:
    heads = [words("web.facts.service"), words("web.facts.share"), words("web.facts.people"), words("web.facts.centre")]
    rows = [
        [capital(fact.service), joined(bar(fact.share), words.share(fact.share)), fact.people, fact.centre]
        for fact in village.services
    ]
    return table(heads, rows, words("web.facts.services"), "jk-table jk-services")


def _nearest(village: facts.VillageProfile, words: Words) -> Html:
    if not village.nearest:
        return tag("p", words("web.facts.no_assets"), cls="jk-hint")
    rows = [[capital(kind), *distances] for kind, *distances in village.nearest]
    heads = [words("web.asset.kind"), words("web.facts.distance"), words("web.facts.by_road")][: len(rows[0])]
    return table(heads, rows, words("web.facts.nearest"))


def _landmarks(analysis: Analysis, words: Words) -> None:
    """Hamlets and service points in reach and out of it, under the rule of the map."""
    rule, near = words.rule(analysis.parameters.default_rule), words.number(analysis.parameters.pockets.near_m)
    for roles, title, remark in ((HAMLETS, "hamlets", "remark_hamlets"), (POINTS, "title", "remark")):
        found = landmarks_of(analysis, *roles)
        if found.empty:
            continue
        rows = landmarks_table(analysis, words, *roles)
        rows = rows.assign(state=coverage_words(found["kind"], found["state"], words)).rename(
            columns={"state": "coverage"}
        )
        shown = ("rank", "name", "kind", "village", "coverage", "certainty", "pocket", "electricity", "internet")
        frame = rows[[name for name in shown if name in rows and (name != "kind" or roles != HAMLETS)]]
        frame = frame.rename(columns={name: heading_of(name, words) for name in shown})
        numbers = dict.fromkeys((heading_of("rank", words), heading_of("pocket", words)), words.number)
        with st.expander(f"{words(f'landmarks.{title}')} ({words.number(len(rows))})"):
            st.caption(words(f"landmarks.{remark}", rule=rule, near=near))
            show_table(
                frame.astype({name: float for name in numbers if name in frame}),
                f"landmarks_{title}_{words.language}",
                words(f"landmarks.{title}"),
                {name: how for name, how in numbers.items() if name in frame},
            )


def _ahead(analysis: Analysis, _: Inputs, words: Words) -> None:
    rule = analysis.parameters.default_rule
    _strip(analysis, rule, words)
    _nothing_chosen(analysis, rule, words)
    put_into_form(village_table(analysis, rule, words), *board_tables(analysis, words))


PAGE = Page("map", MAP_URL, show, ahead=_ahead)
