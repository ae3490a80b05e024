"""Saving edits of the list: note, bulk changes, conflicts.

Callbacks read the fields beside a button when it is pressed, as the page may not have rerun since; the actor is
looked up then, too (:func:`coverage.web.store_access.acting`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import StaleVersionError
from coverage.base.projection import WGS84
from coverage.language.words import Words
from coverage.store import Change, Conflict, Store
from coverage.web import messages, store_access
from coverage.web.asset_edits import CONFLICTS, forget_drawing, forget_edits
from coverage.web.html import put, table, tag
from coverage.web.maps.sketch import corners_of
from coverage.web.widgets import status_box

EDITABLE = (
    "name", "status", "owner", "operator", "height_m", "band_mhz", "azimuth_deg", "tilt_deg", "eirp_dbm",
    "technology", "antenna", "site_id", "installed_on", "photos", "note",
)  # fmt: skip
PAGE, NOTE = "inventory", "save_note"


def changes_of(rows: pd.DataFrame, typed: Mapping[int, Mapping[str, Any]]) -> list[Change]:
    """Edited fields per asset, with the version that was shown.

    ``typed`` are new values by column, by position in ``rows``, as the editor keeps them.
    """
    wanted = []
    for position, fields in sorted(typed.items()):
        asset = rows.iloc[position]
        changes = {
            field: _plain(fields[field])
            for field in EDITABLE
            if field in fields and _plain(fields[field]) != _plain(asset[field])
        }
        if changes:
            wanted.append(Change(str(asset["asset_id"]), int(asset["version"]), changes))
    return wanted


def _plain(value: Any) -> Any:
    return None if value == "" or pd.isna(value) else value


def save_bar(store: Store, rows: gpd.GeoDataFrame, editor: str, words: Words) -> None:
    """Unsaved edits: note, save, discard."""
    count = len(changes_of(rows, st.session_state[editor]["edited_rows"]))
    if not count:
        return
    with st.container(key="save_bar", horizontal=True, vertical_alignment="bottom"):
        st.text_input(words("inventory.why"), placeholder=words("inventory.why_hint"), key=NOTE)
        st.button(
            words("inventory.save", count=count),
            type="primary",
            key="save",
            on_click=_save_edits,
            args=(store, rows, editor, words),
        )
        st.button(words("inventory.discard"), key="discard", on_click=forget_edits)


def done(text: str, assets: Collection[str] = ()) -> None:
    """Tell on the next run of the page what was done; the editor takes the assets as they are then.

    A drawing of one of ``assets`` is done with.
    """
    forget_edits()
    forget_drawing(assets)
    messages.keep(PAGE, text)


def _save_edits(store: Store, rows: gpd.GeoDataFrame, editor: str, words: Words) -> None:
    wanted = changes_of(rows, st.session_state[editor]["edited_rows"])
    save(store, wanted, st.session_state.get(NOTE, ""), words)


def save(store: Store, wanted: list[Change], note: str, words: Words) -> None:
    """Save all or nothing; conflicts are shown. What has no change is done with, too."""
    changed = [change for change in wanted if change.changes]
    with messages.kept_refusal(PAGE, words):
        try:
            store.assets.change_many(changed, store_access.acting(), note or None)
        except StaleVersionError as error:
            st.session_state[CONFLICTS] = (wanted, error.details["conflicts"])
        else:
            done(words("inventory.saved", count=len(changed)), [change.asset_id for change in wanted])


def conflicts(store: Store, words: Words) -> None:
    """Both values side by side, field by field; nothing is saved until every conflict is decided."""
    held = st.session_state.get(CONFLICTS)
    if not held:
        return
    wanted, found = held
    with st.container(key="asset_conflict", border=True):
        st.error(words("inventory.conflict"))
        for conflict in found:
            at = words.moment(conflict.at)
            put(tag("h3", words("inventory.conflict_of", asset=conflict.asset_id, who=conflict.who, at=at)))
            put(_both(conflict, words))
            for field in conflict.clashes:
                st.radio(
                    words("inventory.take", field=words(f"inventory.field.{field}")),
                    ("theirs", "yours"),
                    horizontal=True,
                    key=_clash(conflict, field),
                    format_func=lambda side: words(f"inventory.{side}"),
                )
        left, right = st.columns(2)
        left.button(
            words("inventory.merge"), type="primary", key="merge", on_click=_merge, args=(store, wanted, found, words)
        )
        right.button(words("inventory.discard_mine"), key="drop_mine", on_click=_drop, args=(wanted,))


def _drop(wanted: list[Change]) -> None:
    forget_edits()
    forget_drawing([change.asset_id for change in wanted])


def _both(conflict: Conflict, words: Words) -> Any:
    heads = [words("inventory.field_name"), words("inventory.was"), words("inventory.theirs"), words("inventory.yours")]
    rows = [
        [
            words.label("inventory.field", field),
            *(_written(field, value, words) for value in (difference.base, difference.theirs, difference.yours)),
        ]
        for field, difference in conflict.fields.items()
    ]
    return table(heads, rows, words("inventory.conflict_table"))


def _written(field: str, value: Any, words: Words) -> str:
    """Format a value as in the list."""
    if value is None:
        return "–"
    if field == "geometry":
        return place_words(value, words)
    if field in ("status", "kind"):
        return words.named(field, value)
    return words.number(value, 2) if isinstance(value, float) else str(value)


def place_words(shape: BaseGeometry, words: Words) -> str:
    """A place as text: a point by its coordinates, a line by its points, length and ends, an area by one in it."""
    places = corners_of(shape)
    told = places[[0, -1]] if shapely.get_dimensions(shape) == 1 else corners_of(shape.representative_point())
    ends = " – ".join(f"{lat:.5f}, {lon:.5f}" for lat, lon in told)
    return words("inventory.line", count=len(places), length=size(shape, words), ends=ends) if len(places) > 1 else ends


def size(shape: BaseGeometry, words: Words) -> str:
    """Length of a line, or area, on the ellipsoid: in m below ten kilometres, in m² below a tenth of a km²."""
    if shapely.get_dimensions(shape) == 2:
        area = abs(WGS84.geometry_area_perimeter(shapely.orient_polygons(shape))[0])
        return f"{words.number(area)} m²" if area < 1e5 else f"{words.number(area / 1e6, 2)} km²"
    metres = abs(WGS84.geometry_length(shape))
    return f"{words.number(metres)} m" if metres < 10_000 else words.distance(metres)


def _clash(conflict: Conflict, field: str) -> str:
    return f"clash_{conflict.asset_id}_{field}"


def _merge(store: Store, wanted: list[Change], found: list[Conflict], words: Words) -> None:
    """Save the decided conflicts."""
    merged = {}
    for conflict in found:
        chosen: dict[str, Literal["yours", "theirs"]] = {
            field: st.session_state.get(_clash(conflict, field), "theirs") for field in conflict.clashes
        }
        merged[conflict.asset_id] = Change(conflict.asset_id, conflict.their_version, conflict.merged(chosen))
    again = [merged.get(change.asset_id, change) for change in wanted]
    forget_edits()
    save(store, again, words("inventory.merged_note"), words)


def bulk(store: Store, rows: gpd.GeoDataFrame, words: Words) -> None:
    """Set one status for all ticked assets."""
    with st.container(key="bulk", horizontal=True, vertical_alignment="bottom"):
        status = status_box(words, words("inventory.bulk", count=len(rows)), index=1, key="bulk_status")
        st.button(
            words("inventory.apply"),
            key="bulk_apply",
            on_click=_save_bulk,
            disabled=bool((rows["status"] == status).all()),
            args=(store, rows, words),
        )


def _save_bulk(store: Store, rows: gpd.GeoDataFrame, words: Words) -> None:
    status = st.session_state["bulk_status"]
    wanted = [
        Change(str(asset), int(version), {"status": status})
        for asset, version, now in zip(rows["asset_id"], rows["version"], rows["status"], strict=True)
        if now != status
    ]
    save(store, wanted, words("inventory.bulk_note"), words)


def all_back(store: Store, day: dt.date, words: Words) -> None:
    """Reset the whole inventory to a day; administrators only, with confirmation."""
    with st.popover(words("inventory.all_back", day=words.date(day.isoformat()))):
        st.caption(words("inventory.all_back_help"))
        st.text_input(words("inventory.why"), key="all_back_note")
        st.button(
            words("inventory.all_back_now"),
            type="primary",
            key="all_back",
            on_click=_all_back,
            args=(store, day, words),
        )


def _all_back(store: Store, day: dt.date, words: Words) -> None:
    with messages.kept_refusal(PAGE, words):
        changed = store.history.set_back_all(day, store_access.acting(), st.session_state.get("all_back_note") or None)
        st.session_state["f_day"] = None
        done(words("inventory.all_back_done", count=len(changed)))
