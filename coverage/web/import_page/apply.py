"""Step 5 of an import: apply it as one transaction, its result, and earlier imports with their undo."""

from __future__ import annotations

from typing import Any

import streamlit as st

from coverage.imports.apply import apply_plan
from coverage.imports.list_options import Record
from coverage.imports.plan import ImportPlan
from coverage.imports.raw import Raw
from coverage.imports.result import Interpretation
from coverage.language.words import Words
from coverage.store import Actor, Store, may
from coverage.web import messages, session, store_access
from coverage.web.asset_edits import forget_edits
from coverage.web.html import as_label, put, tag
from coverage.web.import_page import import_draft
from coverage.web.import_page.check import counts, download
from coverage.web.import_page.import_draft import AppliedImport, Draft
from coverage.web.import_page.preview import changes
from coverage.web.import_page.steps import heading
from coverage.web.tables import show_table

FIRST = 10
"""Earlier imports listed before "show all"."""


def apply_step(draft: Draft, plan: ImportPlan, store: Store, who: Actor, words: Words) -> None:
    """Note and button."""
    heading(5, "apply", words)
    new, changed = len(plan.new), len(plan.changed)
    if not (new or changed or draft.retire):
        st.info(words("import_page.nothing_to_do"))
        return
    note = st.text_input(
        words("inventory.why"), max_chars=300, key=draft.key("note"), placeholder=words("import_page.note_example")
    )
    of = _of(plan.record)
    told = words(f"import_page.apply{of}", new=new, changed=changed)
    if draft.retire:
        told += words(f"import_page.apply_retire{of}", count=len(draft.retire))
    if not st.button(told, type="primary", key=draft.key("apply")):
        return
    with messages.kept_refusal("import", words), st.spinner(words("import_page.applying")):
        done = apply_plan(plan, store, who, note.strip() or None, draft.retire, draft.token)
        draft.done = AppliedImport(done.import_id, done, len(draft.retire), plan)
        forget_edits()
    st.rerun()


def _of(record: Record) -> str:
    """Suffix of locale keys: assets or villages."""
    return {"assets": "", "villages": "_figures", "landmarks": "_landmarks"}.get(record, "_reports")


def result(draft: Draft, done: AppliedImport, raw: Raw, words: Words) -> None:
    """What an applied import changed, and the rows still to be corrected."""
    st.success(words("import_page.done", file=as_label(draft.name)))
    made = done.counts
    told = {"new": made.added, "changed": made.changed, "unchanged": made.unchanged}
    if done.plan.record == "assets":
        told["retired"] = done.retired
    put(counts([(words(f"import_page.group.{group}"), words.number(count)) for group, count in told.items()]))
    if done.plan.record != "assets" or not session.sources().assets:
        st.caption(words(f"import_page.coverage_follows{_of(done.plan.record)}"))
    if len(done.plan.differences):
        with st.expander(words("import_page.what_changed")):
            show_table(changes(done.plan, words), f"import_done_{words.language}", words("import_page.what_changed"))
    found: Interpretation = import_draft.checked(draft, raw)
    if found.refused_rows:
        st.warning(words("import_page.still_refused", count=found.refused_rows))
        download(found, words)
    st.button(words("import_page.next_list"), type="primary", key="import_next", on_click=import_draft.forget)


def earlier(store: Store, who: Actor | None, words: Words) -> None:
    """Earlier imports, newest first, each with its undo."""
    lines = store.imports.all(who)
    if not lines:
        return
    with st.container(key="import_earlier"):
        put(tag("h2", words("import_page.earlier.title")))
        st.caption(words("import_page.earlier.help"))
        whole = len(lines) > FIRST and st.toggle(
            words("import_page.earlier.all", count=len(lines)), key="import_earlier_all"
        )
        for line in lines if whole else lines[:FIRST]:
            _line(store, who, line, words)


def _line(store: Store, who: Actor | None, line: dict[str, Any], words: Words) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"import_of_{line['import_id']}"):
        counted = {name: line[name] for name in ("added", "changed", "unchanged")}
        said = (
            tag("strong", str(line["source"])),
            " · " + words(f"import_page.record.of_{line['record']}"),
            tag("br"),
            words("import_page.earlier.by", at=words.moment(line["at"]), who=line["who"]),
            " · " + words("import_page.earlier.counts", **counted),
            tag("em", f" · {line['note']}") if line["note"] else None,
        )
        put(tag("div", *said, cls="jk-import"))
        if line["taken_back_at"] is not None:
            at, by = words.moment(line["taken_back_at"]), line["taken_back_by"]
            put(tag("span", words("import_page.earlier.taken_back", at=at, who=by), cls="jk-quiet"))
        elif store.database.writable and may(who, "take_back_import"):
            with st.popover(words("import_page.earlier.take_back"), key=f"take_{line['import_id']}"):
                st.write(words(f"import_page.earlier.sure_{line['record']}"))
                yes, given = words("import_page.earlier.yes"), (store, line["import_id"], line["record"], words)
                st.button(yes, type="primary", key=f"yes_{line['import_id']}", on_click=_take_back, args=given)


def _take_back(store: Store, import_id: str, record: str, words: Words) -> None:
    with messages.kept_refusal("import", words):
        back = store.imports.take_back(import_id, store_access.acting())
        forget_edits()
        draft = import_draft.current()
        if draft is not None and draft.done is not None and draft.done.import_id == import_id:
            import_draft.reopen(draft)
        text = words(f"import_page.earlier.done_{record}", count=len(back.set_back))
        if back.kept:
            some = ", ".join(list(back.kept)[:5])
            text += " " + words("import_page.earlier.kept", count=len(back.kept), assets=some)
        messages.keep("import", text)
