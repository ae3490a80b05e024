"""Uncertain repairs: shown on a map before and after, accepted singly or all of a kind."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from coverage.imports.repairs import Offer
from coverage.imports.report import offer_sentence
from coverage.imports.result import Interpretation
from coverage.language.words import Words
from coverage.web.html import as_label, capital, put, tag
from coverage.web.import_page import import_draft, markers
from coverage.web.import_page.import_draft import Draft

AT_ONCE = 8
"""Rows of a kind per page."""
LABELS = ("name", "asset_id", "village", "address")


def show(context: Any, draft: Draft, base: Interpretation, words: Words) -> None:
    """Render the offers by kind, beside the map."""
    offered = base.refused[base.refused["offer"].notna()].reset_index(drop=True)
    if offered.empty:
        return
    codes = offered["offer"].map(lambda offer: offer.code)
    put(tag("h3", words("import_page.repairs.title", count=len(offered))))
    st.caption(words("import_page.repairs.help"))
    left, right = st.columns([48, 52], gap="medium")
    with left:
        for code in codes.unique():
            _kind(draft, code, offered[codes == code], base, words)
    accepted = [
        code in draft.repairs or int(row) in draft.repaired for code, row in zip(codes, offered["row"], strict=True)
    ]
    before, after = markers.memoised_marks(
        draft,
        "offer_marks",
        (import_draft.checked_key(draft), words.language),
        lambda: markers.of_offers(offered, accepted, base.raw, words),
    )
    with right:
        for name, marks in (("before", before), ("after", after)):
            if marks:
                with st.container(key=f"import_repair_map_{name}"):
                    put(tag("p", words(f"import_page.group.{name}"), cls="jk-field"))
                    context.show_map(f"repair_map_{name}", marks=marks)


def _kind(draft: Draft, code: str, rows: pd.DataFrame, base: Interpretation, words: Words) -> None:
    """One kind of repair: accept all, or row by row."""
    what = capital(", ".join(words(f"imports.offer.{part}") for part in code.split("+")))
    whole = code in draft.repairs
    with st.container(border=True, key=f"import_repair_{code.replace('+', '_')}"):
        st.markdown(f"**{as_label(what)}** ({words('import_page.rows_count', count=len(rows))})")
        st.button(
            words("import_page.repairs.none") if whole else words("import_page.repairs.all", count=len(rows)),
            key=draft.key(f"all_{code}"),
            on_click=_all,
            args=(draft, code, [int(row) for row in rows["row"]]),
        )
        pages = -(-len(rows) // AT_ONCE)
        page = 1
        if pages > 1:
            page = int(
                st.number_input(words("import_page.page_of", pages=pages), 1, pages, 1, key=draft.key(f"page_{code}"))
            )
        for line in rows.iloc[(page - 1) * AT_ONCE : page * AT_ONCE].to_dict("records"):
            row = int(line["row"])
            st.checkbox(
                as_label(_repair_text(line, base, words)),
                value=whole or row in draft.repaired,
                disabled=whole,
                key=draft.key(f"row_{row}_{whole}"),
                on_change=_one,
                args=(draft, row),
            )


def _repair_text(line: dict[Any, Any], base: Interpretation, words: Words) -> str:
    """As written, and the repaired place."""
    offer: Offer = line["offer"]
    details = line["details"]
    row = base.raw.row_text(int(line["row"]))
    return words(
        "import_page.repairs.row",
        row=row,
        name=label_of(line["values"], base)[:40],
        written=f"{details.get('lat', '–')}; {details.get('lon', '–')}",
        after=offer_sentence(offer, words).rpartition(": ")[2],
    )


def _all(draft: Draft, code: str, rows: list[int]) -> None:
    draft.repairs = draft.repairs ^ {code}
    draft.repaired = draft.repaired - set(rows)


def _one(draft: Draft, row: int) -> None:
    draft.repaired = draft.repaired ^ {row}


def label_of(values: dict[str, str], found: Interpretation) -> str:
    """Label of a refused row: its name, code, village or address."""
    for field in LABELS:
        text = values.get(found.choices.columns.get(field, ""), "")
        if text:
            return text
    return next((text for text in values.values() if text), "–")
