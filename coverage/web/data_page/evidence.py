"""Evidence on page Data: lists in use, adding one, removing one."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from coverage.base.schema import EVIDENCE
from coverage.imports.evidence_lists import read_evidence
from coverage.imports.list_options import REPORTS, Record
from coverage.imports.places import Region
from coverage.imports.villages import CLAIMS
from coverage.language.words import Words
from coverage.places.regencies import REGENCY_CODE
from coverage.readers.apart import read_apart
from coverage.store import Actor, Store, may
from coverage.store.region_files import SUFFIXES, RegionFiles
from coverage.web import messages, store_access
from coverage.web.context import Context
from coverage.web.data_page.data_trial import checked_date, next_round
from coverage.web.html import as_label, capital, put, table, tag

SURE = ("agreed", "spelling")


def lists_of(evidence: pd.DataFrame | None) -> pd.DataFrame:
    """Lists behind the evidence: ``list, source, kind, date, rows, unsure, kept``, one row a list.

    ``list`` is the prefix of the identifiers of its rows; ``kept`` whether the store holds it.
    """
    columns = ["list", "source", "kind", "date", "rows", "unsure", "kept"]
    if evidence is None or evidence.empty:
        return pd.DataFrame(columns=columns)
    name = evidence["evidence_id"].str.rsplit(":", n=1).str[0]
    frame = evidence.assign(list=name, unsure=~evidence["match"].isin(SURE))
    first = {column: (column, "first") for column in ("source", "kind", "date")}
    made = frame.groupby("list", sort=True).agg(**first, rows=("list", "size"), unsure=("unsure", "sum")).reset_index()
    return made.assign(kept=made["list"].str.match(rf"(?:{REGENCY_CODE.pattern})/[0-9a-f]{{12}}/"))[columns]


def read_list(
    upload: UploadedFile, code: str, villages: gpd.GeoDataFrame, kind: Record, claim: str, dated: str
) -> pd.DataFrame:
    """Read an uploaded list as evidence (:data:`coverage.base.schema.EVIDENCE`), or refuse it or its date."""
    dated = checked_date(dated)
    suffix = Path(upload.name).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        path = Path(folder) / f"daftar{suffix if suffix in SUFFIXES['evidence'] else ''}"
        path.write_bytes(upload.getbuffer())
        name = re.sub(r"[\x00-\x1f\x7f/:]", "_", upload.name)[:120]
        found = read_apart(read_evidence, path, Region(villages), kind, claim, dated or None, name)
    begins = f"{code}/{hashlib.sha256(upload.getbuffer()).hexdigest()[:12]}"
    number = found["evidence_id"].str.rsplit(":", n=1).str[1]
    return found.assign(evidence_id=f"{begins}/{name}:" + number, source=name)


def show(
    context: Context, code: str, files: RegionFiles | None, evidence: pd.DataFrame | None, who: Actor | None
) -> None:
    """Render the lists and the upload form; ``files`` is None where lists were given at the start."""
    words, found = context.words, lists_of(evidence)
    if found.empty:
        st.info(words("data.evidence.none"))
    else:
        heads = [words(f"data.evidence.{name}") for name in ("list", "kind", "date", "rows", "unsure")]
        rows = []
        for row in found.to_dict("records"):
            kind, counts = (
                words(f"web.evidence.{row['kind']}"),
                (words.number(row[name]) for name in ("rows", "unsure")),
            )
            rows.append((row["source"] or row["list"], kind, words.date(row["date"]), *counts))
        put(table(heads, rows, words("data.evidence.caption")))
    store = store_access.opened_store().store
    if store is None or not store.database.writable or not may(who, "add_evidence"):
        return
    assert who is not None
    with st.container(horizontal=True):
        _removing(found, files, evidence, store, who, words)
    _form(code, context.analysis.villages, store, who, words)


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
        if not row.kept and files is None:
            continue
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


def _form(code: str, villages: pd.DataFrame, store: Store, who: Actor, words: Words) -> None:
    put(tag("h3", words("data.evidence.another")))
    upload = st.file_uploader(
        words("data.evidence.file"),
        type=[suffix[1:] for suffix in SUFFIXES["evidence"]],
        key=f"evidence_file_{st.session_state.get('data_round', 0)}",
    )
    one, two, three = st.columns(3)
    kind = one.selectbox(words("data.evidence.kind"), REPORTS, format_func=lambda name: words(f"web.evidence.{name}"))
    claim = two.selectbox(
        words("data.evidence.claim"), CLAIMS, format_func=lambda name: capital(words(f"core.state.{name}"))
    )
    dated = three.text_input(words("data.dated.label"), help=words("data.dated.help"), key="evidence_dated")
    if upload is None:
        return
    with messages.shown_refusal(words):
        rows = read_list(upload, code, villages, kind or REPORTS[0], claim or CLAIMS[0], dated)
        _preview(rows, villages, words)
        if st.button(words("data.evidence.save", count=len(rows)), type="primary"):
            _save(rows, store, who, words)


def _preview(rows: pd.DataFrame, villages: pd.DataFrame, words: Words) -> None:
    names = villages.set_index("village_code_bps")["village"]
    unsure = rows[~rows["match"].isin(SURE)]
    put(tag("p", words("data.evidence.read", count=len(rows), sure=len(rows) - len(unsure), unsure=len(unsure))))
    if unsure.empty:
        return
    shown = []
    for row in unsure.head(20).itertuples(index=False):
        found = names.get(row.village_code_bps, "–")
        given = str(row.given_village or "–"), str(row.given_code or "–")
        shown.append((*given, str(found), words(f"core.match.{row.match}")))
    heads = [words(f"data.evidence.{name}") for name in ("given", "code", "found", "match")]
    put(table(heads, shown, words("data.evidence.unsure")))


def _save(rows: pd.DataFrame, store: Store, who: Actor, words: Words) -> None:
    present = store.evidence.table(viewer=who)
    again = rows["evidence_id"].isin(set(present["evidence_id"])).any() if len(present) else False
    if again:
        st.error(words("data.evidence.again"))
        return
    withdrawn = store.evidence.table(viewer=who, withdrawn=True)
    if len(withdrawn) and rows["evidence_id"].isin(set(withdrawn["evidence_id"])).any():
        lists = rows["evidence_id"].str.split("/", n=2)  # removed and imported again: a new list
        fresh = hashlib.sha256(f"{lists.iloc[0]}{len(withdrawn)}".encode()).hexdigest()[:12]
        rows = rows.assign(evidence_id=[f"{code}/{fresh}/{rest}" for code, _, rest in lists])
    count = store.evidence.add(rows[EVIDENCE.names], who)
    next_round()
    messages.keep("data", words("data.evidence.saved", count=count))
    st.rerun()
