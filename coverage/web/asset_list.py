"""The list of assets: filters, editing in place, many at once, and what happens when two edit the same."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import streamlit as st

from coverage.errors import JangkauError, StaleVersionError
from coverage.schema import ASSET_KINDS, STATUSES
from coverage.store import Actor, AssetFilter, Change, Conflict, Store, may
from coverage.web.asset_history import show_history
from coverage.web.markup import capital, put, table, tag
from coverage.words import Words

ROWS = 200
"""Rows on the screen at once; the rest is a page further, so that a hundred thousand open as fast as a hundred."""
EDITABLE = ("name", "status", "owner", "operator", "height_m", "band_mhz", "installed_on", "photos", "note")
SHOWN = ("asset_id", "kind", *EDITABLE[:4], "village", "subdistrict", *EDITABLE[4:])
_PICK = "pick"


def forget_edits() -> None:
    """Start the editor anew: what was typed and not saved is gone."""
    st.session_state["asset_editor_round"] = st.session_state.get("asset_editor_round", 0) + 1
    st.session_state.pop("asset_conflicts", None)


def show(store: Store, who: Actor | None, words: Words) -> None:
    """Put the list on the screen."""
    asked = _filters(store, who, words)
    offset = _page_chosen(store, who, asked, words)
    rows = store.page(asked, who, offset=offset, limit=ROWS).rows
    if rows.empty:
        st.info(words("inventory.none_found"))
        return
    editing = store.writable and may(who, "change")
    above = st.container(key="asset_actions")  # what to do with an edit is said where the reader looks already
    edited = _editor(rows, editing, words)
    picked = list(rows["asset_id"][edited[_PICK].to_numpy(dtype=bool)])
    if editing and who is not None:
        with above:
            _save_bar(store, who, changes_of(rows, edited), words)
            _conflicts(store, who, words)
            if len(picked) > 1:
                _bulk(store, who, rows[rows["asset_id"].isin(picked)], words)
    if len(picked) == 1:
        show_history(store, who, picked[0], words)
    elif not picked:
        st.caption(words("inventory.pick_hint"))


def _filters(store: Store, who: Actor | None, words: Words) -> AssetFilter:
    with st.container(key="inventory_filters"):
        text, kinds, statuses, owners, check = st.columns([26, 20, 20, 22, 12], vertical_alignment="bottom")
        kind_list = [kind for kind in ASSET_KINDS if kind != "cctv" or may(who, "view_cctv")]
        asked = AssetFilter(
            text=text.text_input(words("inventory.search"), placeholder=words("inventory.search_hint"), key="f_text"),
            kinds=tuple(
                kinds.multiselect(
                    words("inventory.field.kind"),
                    kind_list,
                    key="f_kinds",
                    placeholder=words("inventory.all"),
                    format_func=lambda kind: capital(words(f"core.kind.{kind}")),
                )
            ),
            statuses=tuple(
                statuses.multiselect(
                    words("inventory.field.status"),
                    STATUSES,
                    key="f_statuses",
                    placeholder=words("inventory.all"),
                    format_func=lambda status: capital(words(f"core.status.{status}")),
                )
            ),
            owners=tuple(
                owners.multiselect(
                    words("inventory.field.owner"),
                    store.owners(who),
                    key="f_owners",
                    placeholder=words("inventory.all"),
                )
            ),
            needs_check=check.checkbox(
                words("inventory.needs_check"), key="f_check", help=words("inventory.needs_check_help")
            ),
            subdistricts=tuple(st.session_state.get("f_subdistricts", ())),
            villages=tuple(st.session_state.get("f_villages", ())),
        )
        places = store.assets(AssetFilter(), viewer=who) if st.session_state.get("f_places") else None
        with st.expander(words("inventory.more_filters")):
            if st.toggle(words("inventory.by_place"), key="f_places") and places is not None:
                left, right = st.columns(2)
                left.multiselect(
                    words("inventory.field.subdistrict"),
                    sorted(places["subdistrict"].dropna().unique()),
                    key="f_subdistricts",
                    placeholder=words("inventory.all"),
                )
                names = (
                    places.dropna(subset=["village"]).drop_duplicates("village_code_bps").set_index("village_code_bps")
                )
                labels = (names["village"] + " (" + names["subdistrict"] + ")").sort_values().to_dict()
                right.multiselect(
                    words("inventory.field.village"),
                    list(labels),
                    key="f_villages",
                    format_func=labels.__getitem__,
                    placeholder=words("inventory.all"),
                )
    return asked


def _page_chosen(store: Store, who: Actor | None, asked: AssetFilter, words: Words) -> int:
    """The count of what was found and, where it is more than a page, which page."""
    total = store.page(asked, who, limit=1).total
    pages = max(1, -(-total // ROWS))
    if pages == 1:
        st.caption(words("inventory.found", count=words.number(total)))
        return 0
    left, right = st.columns([80, 20], vertical_alignment="center")
    page = right.number_input(words("inventory.page_of", pages=words.number(pages)), 1, pages, 1, key="f_page")
    left.caption(
        words(
            "inventory.found_page",
            count=words.number(total),
            first=words.number((page - 1) * ROWS + 1),
            last=words.number(min(total, page * ROWS)),
        )
    )
    return int(page - 1) * ROWS


def _editor(rows: gpd.GeoDataFrame, editing: bool, words: Words) -> pd.DataFrame:
    frame = pd.DataFrame(rows[list(SHOWN)])
    frame.insert(0, _PICK, False)
    differs = rows["village_code_entered"].notna() & (rows["village_code_entered"] != rows["village_code_bps"])
    frame["check"] = [
        words("inventory.check_village") if wrong else words("inventory.check") if mark else ""
        for wrong, mark in zip(differs, rows["needs_check"], strict=True)
    ]
    name = partial(_caption, words)
    config: dict[str, Any] = {
        _PICK: st.column_config.CheckboxColumn(words("inventory.pick"), width=52, pinned=True),
        "asset_id": st.column_config.TextColumn(name("asset_id"), disabled=True, pinned=True),
        "kind": st.column_config.SelectboxColumn(
            name("kind"),
            options=list(ASSET_KINDS),
            disabled=True,
            format_func=lambda kind: capital(words(f"core.kind.{kind}")),
        ),
        "status": st.column_config.SelectboxColumn(
            name("status"),
            options=list(STATUSES),
            required=True,
            format_func=lambda status: capital(words(f"core.status.{status}")),
        ),
        "village": st.column_config.TextColumn(name("village"), disabled=True, help=words("inventory.village_help")),
        "subdistrict": st.column_config.TextColumn(name("subdistrict"), disabled=True),
        "height_m": st.column_config.NumberColumn(name("height_m"), min_value=0, max_value=400),
        "band_mhz": st.column_config.NumberColumn(name("band_mhz"), min_value=30, max_value=100_000),
        "installed_on": st.column_config.TextColumn(name("installed_on"), help=words("inventory.date_help")),
        "check": st.column_config.TextColumn(name("check"), disabled=True),
        **{
            field: st.column_config.TextColumn(name(field)) for field in ("name", "owner", "operator", "photos", "note")
        },
    }
    key = f"assets_{st.session_state.get('asset_editor_round', 0)}"
    locked = [column for column in frame.columns if column != _PICK] if not editing else False
    return st.data_editor(
        frame,
        key=key,
        hide_index=True,
        column_config=config,
        num_rows="fixed",
        disabled=locked,
        height=min(430, 38 + 35 * len(frame)),
        width="stretch",
        placeholder="–",
    )


def _caption(words: Words, field: str) -> str:
    return words(f"inventory.field.{field}")


def changes_of(rows: pd.DataFrame, edited: pd.DataFrame) -> list[Change]:
    """What was edited: per asset the version that was shown, and the new values of the fields that differ."""
    wanted = []
    for position in range(len(rows)):
        changes: dict[str, Any] = {}
        for field in EDITABLE:
            old, new = rows[field].iloc[position], edited[field].iloc[position]
            old, new = (None if pd.isna(value) or value == "" else value for value in (old, new))
            if old != new:
                changes[field] = new
        if changes:
            wanted.append(Change(str(rows["asset_id"].iloc[position]), int(rows["version"].iloc[position]), changes))
    return wanted


def _save_bar(store: Store, who: Actor, wanted: list[Change], words: Words) -> None:
    if not wanted:
        return
    with st.container(key="save_bar", horizontal=True, vertical_alignment="bottom"):
        note = st.text_input(words("inventory.why"), placeholder=words("inventory.why_hint"), key="save_note")
        st.button(
            words("inventory.save", count=words.number(len(wanted))),
            type="primary",
            key="save",
            on_click=_save,
            args=(store, who, wanted, note, words),
        )
        st.button(words("inventory.discard"), key="discard", on_click=forget_edits)


def _save(store: Store, who: Actor, wanted: list[Change], note: str, words: Words) -> None:
    """All of it or nothing; what somebody else changed first is shown beside."""
    try:
        store.change_many(wanted, who, note or None)
    except StaleVersionError as error:
        st.session_state["asset_conflicts"] = (wanted, error.details["conflicts"])
    except JangkauError as error:
        st.session_state["inventory_told"] = ("problem", words.error(error))
    else:
        forget_edits()
        st.session_state["inventory_told"] = ("done", words("inventory.saved", count=words.number(len(wanted))))


def _conflicts(store: Store, who: Actor, words: Words) -> None:
    """Both values side by side, field by field; nothing is saved until each clash is decided."""
    held = st.session_state.get("asset_conflicts")
    if not held:
        return
    wanted, conflicts = held
    with st.container(key="asset_conflict", border=True):
        st.error(words("inventory.conflict"))
        for conflict in conflicts:
            put(
                tag(
                    "h3",
                    words(
                        "inventory.conflict_of",
                        asset=conflict.asset_id,
                        who=conflict.who,
                        at=conflict.at[:16].replace("T", " "),
                    ),
                )
            )
            put(_both(conflict, words))
            for field in conflict.clashes:
                st.radio(
                    words("inventory.take", field=_caption(words, field)),
                    ("theirs", "yours"),
                    horizontal=True,
                    key=_clash(conflict, field),
                    format_func=lambda side: words(f"inventory.{side}"),
                )
        left, right = st.columns(2)
        left.button(
            words("inventory.merge"),
            type="primary",
            key="merge",
            on_click=_merge,
            args=(store, who, wanted, conflicts, words),
        )
        right.button(words("inventory.discard_mine"), key="drop_mine", on_click=forget_edits)


def _both(conflict: Conflict, words: Words) -> Any:
    heads = [words("inventory.field_name"), words("inventory.was"), words("inventory.theirs"), words("inventory.yours")]
    rows = [
        [
            _caption(words, field) if words.has(f"inventory.field.{field}") else field,
            *(_written(field, value, words) for value in (difference.base, difference.theirs, difference.yours)),
        ]
        for field, difference in conflict.fields.items()
    ]
    return table(heads, rows, words("inventory.conflict_table"))


def _written(field: str, value: Any, words: Words) -> str:
    """A value as it stands in the list."""
    if value is None:
        return "–"
    if field in ("status", "kind") and words.has(f"core.{field}.{value}"):
        return words(f"core.{field}.{value}")
    return words.number(value, 2) if isinstance(value, float) else str(value)


def _clash(conflict: Conflict, field: str) -> str:
    return f"clash_{conflict.asset_id}_{field}"


def _merge(store: Store, who: Actor, wanted: list[Change], conflicts: list[Conflict], words: Words) -> None:
    """Save what was chosen; the choices are read now, because the button may be pressed before the page ran again."""
    merged = {}
    for conflict in conflicts:
        chosen: dict[str, Literal["yours", "theirs"]] = {
            field: st.session_state.get(_clash(conflict, field), "theirs") for field in conflict.clashes
        }
        merged[conflict.asset_id] = Change(conflict.asset_id, conflict.their_version, conflict.merged(chosen))
    again = [merged.get(change.asset_id, change) for change in wanted]
    forget_edits()
    _save(store, who, [change for change in again if change.changes], words("inventory.merged_note"), words)


def _bulk(store: Store, who: Actor, rows: gpd.GeoDataFrame, words: Words) -> None:
    with st.container(key="bulk", horizontal=True, vertical_alignment="bottom"):
        status = st.selectbox(
            words("inventory.bulk", count=words.number(len(rows))),
            STATUSES,
            index=1,
            key="bulk_status",
            format_func=lambda name: capital(words(f"core.status.{name}")),
        )
        wanted = [
            Change(str(asset), int(version), {"status": status})
            for asset, version, now in zip(rows["asset_id"], rows["version"], rows["status"], strict=True)
            if now != status
        ]
        st.button(
            words("inventory.apply"),
            key="bulk_apply",
            on_click=_save,
            disabled=not wanted,
            args=(store, who, wanted, words("inventory.bulk_note"), words),
        )
