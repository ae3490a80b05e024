"""Settings of the ranking: criteria, method, weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.parameters import Criterion, PriorityParameters
from coverage.language.words import Words
from coverage.ranking.priority import Decision
from coverage.ranking.scoring import decision_methods
from coverage.ranking.weights import CONSISTENCY_LIMIT, most_contradictory, pairwise_matrix, pairwise_weights
from coverage.readers.apart import read_apart
from coverage.run.inputs import Inputs, with_criteria
from coverage.web import order_choice
from coverage.web.html import Html, as_label, bar, capital, joined, put, table, tag
from coverage.web.uploads import as_file, uploader
from coverage.web.widgets import kept_choice, start

DIRECTIONS = ("more_is_urgent", "less_is_urgent")
TRANSFORMATIONS = ("linear", "square_root", "logarithm")
WEIGHTINGS = ("chosen", "pairwise", "entropy")
ALL_PAIRS_FROM = 15
"""Most comparisons shown at once; beyond, those of one criterion at a time."""


def weights(chosen: order_choice.OrderChoice, own: PriorityParameters, words: Words) -> None:
    """Weights: sliders in hundredths, or the computed ones (comparisons, entropy)."""
    put(tag("h2", words("web.priority.weights")))
    if chosen.priority.weighting == "chosen":
        for criterion in chosen.available:
            if criterion.name in {used.name for used in chosen.priority.criteria}:
                weight = round(criterion.weight * 100)
                key = f"weight_{criterion.name}"
                start(key, weight)
                st.slider(as_label(label(criterion.name, words)), 0, max(100, weight), key=key, persist_state="session")
    else:
        st.caption(words(f"order.weights_from.{chosen.priority.weighting}"))
    st.button(
        words("web.priority.reset"),
        on_click=order_choice.reset,
        args=(chosen.available, own),
        width="stretch",
        disabled=not chosen.changed,
        help=None if chosen.changed else words("web.priority.reset_help"),
    )
    if chosen.priority.weighting == "chosen":
        st.caption(words("web.priority.weights_help"))


def computed_weights(decision: Decision, words: Words) -> Html:
    """Weights in force as bars."""
    rows = [
        [label(str(name), words), joined(bar(float(weight)), words.percent(float(weight), 1))]
        for name, weight in decision.weights.items()
    ]
    return table([words("web.priority.criterion"), words("order.weight")], rows, words("web.priority.weights"))


def settings(chosen: order_choice.OrderChoice, inputs: Inputs, words: Words) -> None:
    """Criteria, method and weighting."""
    put(tag("h2", words("order.criteria.title")))
    names = [criterion.name for criterion in chosen.available]
    start(order_choice.USED, [criterion.name for criterion in chosen.priority.criteria])
    st.session_state[order_choice.USED] = [one for one in st.session_state[order_choice.USED] if one in names]
    st.multiselect(
        words("order.criteria.used"),
        names,
        key=order_choice.USED,
        persist_state="session",
        format_func=lambda name: label(name, words),
        placeholder=words("order.criteria.none"),
    )
    for criterion in chosen.priority.criteria:
        _criterion(criterion, words)
    with st.expander(words("order.own.title"), key="own_figures_box"):
        _own_figures(inputs, words)
    put(tag("h2", words("order.method.title")))
    left, right = st.columns(2)
    with left:
        methods, told = list(decision_methods()), words("order.method.help")
        key, method = order_choice.METHOD, chosen.priority.method
        kept_choice(words, words("order.method.label"), methods, "priority.method", key, method, help=told)
    with right:
        key, weighting = order_choice.WEIGHTING, chosen.priority.weighting
        kept_choice(words, words("order.method.weighting"), WEIGHTINGS, "priority.weighting", key, weighting)
    if chosen.priority.method != "weighted_sum":
        method = words(f"priority.method.{chosen.priority.method}")
        st.info(words("priority.warning.unlike_weighted_sum", method=method))
    if st.session_state[order_choice.WEIGHTING] == "pairwise":
        _pairwise(chosen.priority, words)
    with st.expander(words("order.rules")):
        for rule in ("scale", "missing"):
            st.markdown(words(f"priority.rule.{rule}"))


def label(name: str, words: Words) -> str:
    """Capitalised name of a criterion."""
    return capital(words.criterion(name))


def _criterion(criterion: Criterion, words: Words) -> None:
    """Source, direction and transformation of a criterion."""
    name = criterion.name
    with st.container():
        about, direction, transformation = st.columns([44, 28, 28], vertical_alignment="center")
        with about:
            unit = words.label("order.unit", criterion.unit)
            source = words("order.criteria.source", source=words.source(criterion.source))
            said = tag("strong", label(name, words)), f" ({unit})" if unit else None, tag("br"), tag("small", source)
            put(tag("p", *said, cls="jk-criterion"))
        for place, what, names, now in (
            (direction, "direction", DIRECTIONS, criterion.direction),
            (transformation, "transformation", TRANSFORMATIONS, criterion.transformation),
        ):
            with place:
                title = words(f"order.criteria.{what}_of", criterion=label(name, words))
                key = f"{what}_{name}"
                kept_choice(words, title, names, f"order.{what}", key, now, label_visibility="collapsed")


def _own_figures(inputs: Inputs, words: Words) -> None:
    """Upload of a table by village code, or of points of facilities."""
    st.markdown(words("order.own.help"))
    left, right = st.columns(2)
    for column, what, kinds in (
        (left, "table", ["csv", "tsv", "xlsx", "xls", "ods"]),
        (right, "facilities", ["csv", "xlsx", "geojson", "json", "gpkg", "kml", "kmz", "zip"]),
    ):
        with column:
            uploader(
                words,
                words(f"order.own.{what}"),
                type=kinds,
                key=f"own_{what}",
                on_change=_take_in(what, inputs, words),
            )
    ratio_text = st.session_state.pop("own_told", None)
    if ratio_text:
        (st.success if ratio_text[0] else st.error)(as_label(ratio_text[1]))
    files = order_choice.own_files()
    if files:
        st.caption(as_label(words("order.own.there", files=", ".join(sorted(files)))))


def _take_in(what: str, inputs: Inputs, words: Words) -> Callable[[], None]:
    def take_in() -> None:
        upload = st.session_state.get(f"own_{what}")
        if upload is None:
            return
        before = order_choice.with_own(inputs)
        try:
            with as_file(upload) as path:
                found = read_apart(with_criteria, before, **{what: path})
            after = replace(before, criteria=found.criteria, files=found.files, notes=found.notes)
        except JangkauError as error:
            st.session_state["own_told"] = (False, words.error(error))
            return
        order_choice.keep_own(before, after)
        assert after.criteria is not None
        added = (
            ["facilities"]
            if what == "facilities"
            else [
                name
                for name in after.criteria.columns
                if before.criteria is None or name not in before.criteria.columns
            ]
        )
        used = st.session_state.get(order_choice.USED)
        if used is not None:
            st.session_state[order_choice.USED] = [*used, *(name for name in added if name not in used)]
        names = ", ".join(label(name, words) for name in added)
        st.session_state["own_told"] = (True, words("order.own.taken", names=names))

    return take_in


def _pairwise(priority: PriorityParameters, words: Words) -> None:
    """Pairwise comparisons, their weights and consistency."""
    names = [criterion.name for criterion in priority.criteria]
    put(tag("h2", words("order.pairs.title")))
    if len(names) > order_choice.MOST_COMPARED:
        st.warning(words("order.pairs.too_many", limit=str(order_choice.MOST_COMPARED)))
        return
    if len(names) < 2:
        st.info(words("order.pairs.too_few"))
        return
    st.caption(words("order.pairs.help"))
    pairs = list(combinations(names, 2))
    if len(pairs) > ALL_PAIRS_FROM:
        first = st.selectbox(
            words("order.pairs.of"),
            names[:-1],
            key="pairs_of",
            persist_state="session",
            format_func=lambda name: label(name, words),
        )
        shown = [pair for pair in pairs if pair[0] == first]
    else:
        shown = pairs
    given = {(one.first, one.second): order_choice.step_of(one.times) for one in priority.comparisons}
    columns = st.columns(2, gap="large")
    for position, (one, other) in enumerate(shown):
        with columns[position % 2]:
            _pair(one, other, given.get((one, other), 0), words)
    _consistency(names, priority, words)


def _pair(one: str, other: str, step: int, words: Words) -> None:
    key = order_choice.pair_key(one, other)
    start(key, step)
    first, second = label(one, words), label(other, words)

    def ratio_text(value: int) -> str:
        if value == 0:
            return words("order.pairs.equal")
        return words("order.pairs.more", criterion=first if value > 0 else second, times=str(abs(value) + 1))

    st.select_slider(
        as_label(words("order.pairs.pair", first=first, second=second)),
        list(range(8, -9, -1)),
        key=key,
        format_func=ratio_text,
        persist_state="session",
    )


def _consistency(names: Sequence[str], priority: PriorityParameters, words: Words) -> None:
    matrix = pairwise_matrix(list(names), {(one.first, one.second): one.times for one in priority.comparisons})
    found = pairwise_weights(matrix)
    ratio = words.number(found.consistency_ratio, 2)
    if found.consistent:
        st.success(words("order.pairs.consistent", ratio=ratio, limit=words.number(CONSISTENCY_LIMIT, 1)))
    else:
        i, j, fits = most_contradictory(matrix)
        st.warning(
            words("priority.warning.inconsistent", ratio=ratio)
            + " "
            + as_label(
                words(
                    "order.pairs.look_at",
                    first=label(names[i], words),
                    second=label(names[j], words),
                    given=_times(matrix[i, j], words),
                    fits=_times(fits, words),
                )
            )
        )
    rows = [
        [
            label(name, words),
            *(_times(matrix[i, j], words) if j > i else "" for j in range(len(names))),
            words.percent(float(found.weights[i]), 1),
        ]
        for i, name in enumerate(names)
    ]
    heads = ["", *(str(position + 1) for position in range(len(names))), words("order.weight")]
    rows = [[f"{position + 1}. {row[0]}", *row[1:]] for position, row in enumerate(rows)]
    with st.container(key="pairs_table"):
        put(table(heads, rows, words("order.pairs.title")))


def _times(times: float, words: Words) -> str:
    return words.number(times, 1) if times >= 1 else f"1/{words.number(1 / times, 1)}"
