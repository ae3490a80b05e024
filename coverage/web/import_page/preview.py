"""Step 4 of an import: preview of all changes on a map and in a table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import shapely
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.imports.plan import ImportPlan
from coverage.imports.raw import Raw
from coverage.imports.report import plan_warnings, reason_sentence
from coverage.imports.result import Interpretation
from coverage.imports.villages import RESERVED
from coverage.language.reasons import claimed_word
from coverage.language.words import Words
from coverage.store import Actor, Store
from coverage.web.html import as_label, capital, put
from coverage.web.import_page import import_draft, markers
from coverage.web.import_page.check import counts
from coverage.web.import_page.import_draft import Draft
from coverage.web.import_page.repairs import label_of
from coverage.web.import_page.steps import heading
from coverage.web.maps.sketch import corners_of
from coverage.web.tables import show_table

SHOWN = 2000
"""Rows shown per table; counts are of all."""
GROUPS = markers.ON_PLAN


def preview_step(
    context: Any, draft: Draft, raw: Raw, found: Interpretation, store: Store, who: Actor
) -> ImportPlan | None:
    """Render the step; None where the comparison failed."""
    words: Words = context.words
    heading(4, "preview", words)
    place = st.empty()
    try:
        if draft.knows("plan", import_draft.plan_key(draft, store)):
            plan = import_draft.planned(draft, raw, store, who)
        else:
            with place, st.spinner(words("import_page.comparing")):
                plan = import_draft.planned(draft, raw, store, who)
    except JangkauError as error:
        st.error(as_label(words.error(error)))
        return None
    numbers = {**plan.counts, "refused": found.refused_rows}
    put(counts([(words(f"import_page.group.{group}"), words.number(numbers[group])) for group in GROUPS]))
    for sentence in plan_warnings(plan, words):
        st.warning(as_label(sentence))
    if not raw.self_checking:
        st.caption(words("imports.unchecked", sha256=raw.sha256))
    left, right = st.columns([52, 48], gap="medium")
    (marks,) = markers.memoised_marks(
        draft,
        "plan_marks",
        (import_draft.plan_key(draft, store), draft.emptied, words.language),
        lambda: markers.of_plan(plan, found, _centres(context), words),
    )
    with left, st.container(key="import_preview_map"):
        if marks:
            context.show_map("preview_map", marks=marks)
    with right, st.container(key="import_preview_table"):
        present = [group for group in GROUPS if numbers[group]]
        if present:
            chosen = st.segmented_control(
                words("import_page.show"),
                present,
                default=present[0],
                key=draft.key("group"),
                required=True,
                format_func=lambda group: f"{words(f'import_page.group.{group}')} ({words.number(numbers[group])})",
                label_visibility="collapsed",
            )
            _table(chosen if chosen in present else present[0], plan, found, words)
    _taken_away(draft, plan, words)
    return plan


def _centres(context: Any) -> dict[str, tuple[float, float]]:
    villages = context.analysis.villages
    return dict(
        zip(villages["village_code_bps"], zip(villages["centre_lon"], villages["centre_lat"], strict=True), strict=True)
    )


def _table(group: str, plan: ImportPlan, found: Interpretation, words: Words) -> None:
    of = "" if plan.record == "assets" else "_villages"
    own = plan.record == "landmarks" and group == "missing"
    st.caption(words("landmarks.not_listed" if own else f"import_page.group_help{of}.{group}"))
    if group == "changed":
        frame = changes(plan, words)
    elif group == "refused":
        frame = pd.DataFrame(
            {
                words("import_page.row"): [found.raw.row_text(int(row)) for row in found.refused["row"].head(SHOWN)],
                words("import_page.what"): [label_of(values, found) for values in found.refused["values"].head(SHOWN)],
                words("import_page.reason"): [
                    reason_sentence(line["code"], line["details"], words)
                    for line in found.refused.head(SHOWN).to_dict("records")
                ],
            }
        )
    elif plan.record == "landmarks":
        frame = _landmarks(getattr(plan, group).head(SHOWN), found.raw, words)
    elif plan.record == "assets":
        frame = _assets(getattr(plan, group).head(SHOWN), found.raw, words)
    else:
        frame = _of_villages(getattr(plan, group).head(SHOWN), found.raw, words)
    show_table(frame, f"import_{group}_{words.language}", words(f"import_page.group.{group}"), rows_shown=11)


def _assets(part: pd.DataFrame, raw: Raw, words: Words) -> pd.DataFrame:
    shown = ("name", "kind", "status", "village", "subdistrict", "owner", "height_m", "asset_id")
    captions = {name: words(f"inventory.field.{name}") for name in shown}
    return _lines(part, {"row": words("import_page.row"), **captions}, raw, words)


def _landmarks(part: pd.DataFrame, raw: Raw, words: Words) -> pd.DataFrame:
    shown = ("name", "kind", "village", "subdistrict", "lat", "lon", "people", "electricity", "internet")
    captions = {name: field_name(name, words) for name in shown}
    return _lines(part, {"row": words("import_page.row"), **captions}, raw, words)


def _of_villages(part: pd.DataFrame, raw: Raw, words: Words) -> pd.DataFrame:
    """Statements about villages, one line a row of the list."""
    captions = {
        "row": words("import_page.row"),
        "village": words("inventory.field.village"),
        "subdistrict": words("inventory.field.subdistrict"),
        "claimed_state": words("imports.field.claim"),
        "status": words("imports.field.claim"),
        "date": words("imports.field.reported_on"),
    }
    shown = [name for name in part.columns if name in captions or name not in (*RESERVED, "kind", "source")]
    return _lines(part, {name: captions.get(name) or field_name(name, words) for name in shown}, raw, words)


def _lines(part: pd.DataFrame, captions: dict[str, str], raw: Raw, words: Words) -> pd.DataFrame:
    """Those columns that are there in words, under their captions."""
    return pd.DataFrame(
        {
            caption: [raw.row_text(one) if name == "row" else formatted(name, one, words) for one in part[name]]
            for name, caption in captions.items()
            if name in part.columns
        }
    )


def field_name(field: str, words: Words) -> str:
    """Label of a field; a figure has the name of its column."""
    for of in ("inventory.field", "imports.field", "exports.column"):
        if words.has(f"{of}.{field}"):
            return words(f"{of}.{field}")
    return words("imports.field.claim") if field == "claimed_state" else field


def changes(plan: ImportPlan, words: Words) -> pd.DataFrame:
    """Changed values, old and new, by asset or village."""
    of = {"assets": "import_page.asset", "landmarks": "import_page.what"}.get(plan.record, "inventory.field.village")
    names = plan.changed.set_index("asset_id")["name"].to_dict()
    part = plan.differences.head(SHOWN)
    return pd.DataFrame(
        {
            words(of): [names[asset] if isinstance(names.get(asset), str) else asset for asset in part["asset_id"]],
            words("inventory.field_name"): [field_name(field, words) for field in part["field"]],
            words("import_page.old"): [
                formatted(*pair, words) for pair in zip(part["field"], part["old"], strict=True)
            ],
            words("import_page.new"): [
                formatted(*pair, words) for pair in zip(part["field"], part["new"], strict=True)
            ],
        }
    )


def formatted(field: str, value: Any, words: Words) -> str:
    """Format a value of the inventory."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "–"
    if field == "kind" or (field == "status" and words.has(f"core.status.{value}")):
        return capital(words.named(field, value))
    if field in ("claimed_state", "status"):
        return capital(claimed_word(value, words))
    if field == "date":
        return words.date(value)
    if field == "geometry":
        shape = shapely.from_wkt(value)
        if shape.geom_type != "Point":
            form = "line" if shapely.get_dimensions(shape) == 1 else "area"
            return words(f"import_page.{form}", points=len(corners_of(shape)))
        return f"{shape.y:.6f}, {shape.x:.6f}"
    if field in ("lat", "lon"):
        return f"{value:.6f}"
    if isinstance(value, bool) or field == "on_fiber":
        return words("import_page.yes" if value else "import_page.no")
    return words.number(value, 2) if isinstance(value, int | float) else str(value)


def _taken_away(draft: Draft, plan: ImportPlan, words: Words) -> None:
    """Opt in to removals."""
    emptied = len(plan.emptied)
    if emptied or draft.emptied:
        wanted = st.checkbox(
            words("import_page.emptied", count=emptied) if not draft.emptied else words("import_page.emptied_on"),
            value=draft.emptied,
            key=draft.key("emptied"),
            help=words("import_page.emptied_help"),
        )
        if wanted != draft.emptied:
            draft.emptied = wanted
            st.rerun()
    rest = plan.missing[plan.missing["status"] != "decommissioned"]
    of = {"assets": "", "landmarks": "_landmarks"}.get(plan.record, "_villages")
    if rest.empty:
        draft.retire = ()
        return
    if not st.checkbox(
        words(f"import_page.retire{of}", count=len(rest)),
        value=bool(draft.retire),
        key=draft.key("retire"),
        help=words(f"import_page.retire{of}_help"),
    ):
        draft.retire = ()
        return
    names = {
        row["asset_id"]: f"{row['name'] if isinstance(row['name'], str) else row['asset_id']} "
        f"({row['village' if plan.record == 'assets' else 'subdistrict'] or row['asset_id']})"
        for row in rest[["asset_id", "name", "village", "subdistrict"]]
        .astype(object)
        .where(rest.notna(), None)
        .to_dict("records")
    }
    if st.checkbox(words(f"import_page.retire_all{of}", count=len(rest)), key=draft.key("retire_all")):
        draft.retire = tuple(names)
        return
    draft.retire = tuple(
        st.multiselect(
            words(f"import_page.retire_which{of}"),
            list(names),
            key=draft.key("retire_which"),
            default=[asset for asset in draft.retire if asset in names][:50],
            format_func=names.__getitem__,
            placeholder=words("import_page.choose"),
        )
    )
