"""Stability of the ranking, and two villages side by side."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.language.reasons import rank_reason
from coverage.language.words import Words
from coverage.ranking.priority import Decision, compare_methods, compare_villages, neighbour_swaps
from coverage.run.result import Analysis
from coverage.web import order_choice
from coverage.web.charts import INK
from coverage.web.html import capital, put, table, tag
from coverage.web.priority_page.order_settings import label
from coverage.web.tables import fixed, show_table

SHOWN = 20
"""Villages in the chart."""
YES_NO = ("centre_unserved", "officially_listed", "single_operator")
BLUE, PALE = "#1F5A86", "#BFD3E3"


def stability(analysis: Analysis, decision: Decision, words: Words) -> None:
    """Rank ranges, swaps of neighbours, agreement of methods."""
    parameters = analysis.parameters.priority
    left, right = st.columns(2)
    for column, key, value, low, high, step in (
        (left, order_choice.SPREAD, round(parameters.spread * 100), 5, 100, 5),
        (right, order_choice.FIRST, parameters.first, 1, max(2, len(analysis.priority)), 1),
    ):
        if key not in st.session_state:
            st.session_state[key] = min(max(value, low), high)
        with column:
            st.slider(words(f"order.stability.{key}"), low, high, step=step, key=key, persist_state="session")
    drawn = words("priority.rule.range", spread=words.percent(parameters.spread), draws=parameters.draws)
    st.caption(drawn + " " + words("order.stability.seed", seed=str(parameters.seed)))
    _ranges(analysis, words)
    _swaps(analysis, decision, words)
    _agreement(analysis, decision, words)


def _ranges(analysis: Analysis, words: Words) -> None:
    """Rank range with the rank marked, and the frequency among the first k."""
    first = analysis.priority.head(SHOWN)
    order = [f"{rank}. {village}" for rank, village in zip(first["rank"], first["village"], strict=True)]
    share = [words.percent(value) for value in first["share_first_k"]]
    k = words.number(analysis.parameters.priority.first)
    rows = pd.DataFrame(
        {
            "village": order,
            "rank": first["rank"],
            "best": first["rank_best"],
            "worst": first["rank_worst"],
            "from": first["rank_best"] - 0.4,
            "to": first["rank_worst"] + 0.4,
            "share": share,
            "said": [
                words("order.stability.said", village=village, best=best, worst=worst, share=often, k=k)
                for village, best, worst, often in zip(
                    order, first["rank_best"], first["rank_worst"], share, strict=True
                )
            ],
        }
    )
    put(tag("h2", words("order.stability.ranges", count=len(first))))
    most = float(rows["to"].max()) + 2.5
    axis = alt.Axis(labelLimit=260, labelOverlap=False)
    base = alt.Chart(rows).encode(
        y=alt.Y("village:N", sort=order, title=None, axis=axis),
        description=alt.Description("said:N"),
        tooltip=[alt.Tooltip("said:N", title=words("order.stability.ranges_of"))],
    )
    scale = alt.Scale(domain=[0.5, most], nice=False)
    bars = base.mark_bar(color=PALE, height=12).encode(
        x=alt.X(
            "from:Q", title=words("web.table.rank"), scale=scale, axis=alt.Axis(format="d", tickMinStep=1, orient="top")
        ),
        x2="to:Q",
    )
    ticks = base.mark_tick(color=BLUE, thickness=3, height=16).encode(x="rank:Q")
    often = base.mark_text(align="left", dx=6, color="#1B2733").encode(x="to:Q", text="share:N")
    chart = alt.layer(bars, ticks, often).properties(height=22 * len(first) + 60).configure_axis(**INK)
    with st.container(key="ranges"):
        st.altair_chart(chart, width="stretch")
        st.caption(words("order.stability.read", k=k))


def _swaps(analysis: Analysis, decision: Decision, words: Words) -> None:
    put(tag("h2", words("order.swaps.title")))
    found = neighbour_swaps(decision)
    if found.empty:
        st.caption(words("order.swaps.none"))
        return
    names, ranks = _names(analysis), analysis.priority.set_index("village_code_bps")["rank"]
    found = found.assign(size=found["change"].abs())
    weighted = found.assign(rank=found["upper"].map(ranks)).sort_values("rank")
    write = fixed(words, 3)
    change = words("order.swaps.change")
    frame = pd.DataFrame(
        {
            words("order.swaps.upper"): weighted["upper"].map(names).to_numpy(),
            words("order.swaps.lower"): weighted["lower"].map(names).to_numpy(),
            words("web.priority.criterion"): [label(name, words) for name in weighted["criterion"]],
            words("order.swaps.weight"): weighted["weight"].to_numpy(),
            words("order.swaps.weight_swap"): weighted["weight_swap"].to_numpy(),
            change: weighted["size"].to_numpy(),
        }
    )
    formats = {
        words("order.swaps.weight"): write,
        words("order.swaps.weight_swap"): write,
        change: lambda value: words.percent(value, 1),
    }
    st.caption(words("order.swaps.help"))
    show_table(frame, f"swaps_{words.language}", words("order.swaps.title"), formats, rows_shown=8)


def _agreement(analysis: Analysis, decision: Decision, words: Words) -> None:
    put(tag("h2", words("order.agreement.title")))
    ranks, pairs = compare_methods(decision)
    rows = [
        [f"{_method(one, words)} – {_method(other, words)}", words.number(kendall, 2), words.number(spearman, 2)]
        for one, other, kendall, spearman in pairs.itertuples(index=False, name=None)
    ]
    st.caption(words("order.agreement.help"))
    put(table([words("order.agreement.pair"), "Kendall τ", "Spearman ρ"], rows, words("order.agreement.title")))
    names = _names(analysis)
    first = analysis.priority["village_code_bps"].head(10)
    heads = [words("web.table.village"), *(_method(method, words) for method in ranks.columns)]
    put(
        table(
            heads,
            [[names[code], *(words.number(rank) for rank in ranks.loc[code].astype(float))] for code in first],
            words("order.agreement.ranks"),
        )
    )


def _method(name: str, words: Words) -> str:
    return words(f"priority.method.{name}").split(" (")[0]


def _names(analysis: Analysis) -> dict[str, str]:
    ranked = analysis.priority
    return dict(zip(ranked["village_code_bps"], ranked["village"] + ", " + ranked["subdistrict"], strict=True))


def side_by_side(analysis: Analysis, decision: Decision, words: Words) -> None:
    """Two villages, criterion by criterion, the most separating first."""
    ranked = analysis.priority.set_index("village_code_bps")
    if len(ranked) < 2:
        st.info(words("order.compare.too_few"))
        return
    codes, names = [str(code) for code in ranked.index], _names(analysis)
    captions = {code: f"{rank}. {names[code]}" for code, rank in zip(codes, ranked["rank"], strict=True)}
    for key, start in (("compare_first", codes[0]), ("compare_second", codes[1])):
        if st.session_state.get(key) not in codes:
            st.session_state[key] = start
    left, right = st.columns(2)
    for column, key in ((left, "compare_first"), (right, "compare_second")):
        with column:
            st.selectbox(
                words(f"order.compare.{key}"), codes, key=key, persist_state="session", format_func=captions.__getitem__
            )
    first, second = st.session_state["compare_first"], st.session_state["compare_second"]
    if first == second:
        st.info(words("order.compare.same"))
        return
    found = compare_villages(decision, first, second)
    put(tag("p", _verdict(ranked, found, first, second, words), cls="jk-next"))
    one, other = ranked.loc[first], ranked.loc[second]
    write = fixed(words, 3)
    rows = [
        [words("web.table.rank"), "", words.number(one["rank"]), words.number(other["rank"]), ""],
        [words("web.priority.range"), "", _range(one, words), _range(other, words), ""],
        [
            words("web.priority.score"),
            "",
            write(one["score"]),
            write(other["score"]),
            write(one["score"] - other["score"]),
        ],
    ]
    for row in found.to_dict("records"):
        name = row["criterion"]
        rows.append(
            [
                label(name, words),
                words.percent(row["weight"], 1),
                f"{_raw(name, row['value_first'], words)} · {write(row['part_first'])}",
                f"{_raw(name, row['value_second'], words)} · {write(row['part_second'])}",
                write(row["difference"]),
            ]
        )
    rows.append(
        [
            words("web.priority.reason"),
            "",
            capital(rank_reason(one["reasons"], words)),
            capital(rank_reason(other["reasons"], words)),
            "",
        ]
    )
    heads = [
        words("web.priority.criterion"),
        words("order.weight"),
        names[first],
        names[second],
        words("order.compare.difference"),
    ]
    with st.container(key="side_by_side"):
        put(table(heads, rows, words("order.compare.title"), "jk-table jk-compare"))
    st.caption(words("order.compare.read"))


def _range(row: Any, words: Words) -> str:
    return f"{words.number(row['rank_best'])}–{words.number(row['rank_worst'])}"


def _raw(name: str, value: float, words: Words) -> str:
    """A raw value in its unit; a dash where not known."""
    if value != value:
        return "–"
    if name in YES_NO:
        return words("order.yes" if value else "order.no")
    if name == "share_unserved":
        return words.share(value)
    return words.distance(value) if name == "distance_to_connection_m" else words.number(value, 2 if value < 100 else 0)


def _verdict(ranked: pd.DataFrame, found: pd.DataFrame, first: str, second: str, words: Words) -> str:
    """Which of the two ranks first, and what speaks for and against."""
    ranks = ranked["rank"].astype(int)
    first_ahead = int(ranks[first]) < int(ranks[second])
    ahead, behind = (first, second) if first_ahead else (second, first)
    difference = found["difference"] * (1 if first_ahead else -1)
    speaks_for = [label(name, words).lower() for name in found["criterion"][difference > 1e-9]][:2]
    against = [label(name, words).lower() for name in found["criterion"][difference < -1e-9]][:2]
    said = words("order.compare.verdict", ahead=ranked.at[ahead, "village"], behind=ranked.at[behind, "village"])
    if speaks_for:
        said += " " + words("order.compare.for", criteria=", ".join(speaks_for))
    if against:
        said += " " + words("order.compare.against", village=ranked.at[behind, "village"], criteria=", ".join(against))
    return said
