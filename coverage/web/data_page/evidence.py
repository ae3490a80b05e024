"""Evidence on page Data: lists in use, removing one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coverage.base.field_report import SOURCE
from coverage.language.words import Words
from coverage.places.regencies import REGENCY_CODE
from coverage.store import Actor, Store
from coverage.store.region_files import RegionFiles
from coverage.web import messages, store_access
from coverage.web.html import as_label, put, table

SURE = ("agreed", "spelling")


def lists_of(evidence: pd.DataFrame | None) -> pd.DataFrame:
    """Lists behind the evidence: ``list, source, kind, date, rows, unsure, kept``, one row a list.

    ``list`` is the prefix of the identifiers of its rows; ``kept`` whether the store holds it.
    """
    columns = ["list", "source", "kind", "date", "rows", "unsure", "kept"]
    evidence = None if evidence is None else evidence[evidence["kind"] != "hint"]  # a kind of data of their own
    if evidence is None or evidence.empty:
        return pd.DataFrame(columns=columns)
    name = evidence["evidence_id"].str.rsplit(":", n=1).str[0]
    frame = evidence.assign(list=name, unsure=~evidence["match"].isin(SURE))
    first = {column: (column, "first") for column in ("source", "kind", "date")}
    made = frame.groupby("list", sort=True).agg(**first, rows=("list", "size"), unsure=("unsure", "sum")).reset_index()
    return made.assign(kept=made["list"].str.match(rf"(?:{REGENCY_CODE.pattern})/[0-9a-f]{{12}}/"))[columns]


def show(files: RegionFiles | None, evidence: pd.DataFrame | None, who: Actor, words: Words) -> None:
    """Render the lists; ``files`` is None where lists were given at the start."""
    found = lists_of(evidence)
    if found.empty:
        st.info(words("data.evidence.none"))
    else:
        heads = [words(f"data.evidence.{name}") for name in ("list", "kind", "date", "rows", "unsure")]
        rows = []
        for row in found.to_dict("records"):
            kind, counts = (
                words(f"core.evidence.{row['kind']}"),
                (words.number(row[name]) for name in ("rows", "unsure")),
            )
            rows.append((row["source"] or row["list"], kind, words.date(row["date"]), *counts))
        put(table(heads, rows, words("data.evidence.caption")))
    store = store_access.opened_store().store
    if store is None or not store.database.writable:
        return
    with st.container(horizontal=True):
        _removing(found, files, evidence, store, who, words)


def _removing(
    found: pd.DataFrame,
    files: RegionFiles | None,
    evidence: pd.DataFrame | None,
    store: Store,
    who: Actor,
    words: Words,
) -> None:
    """Buttons to remove lists, and to restore the one that ships."""
    for position, row in enumerate(found.itertuples(index=False)):
        if row.list == SOURCE or (not row.kept and files is None):
            continue  # reports are marked one by one, by those who see them
        label = words("data.evidence.remove", name=as_label(str(row.source or row.list)))
        if st.button(label, key=f"evidence_remove_{position}"):
            if row.kept and evidence is not None:
                ids = evidence["evidence_id"][evidence["evidence_id"].str.rsplit(":", n=1).str[0] == row.list]
                store.evidence.withdraw(ids.tolist(), who)
            elif files is not None:
                files.put("evidence", [], {"origin": "upload", "title": ""}, who)
            messages.keep("data", words("data.evidence.removed"))
            st.rerun()
    if files is not None and files.current("evidence") and st.button(words("data.evidence.shipped_again")):
        files.remove("evidence", who)
        st.rerun()
