"""Reports from phones on page Data: the latest with their photos, and marking those that are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from coverage.language.words import Words
from coverage.store import Actor, Store, may
from coverage.villages_served.field_reports import villages_of_reports
from coverage.web import messages, store_access
from coverage.web.addresses import field_url, photo_url
from coverage.web.context import Context
from coverage.web.html import Html, joined, put, scrolling, table, tag

Row = Mapping[Any, Any]
MOST = 50
"""Reports in the table, the latest."""


def show(context: Context) -> None:
    """Render the reports, for who may see evidence."""
    words, who = context.words, store_access.who()
    store = store_access.opened_store().store
    if store is None or not may(who, "view_evidence"):
        return
    put(tag("h3", words("data.reports.title")))
    link = tag("a", words("data.reports.page"), href=field_url(context.region), target="_blank")
    put(tag("p", words("data.reports.about"), " ", link, cls="jk-hint"))
    wrong = st.toggle(words("data.reports.wrong"), key="reports_wrong")
    reports = store.reports.table(context.region, who, wrong)
    if reports.empty:
        put(tag("p", words("data.reports.none"), cls="jk-hint"))
        return
    shown = reports.iloc[::-1].head(MOST)
    villages = context.analysis.villages
    names = villages.set_index("village_code_bps")["village"]
    shown = shown.assign(village=villages_of_reports(shown, villages).map(names).fillna("–"))
    put(scrolling(_table(shown, words)), key="reports_table")
    if len(reports) > MOST:
        st.caption(words("data.reports.latest", shown=MOST, count=len(reports)))
    if store.database.writable and may(who, "withdraw_evidence"):
        _marking(shown, wrong, store, words)


def _table(shown: pd.DataFrame, words: Words) -> Html:
    heads = [words(f"data.reports.head.{name}") for name in ("made_at", "place", "signal", "photos", "note", "sent_by")]
    parts = (_place, _signals, _photos)
    rows = [
        (words.moment(row["made_at"]), *(part(row, words) for part in parts), row["note"] or "–", row["sent_by"])
        for row in shown.to_dict("records")
    ]
    return table(heads, rows, words("data.reports.title"))


def _place(row: Row, words: Words) -> Html:
    where = ", ".join(part for part in (row["village"], row["hamlet"]) if part)
    if pd.isna(row["lon"]):
        return joined(where, tag("br"), tag("small", words("data.reports.no_fix")))
    at = f"{row['lat']:.5f}, {row['lon']:.5f} ± {words.number(row['accuracy_m'])} m"
    return joined(where, tag("br"), tag("small", at))


def _signals(row: Row, words: Words) -> Html:
    lines = []
    for heard in row["signals"]:
        figures = [("dBm", heard["rsrp_dbm"]), ("Mbit/s", heard["mbit_s"])]
        told = ", ".join(f"{words.number(value, 1)} {unit}" for unit, value in figures if value is not None)
        lines.append(f"{heard['operator']}: {words('field.page.' + heard['signal'])}" + (f" ({told})" if told else ""))
    return joined(*(tag("div", line) for line in lines))


def _photos(row: Row, words: Words) -> Html | str:
    """Photos that arrived, with what their EXIF tells, and how many are still on the phone."""
    shown = []
    for photo in row["photos"]:
        if photo["received_at"] is None:
            continue
        told = [words.moment(photo["taken_at"])] if photo["taken_at"] else []
        told += [f"{photo['lat']:.5f}, {photo['lon']:.5f}"] if photo["lat"] is not None else []
        title = " · ".join(told) or words("data.reports.no_exif")
        picture = tag("img", src=photo_url(photo["photo_id"]), alt=title, title=title, height="64", loading="lazy")
        shown.append(tag("a", picture, href=photo_url(photo["photo_id"]), target="_blank"))
    missing = len(row["photos"]) - len(shown)
    waiting = tag("small", words("data.reports.waiting", count=missing)) if missing else None
    return joined(*shown, waiting) if row["photos"] else "–"


def _marking(shown: pd.DataFrame, wrong: bool, store: Store, words: Words) -> None:
    """Mark reports as wrong, with a reason, or let them count again."""
    labels: dict[str, str] = {
        row["report_id"]: f"{words.moment(row['made_at'])} · {row['village']} · {row['sent_by']}"
        for row in shown.to_dict("records")
    }
    chosen = st.multiselect(
        words("data.reports.which"), list(labels), format_func=labels.__getitem__, key=f"reports_chosen_{wrong}"
    )
    why = None if wrong else st.text_input(words("data.reports.why"), key="reports_why")
    label = words("data.reports.right_again" if wrong else "data.reports.mark")
    if st.button(label, disabled=not chosen or (not wrong and not why), key="reports_mark"):
        with messages.shown_refusal(words):
            who: Actor = store_access.acting()
            count = store.reports.mark_wrong(chosen, not wrong, who, why)
            messages.keep("data", words("data.reports.marked", count=count))
            st.rerun()
