"""What is drawn on the map, and saving it: callbacks, which read the drawing as it is when a button is pressed."""

from __future__ import annotations

import geopandas as gpd
import shapely
import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import JangkauError
from coverage.base.schema import ASSETS
from coverage.language.words import Words
from coverage.readers.kinds import asset_kinds
from coverage.store import Change, Store
from coverage.web import messages, store_access
from coverage.web.asset_edits import FORM, KEPT, LIT, SPLIT_AT, TURN, KeptAsset, forget_drawing, text_key, turned
from coverage.web.inventory_page.asset_saving import PAGE, done, save
from coverage.web.maps.map_view import Click
from coverage.web.maps.sketch import (
    MOST_POINTS,
    Form,
    Parts,
    Sketch,
    can_be_drawn,
    corners_of,
    halves,
    parts_of,
    read_places,
    shape_of,
    written,
)

OF_ANTENNA = ("band_mhz", "azimuth_deg", "tilt_deg", "eirp_dbm", "technology", "antenna", "site_id")
EMPTIED = ("add_name", "add_owner", "add_height_m", "add_note", *(f"add_{name}" for name in OF_ANTENNA))
"""Fields that are emptied once an asset was added; kind and status stay for the next one."""
NOTE = "drawn_note"


def kept() -> KeptAsset | None:
    """The asset whose place is changed; None while a new one is drawn."""
    found: KeptAsset | None = st.session_state.get(KEPT)
    return found


def form() -> Form:
    """The form of what is drawn."""
    asset = kept()
    return asset.form if asset else st.session_state.get(FORM) or "point"


def text() -> str:
    """The drawing as text."""
    return str(st.session_state.get(text_key(form())) or "").strip()


def is_changed() -> bool:
    """Whether something is drawn that is not saved."""
    asset = kept()
    return text() != (asset.text if asset else "")


def shape() -> BaseGeometry | None:
    """The drawing as a geometry; raises as :func:`coverage.web.maps.sketch.shape_of`."""
    return shape_of(read_places(text()), form())


def sketch() -> Sketch:
    """The drawing for the map, which stays as it is while the text cannot be read."""
    parts: Parts | None
    try:
        parts = read_places(text())
    except JangkauError:
        parts = None
    turn, fresh = st.session_state.setdefault(TURN, (0, True))
    return Sketch(form(), parts, turn, fresh, kept() is not None, st.session_state.get(LIT), is_changed())


def choose(store: Store, asset_id: str, words: Words) -> None:
    """Take an asset for changing its place, unless that would drop what is not saved yet."""
    found: gpd.GeoDataFrame | None = None
    with messages.kept_refusal(PAGE, words):
        found = store.assets.one(asset_id, viewer=store_access.who())
    if found is None or found.empty:
        return
    row = found.iloc[0]
    shape, its_form = row.geometry, asset_kinds().of(row["kind"]).geometry
    if is_changed() if kept() else st.session_state.get(text_key(its_form)):
        messages.keep(PAGE, words("inventory.draw.unsaved"), good=False)
        return
    count = len(corners_of(shape))
    if count > MOST_POINTS:
        messages.keep(PAGE, words("inventory.draw.too_long", count=count, most=MOST_POINTS), good=False)
        return
    if not can_be_drawn(shape):
        messages.keep(PAGE, words("inventory.draw.several_parts"), good=False)
        return
    if kept():
        forget_drawing()
    asset = KeptAsset(asset_id, int(row["version"]), its_form, shape, written(parts_of(shape)))
    st.session_state[KEPT] = asset
    st.session_state[text_key(its_form)] = asset.text
    st.session_state.pop(LIT, None)
    turned(fresh=True)


def clicked(click: Click, store: Store, words: Words) -> None:
    """Take what the map tells: a drawing of this turn, or an asset."""
    if click.drawn is None:
        if click.asset:
            choose(store, click.asset, words)
    elif click.drawn.turn == st.session_state.get(TURN, (0, True))[0]:
        st.session_state[text_key(form())] = click.drawn.text
        if click.drawn.split_at:
            st.session_state[SPLIT_AT] = click.drawn.split_at


def add(store: Store, words: Words) -> None:
    """Add what is drawn as a new asset."""
    given = st.session_state
    with messages.kept_refusal(PAGE, words):
        made = shape()
        if made is None:
            messages.keep(PAGE, words("inventory.place_first"), good=False)
            return
        row = dict.fromkeys(ASSETS.names) | {
            "kind": given[f"add_kind_{form()}"],
            "name": given["add_name"] or None,
            "status": given["add_status"],
            "owner": given["add_owner"] or None,
            **{name: given.get(f"add_{name}") for name in ("height_m", *OF_ANTENNA) if given.get(f"add_{name}") != ""},
            "geometry": made,
        }
        frame = gpd.GeoDataFrame([row], geometry="geometry", crs="EPSG:4326")
        (added,) = store.assets.add(frame, store_access.acting(), given["add_note"] or None)
        for field in EMPTIED:
            given[field] = "" if isinstance(given.get(field), str) else None
        forget_drawing()
        given[LIT] = _outline_of(made)
        done(words("inventory.added", asset=added))


def _outline_of(shape: BaseGeometry) -> Parts:
    return parts_of(shape.boundary if shapely.get_dimensions(shape) == 2 else shape)


def change(store: Store, words: Words) -> None:
    """Save the new place of the chosen asset; a conflict is shown, and the drawing stays."""
    asset = kept()
    with messages.kept_refusal(PAGE, words):
        made = shape()
        if asset is None or made is None:
            return
        note = st.session_state.get(NOTE) or words("inventory.moved_note")
        save(store, [Change(asset.asset_id, asset.version, {"geometry": made})], note, words)
        if kept() is None:
            st.session_state[LIT] = _outline_of(made)


def split(store: Store, words: Words) -> None:
    """Cut the chosen route in two at the chosen point."""
    asset = kept()
    with messages.kept_refusal(PAGE, words):
        two = halves(read_places(text()), int(st.session_state.get(SPLIT_AT) or 0))
        if asset is None or two is None:
            return
        first, second = shape_of(two[0], "line"), shape_of(two[1], "line")
        assert second is not None
        cut = Change(asset.asset_id, asset.version, {"geometry": first})
        note = st.session_state.get(NOTE) or words("inventory.draw.split_note")
        added = store.assets.split(cut, second, store_access.acting(), note)
        done(words("inventory.draw.split_done", asset=asset.asset_id, added=added), [asset.asset_id])
        st.session_state[LIT] = two[1]
