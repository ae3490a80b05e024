"""Step 3 of an import: accepted rows, interpretations, proposed repairs, refused rows."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.exports.refused import refused_file
from coverage.exports.registry import XLSX
from coverage.imports.raw import Raw
from coverage.imports.report import offer_sentence, reason_sentence
from coverage.imports.result import Interpretation
from coverage.language.words import Words
from coverage.web.downloads import take_button
from coverage.web.html import as_label, figure, put, tag
from coverage.web.import_page import import_draft, repairs
from coverage.web.import_page.import_draft import Draft
from coverage.web.import_page.steps import heading
from coverage.web.tables import ROW, show_table

REFUSED_SHOWN = 1000
LINE = 92
"""Characters of a reason per line of the table."""


def check_step(context: Any, draft: Draft, raw: Raw, words: Words) -> Interpretation:
    """Render the step; a list that cannot be interpreted goes back to step 2."""
    heading(3, "check", words)
    try:
        found = _checked(draft, raw, words)
    except JangkauError as error:
        draft.confirmed, draft.problem = None, error  # shown beside the columns, which are open again
        st.rerun()
    sizes = {"rows": found.rows, "accepted": found.accepted_rows, "refused": found.refused_rows}
    put(counts([(words(f"import_page.{name}"), words.number(size)) for name, size in sizes.items()]))
    _notes(found, words)
    _dates(draft, raw, words)
    _gathered(draft, found, words)
    repairs.show(context, draft, import_draft.unrepaired(draft, raw), words)
    refused_rows(found, words)
    return found


def _checked(draft: Draft, raw: Raw, words: Words) -> Interpretation:
    known = draft.knows("offered", import_draft.offered_key(draft)) and (
        not (draft.repairs or draft.repaired) or draft.knows("checked", import_draft.checked_key(draft))
    )
    place = st.empty()  # always there, so that nothing jumps
    if known:
        return import_draft.checked(draft, raw)
    with place, st.spinner(words("import_page.checking", rows=len(raw.frame))):
        import_draft.unrepaired(draft, raw)
        return import_draft.checked(draft, raw)


def counts(pairs: list[tuple[str, str]]) -> Any:
    """Figures side by side with captions."""
    return tag("dl", *(figure(name, value) for name, value in pairs), cls="jk-counts")


def _notes(found: Interpretation, words: Words) -> None:
    if found.notes:
        lines = dict.fromkeys(words(key, **values) for key, values in found.notes)
        put(tag("ul", *(tag("li", line) for line in lines), cls="jk-understood"))


def _dates(draft: Draft, raw: Raw, words: Words) -> None:
    """Ask for day or month first where the list is ambiguous."""
    base = import_draft.unrepaired(draft, raw)
    unclear = base.refused[base.refused["code"] == "import.date_order"]
    if unclear.empty and draft.dates is None:
        return
    if len(unclear):
        details = unclear["details"].iloc[0]
        dates = {name: words.date(details[name]) for name in ("first", "second")}
        st.warning(as_label(words("import_page.dates.ask", count=len(unclear), value=details["value"], **dates)))
    chosen: Any = st.radio(
        words("import_page.dates.order"),
        ("dmy", "mdy"),
        horizontal=True,
        index=None if draft.dates is None else ("dmy", "mdy").index(draft.dates),
        format_func=lambda order: words(f"import_page.dates.{order}"),
        key=draft.key("dates"),
    )
    if chosen != draft.dates:
        draft.dates = chosen
        st.rerun()


def _gathered(draft: Draft, found: Interpretation, words: Words) -> None:
    """Spellings merged into one name; those of companies can be kept as written."""
    if not (found.gathered or draft.keep):
        return
    with st.expander(words("import_page.gathered.title", count=len(found.gathered))):
        frame = pd.DataFrame(
            {
                words("import_page.gathered.field"): [words(f"imports.field.{one.field}") for one in found.gathered],
                words("import_page.gathered.written"): [one.written for one in found.gathered],
                words("import_page.gathered.name"): [words.named(one.field, one.name) for one in found.gathered],
                words("import_page.rows"): [one.rows for one in found.gathered],
            }
        )
        if len(frame):
            show_table(
                frame,
                f"import_gathered_{words.language}",
                words("import_page.gathered.table"),
                {words("import_page.rows"): words.number},
                rows_shown=8,
            )
        pairs = {(one.field, one.written) for one in found.gathered if one.field in ("owner", "operator")}
        options = sorted(pairs | draft.keep)
        if not options:
            return
        kept = st.multiselect(
            words("import_page.gathered.keep"),
            options,
            default=sorted(draft.keep),
            key=draft.key("keep"),
            placeholder=words("import_page.choose"),
            help=words("import_page.gathered.keep_help"),
            format_func=lambda pair: f"{words('imports.field.' + pair[0])}: {pair[1]}",
        )
        if frozenset(kept) != draft.keep:
            draft.keep = frozenset(kept)
            st.rerun()


def refused_rows(found: Interpretation, words: Words) -> None:
    """Refused rows with reasons, and as Excel to correct."""
    if not found.refused_rows:
        st.success(words("import_page.none_refused"))
        return
    with st.container(key="import_refused"):
        put(tag("h3", words("import_page.refused_title", count=found.refused_rows)))
        lines = found.refused.head(REFUSED_SHOWN).to_dict("records")
        frame = pd.DataFrame(
            {
                words("import_page.row"): [found.raw.row_text(line["row"]) for line in lines],
                words("import_page.what"): [repairs.label_of(line["values"], found) for line in lines],
                words("import_page.reason"): [reason_sentence(line["code"], line["details"], words) for line in lines],
                words("import_page.offered"): [offer_sentence(line["offer"], words) for line in lines],
            }
        )
        if not any(line["offer"] for line in lines):
            frame = frame.drop(columns=words("import_page.offered"))
        row, reason = words("import_page.row"), words("import_page.reason")
        long = frame[reason].str.len().max() > LINE
        show_table(
            frame,
            f"import_refused_{words.language}",
            words("import_page.refused_table"),
            rows_shown=8,
            row_height=62 if long else ROW,
            widths={row: 70, words("import_page.what"): 190, reason: 560, words("import_page.offered"): 300},
        )
        if found.refused_rows > REFUSED_SHOWN:
            st.caption(words("import_page.refused_more", shown=REFUSED_SHOWN))
        download(found, words)


def download(found: Interpretation, words: Words) -> None:
    """Download button for the refused rows."""
    take_button(
        words("import_page.download", count=found.refused_rows),
        partial(refused_file, found, words),
        words("import_page.refused_file"),
        XLSX,
        key="import_download",
        help=words("import_page.download_help"),
    )
