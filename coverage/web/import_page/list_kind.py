"""What a list holds: assets, official list, complaints, field tests or figures of villages (step 1)."""

from __future__ import annotations

from typing import Any

import streamlit as st
from shapely import MultiPolygon, Polygon

from coverage.base.schema import STATUSES
from coverage.imports.list_options import REPORTS, Record, guess
from coverage.imports.numbers import guess_figures
from coverage.imports.proposals import headings_of
from coverage.imports.raw import Raw
from coverage.imports.values import read_date
from coverage.imports.villages import CLAIMS
from coverage.language.reasons import claimed_word
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds, landmark_kinds
from coverage.readers.measurements import COLUMNS as MEASURED
from coverage.readers.tables import plain
from coverage.web.context import DATA_URL, PROPOSALS_URL, go_to
from coverage.web.html import capital, put, tag
from coverage.web.import_page import import_draft
from coverage.web.import_page.import_draft import BY_COLUMN, Draft
from coverage.web.widgets import choice, status_box

GROUPS = ("assets", "official_list", "reports", "villages", "landmarks")
"""Choices; reports are told apart next."""
TOLD_APART: tuple[Record, ...] = tuple(one for one in REPORTS if one != "official_list")
_OF_VILLAGE = ("village", "subdistrict", "village_code")
ALWAYS: dict[Record, tuple[str, ...]] = {
    "assets": (),
    "official_list": _OF_VILLAGE,
    **dict.fromkeys(TOLD_APART, (*_OF_VILLAGE, "claim", "reported_on")),
    "complaint": (*_OF_VILLAGE, "text", "claim", "reported_on"),
    "field_test": ("lat", "lon", "village", "claim", "reported_on"),
    "villages": (*_OF_VILLAGE, "population"),
    "landmarks": ("name", "hamlet", "kind", "lat", "lon", "village", "subdistrict", "electricity", "internet"),
}
"""Fields always shown for that kind of list."""


def ask(draft: Draft, raw: Raw, words: Words) -> bool:
    """Ask what the list holds; True once known."""
    group = "reports" if draft.record in TOLD_APART else draft.record
    chosen: Any = st.segmented_control(
        words("import_page.record.ask"),
        GROUPS,
        default=group,
        required=True,
        key=draft.key("record"),
        format_func=lambda name: words(f"import_page.record.{name}"),
    )
    if chosen and chosen != group:
        _change(draft, raw, "complaint" if chosen == "reports" else chosen)
        st.rerun()
    st.caption(words(f"import_page.record.{group}_help"))
    rather = _rather(draft, raw)
    if rather is not None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            put(tag("p", words(f"import_page.rather.{rather}")))
            page = "proposals" if rather == "proposals" else "data"
            if st.button(words(f"web.page.{page}"), key=draft.key("rather")):
                st.session_state["data_kind"] = rather
                go_to(PROPOSALS_URL if page == "proposals" else DATA_URL)
    if draft.record == "assets":
        return _asset(draft, words)
    if draft.record == "landmarks":
        draft.kind = draft.kind or BY_COLUMN  # else names say it
        draft.kind = _kind(draft, st, "landmarks.by_name", list(landmark_kinds()), words)
        return True
    return draft.record == "villages" or _report(draft, raw, words)


def _rather(draft: Draft, raw: Raw) -> str | None:
    """Where else the file may belong: outlines of villages, signal measured at places, points that are asked for."""
    shapes = () if raw.shapes is None else raw.shapes[:20]
    if draft.record == "villages" and any(isinstance(shape, MultiPolygon | Polygon) for shape in shapes):
        return "boundaries"
    if {"channel", "asked", "stage"} & headings_of(raw.columns):
        return "proposals"
    return "measurements" if {plain(name) for name in raw.columns} & {*MEASURED["rsrp"]} else None


def _change(draft: Draft, raw: Raw, record: Record) -> None:
    """Reinterpret the list as another kind."""
    import_draft.use(draft, guess(raw, record=record), None)


def _asset(draft: Draft, words: Words) -> bool:
    left, right = st.columns(2)
    draft.kind = _kind(draft, left, "import_page.by_column", list(asset_kinds()), words)
    if "status" not in (draft.columns or {}):
        chosen, key = STATUSES.index(draft.status), draft.key("status")
        told = words("import_page.status_help")
        draft.status = status_box(words, words("import_page.status"), right, index=chosen, key=key, help=told)
    return bool(draft.kind)


def _kind(draft: Draft, place: Any, by_column: str, kinds: list[str], words: Words) -> str | None:
    """Kind of every row, or :data:`BY_COLUMN`."""
    offered = [BY_COLUMN, *kinds]
    chosen: str | None = place.selectbox(
        words("landmarks.kind" if draft.record == "landmarks" else "import_page.kind"),
        offered,
        index=offered.index(draft.kind) if draft.kind in offered else None,
        key=draft.key("kind"),
        placeholder=words("import_page.choose"),
        format_func=lambda kind: words(by_column) if kind == BY_COLUMN else capital(words.kind(kind)),
    )
    return chosen


def _report(draft: Draft, raw: Raw, words: Words) -> bool:
    """Kind of report, claimed state and date, where no column has them."""
    places = iter(st.columns(3))
    if draft.record in TOLD_APART:
        label, at, key = words("import_page.record.report"), TOLD_APART.index(draft.record), draft.key("report")
        chosen = choice(words, label, TOLD_APART, "core.evidence", next(places), index=at, key=key)
        if chosen != draft.record:
            _change(draft, raw, chosen)
            st.rerun()
    by_column = "claim" in (draft.columns or {})
    draft.claim = next(places).selectbox(
        words("import_page.record.claim_empty" if by_column else "import_page.record.claim"),
        CLAIMS,
        index=CLAIMS.index(draft.claim) if draft.claim in CLAIMS else None,
        key=draft.key("claim"),
        placeholder=words("import_page.record.by_column" if by_column else "import_page.choose"),
        format_func=lambda name: capital(claimed_word(name, words)),
    )
    if "reported_on" not in (draft.columns or {}):
        place = next(places)
        years = place.text_input(
            words("import_page.record.dated"),
            value=draft.dated or "",
            max_chars=10,
            key=draft.key("dated"),
            help=words("import_page.record.dated_help"),
        ).strip()
        draft.dated = years if is_date(years) else None
        if years and draft.dated is None:
            place.caption(words("import_page.record.dated_help"))
    return by_column or draft.claim is not None or "text" in (draft.columns or {})


def is_date(text: str) -> bool:
    """Whether a text is a year, or an ISO date."""
    found = read_date(text, "dmy")[0] if text else None
    return found == text


def ask_figures(draft: Draft, raw: Raw, words: Words) -> None:
    """Choose the columns with figures of villages."""
    taken = set((draft.columns or {}).values())
    options = [
        name
        for name in raw.columns
        if name not in taken
        and (name in draft.figures or guess_figures(raw, [other for other in raw.columns if other != name]))
    ]
    chosen = st.multiselect(
        words("import_page.record.figures"),
        options,
        default=[name for name in draft.figures if name in options],
        key=draft.key("figures"),
        placeholder=words("import_page.record.no_figures"),
        help=words("import_page.record.figures_help"),
    )
    draft.figures = tuple(name for name in raw.columns if name in chosen)
