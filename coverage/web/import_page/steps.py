"""Steps 1 and 2 of an import: the file and what it holds, and its columns."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from coverage.base.errors import JangkauError
from coverage.imports.list_options import FIELDS_OF
from coverage.imports.mappings import Mappings
from coverage.imports.raw import Raw
from coverage.imports.sheets import ALL_SHEETS
from coverage.language.words import Words
from coverage.store import Store
from coverage.web import messages, store_access
from coverage.web.html import as_label, put, tag
from coverage.web.import_page import import_draft, list_kind
from coverage.web.import_page.import_draft import BY_COLUMN, Draft
from coverage.web.tables import show_table

TYPES = ["xlsx", "xls", "xlsb", "ods", "csv", "txt", "tsv"]
TYPES += ["geojson", "json", "kml", "kmz", "zip", "gpkg", "gpx", "parquet", "tif", "tiff"]
FIRST_ROWS = 5
PLACE = ("lat", "lon", "coordinates")
ZONES = range(46, 55)
SHOWN_SAMPLE = 90
_WHOLE = r"^(-?\d+)\.0$"
"""A whole number as spreadsheets keep it."""


def heading(number: int, name: str, words: Words) -> None:
    """Heading of a step with its number and instruction."""
    title = tag("h2", tag("span", str(number), cls="jk-step"), words(f"import_page.step.{name}"))
    put(tag("header", title, tag("p", words(f"import_page.step.{name}_help")), cls="jk-step-head"))


def upload(words: Words) -> None:
    """Step 1 before there is a file."""
    heading(1, "file", words)
    count = st.session_state.get("import_round", 0)
    file = st.file_uploader(
        words("import_page.file"), type=TYPES, key=f"import_file_{count}", help=words("import_page.file_help")
    )
    if file is not None:
        st.session_state["import_round"] = count + 1
        import_draft.begin(file.name, file.getvalue())
        st.rerun()


def file_step(draft: Draft, mappings: Mappings, words: Words) -> Raw | None:
    """Step 1: file, sheet, CRS where it must be asked for, and what it holds; the rows, once all that is known."""
    heading(1, "file", words)
    with st.container(key="import_file_line", horizontal=True, vertical_alignment="center"):
        put(tag("p", tag("strong", draft.name), cls="jk-file"))
        st.button(words("import_page.other_file"), key="import_other", on_click=import_draft.forget)
    try:
        if draft.knows("raw", (draft.sheet, draft.crs)):
            raw = import_draft.raw_of(draft)
        else:
            with st.spinner(words("import_page.reading", file=as_label(draft.name))):
                raw = import_draft.raw_of(draft)
    except JangkauError as error:
        _ask(draft, error, words)
        return None
    if draft.sheet or draft.crs:
        st.button(words("import_page.again"), key="import_again", on_click=_ask_again, args=(draft,))
    if raw.frame.empty:
        st.error(words("import_page.no_rows"))
        return None
    import_draft.understand(draft, raw, mappings)
    _first_rows(raw, words)
    return raw if list_kind.ask(draft, raw, words) else None


def _ask(draft: Draft, error: JangkauError, words: Words) -> None:
    """Ask for what the reader could not know; any other error is shown."""
    if error.code in ("table.several_sheets", "geofile.several_layers"):
        offered = error.details.get("offered") or error.details.get("layers") or []
        names = [str(one) for one in offered]
        chosen = st.selectbox(
            words("import_page.sheet"),
            [ALL_SHEETS, *names],
            index=None,
            placeholder=words("import_page.choose"),
            key=draft.key("sheet"),
            format_func=lambda name: words("import_page.all_sheets", count=len(names)) if name == ALL_SHEETS else name,
        )
        if chosen:
            draft.sheet = chosen
            st.rerun()
    elif error.code == "geofile.no_crs":
        systems = {"EPSG:4326": words("import_page.crs.degrees")}
        for base, half in ((32700, "south"), (32600, "north")):
            systems |= {f"EPSG:{base + zone}": words(f"import_page.crs.{half}", zone=zone) for zone in ZONES}
        system = st.selectbox(
            words("import_page.crs.ask"),
            list(systems),
            index=None,
            key=draft.key("crs"),
            format_func=systems.__getitem__,
            placeholder=words("import_page.choose"),
            help=words("import_page.crs.help"),
        )
        if system:
            draft.crs = system
            st.rerun()
    else:
        st.error(as_label(words.error(error)))
        if draft.sheet or draft.crs:
            st.button(words("import_page.again"), key="import_again", on_click=_ask_again, args=(draft,))


def _ask_again(draft: Draft) -> None:
    import_draft.begin(draft.name, draft.content)


def _first_rows(raw: Raw, words: Words) -> None:
    """First rows as read."""
    where = words("import_page.read_sheet", sheet=raw.sheet) if raw.sheet else ""
    said = words("import_page.read", rows=len(raw.frame), columns=len(raw.columns))
    st.caption(as_label(f"{said} {where}"))
    rows = raw.frame.head(FIRST_ROWS).replace(_WHOLE, r"\1", regex=True)
    rows = rows.rename(columns={name: column_name(name, words) for name in raw.columns})
    shown = rows.loc[:, ~rows.columns.duplicated()]
    if not shown.empty and len(shown.columns):
        shown.insert(0, words("import_page.row"), [raw.row_text(int(row)) for row in raw.frame.index[:FIRST_ROWS]])
        show_table(shown, f"import_first_{raw.file[:20]}_{words.language}", words("import_page.first_rows"))


def column_name(column: str, words: Words) -> str:
    """Label of a column; an unnamed one goes by position."""
    return words("import_page.unnamed", number=column[1:]) if column.startswith("#") else column


def column_step(draft: Draft, raw: Raw, mappings: Mappings, words: Words) -> bool:
    """Step 2: assign columns; True once confirmed."""
    heading(2, "columns", words)
    if draft.mapping:
        st.info(words("import_page.recognised", name=as_label(draft.mapping)))
    if draft.problem:
        st.error(as_label(words.error(draft.problem)))
    confirmed = draft.confirmed == import_draft.columns_key(draft)
    chosen = import_draft.choices_of(draft)
    used = len(chosen.used())
    with st.expander(words("import_page.columns_used", count=used), expanded=not confirmed):
        _fields(draft, raw, words)
        _mappings(draft, raw, mappings, words)
    confirmed = draft.confirmed == import_draft.columns_key(draft)
    if draft.record == "assets" and "name" not in chosen.columns:
        st.warning(words("import_page.no_name"))
    if not confirmed:
        st.button(
            words("import_page.confirm"), type="primary", key=draft.key("confirm"), on_click=_confirm, args=(draft,)
        )
    return confirmed


def _confirm(draft: Draft) -> None:
    draft.confirmed, draft.problem = import_draft.columns_key(draft), None


def _fields(draft: Draft, raw: Raw, words: Words) -> None:
    """One line a field: name, column, sample values."""
    fields = FIELDS_OF[draft.record]
    first = [
        what
        for what in fields
        if what in draft.first or what in list_kind.ALWAYS[draft.record] or (what in PLACE and _lacks_place(draft, raw))
    ]
    by_column = draft.record in ("assets", "landmarks") and draft.kind == BY_COLUMN
    if by_column and "kind" not in first:
        first.insert(0, "kind")
    if not by_column and "kind" in first:
        first.remove("kind")
    with st.container(key="import_columns"):
        for what in first:
            _field(draft, raw, what, words)
        if st.toggle(words("import_page.more_fields"), key=draft.key("more")):
            for what in fields:
                if what not in first and what != "kind":
                    _field(draft, raw, what, words)
    used = import_draft.choices_of(draft).used()
    if draft.record == "villages":
        list_kind.ask_figures(draft, raw, words)
        used |= set(draft.figures)
    rest = [column_name(column, words) for column in raw.columns if column not in used]
    if rest:
        st.caption(as_label(words("import_page.unused", columns=", ".join(rest))))


def _lacks_place(draft: Draft, raw: Raw) -> bool:
    found = set(draft.first)
    placed = {"lat", "lon"} <= found or bool({"coordinates", "geometry"} & found)
    return draft.record == "assets" and raw.shapes is None and not placed


def _field(draft: Draft, raw: Raw, what: str, words: Words) -> None:
    assert draft.columns is not None
    name, choice, sample = st.columns([24, 32, 44], vertical_alignment="center")
    called = words(f"imports.field.{what}")
    with name:
        put(tag("p", called, cls="jk-field"))
    options: list[str | None] = [None, *raw.columns]
    now = draft.columns.get(what)
    chosen: Any = choice.selectbox(
        called,
        options,
        index=options.index(now),
        key=draft.key(f"column_{what}"),
        label_visibility="collapsed",
        format_func=lambda column: words("import_page.no_column") if column is None else column_name(column, words),
    )
    if chosen is None:
        draft.columns.pop(what, None)
        return
    draft.columns[what] = chosen
    with sample:
        values = [re.sub(_WHOLE, r"\1", one) for one in raw.samples(chosen)]
        text = " · ".join(values) or words("import_page.empty_column")
        if more := import_draft.choices_of(draft).also.get(what):
            text = f"+ {', '.join(column_name(one, words) for one in more)}: {text}"
        put(tag("p", text[:SHOWN_SAMPLE] + ("…" if len(text) > SHOWN_SAMPLE else ""), cls="jk-sample"))


def _mappings(draft: Draft, raw: Raw, mappings: Mappings, words: Words) -> None:
    """Save the mapping under a name, or load a saved one."""
    with st.popover(words("import_page.mapping.title"), key="import_mapping"):
        st.caption(words("import_page.mapping.help"))
        name = st.text_input(
            words("import_page.mapping.name"),
            max_chars=60,
            key=draft.key("mapping_name"),
            placeholder=words("import_page.mapping.example"),
        )
        save, given = words("import_page.mapping.save"), (draft, raw, mappings.store, name.strip(), words)
        key = draft.key("mapping_save")
        st.button(save, key=key, disabled=not name.strip(), on_click=_save_mapping, args=given)
        names = mappings.names
        if names:
            chosen = st.selectbox(
                words("import_page.mapping.use"),
                names,
                index=None,
                key=draft.key("mapping_use"),
                placeholder=words("import_page.choose"),
            )
            if chosen:
                with messages.shown_refusal(words):
                    import_draft.use(draft, mappings.load(chosen, raw), chosen)
                    st.rerun()


def _save_mapping(draft: Draft, raw: Raw, store: Store, name: str, words: Words) -> None:
    with messages.kept_refusal("import", words):
        Mappings(store, store_access.acting()).save(name, raw, import_draft.choices_of(draft))
        messages.keep("import", words("import_page.mapping.saved", name=name))
