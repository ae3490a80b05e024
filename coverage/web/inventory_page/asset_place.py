"""Assets on the map: add one, change the place of one, split a route, look at what lies in an area."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.base.errors import JangkauError
from coverage.base.schema import ASSETS
from coverage.language.words import Words
from coverage.reach.asset_counts import village_of, villages_along
from coverage.readers.kinds import asset_kinds
from coverage.store import Actor, AssetFilter, Store, may
from coverage.web.asset_edits import FORM, SPLIT_AT, KeptAsset, forget_drawing, text_key, turned
from coverage.web.context import Context
from coverage.web.html import as_label, capital
from coverage.web.inventory_page import asset_drawing
from coverage.web.inventory_page.asset_history import endings
from coverage.web.inventory_page.asset_saving import bulk, conflicts, size
from coverage.web.maps.sketch import Form, corners_of, halves, read_places, shape_of
from coverage.web.tables import show_table
from coverage.web.widgets import coordinates, status_box, switch


def show(context: Context, store: Store, who: Actor | None) -> None:
    """Render map and form."""
    words = context.words
    if not (store.database.writable and who is not None and may(who, "add")):
        st.info(words("inventory.no_editing"))
        return
    conflicts(store, words)
    with st.container(key="map_and_facts"):
        picture, beside = st.columns([66, 34], gap="small")
    with beside, st.container(key="place_form"):
        kept = asset_drawing.kept()
        if kept is None:
            fresh: dict[str, Any] = {"on_change": turned, "args": (True,), "persist_state": "session"}
            switch(words, "inventory.draw.what", get_args(Form), FORM, "inventory.draw.form", **fresh)
        else:
            st.markdown(f"**{as_label(words('inventory.move_title', asset=kept.asset_id))}**")
        _text_field(asset_drawing.form(), words)
        shape = _drawn(context, words)
        if kept is not None:
            _change(store, kept, shape, words)
        else:
            if asset_drawing.form() == "area":
                _within(store, who, shape, store.villages.region_filter(context.analysis.villages), words)
            _add(store, asset_drawing.form(), words)
    with picture, st.container(key="map"):
        clicked = partial(asset_drawing.clicked, store=store, words=words)
        context.show_map("place_map", rule=context.rule, on_click=clicked, sketch=asset_drawing.sketch())


def _text_field(form: Form, words: Words) -> None:
    """The drawing as text: what the map draws can be written, and the other way round."""
    key = text_key(form)
    options: dict[str, Any] = {"on_change": turned, "persist_state": "session"}
    if form == "point":
        coordinates(words("inventory.coordinates"), words("inventory.coordinates_help"), key, **options)
        return
    label, told = words("inventory.draw.coordinates"), words("inventory.draw.coordinates_help")
    hint = "-8.1234, 112.3456\n-8.1250, 112.3470"
    st.text_area(label, key=key, help=told, height=130, placeholder=hint, **options)


def _drawn(context: Context, words: Words) -> BaseGeometry | None:
    """The drawing as a geometry, with where it lies."""
    form = asset_drawing.form()
    try:
        shape = asset_drawing.shape()
    except JangkauError as error:
        (st.caption if error.code.startswith("drawing.too_few") else st.error)(as_label(words.error(error)))
        return None
    if shape is None:
        st.caption(words(f"inventory.draw.hint_{form}"))
        return None
    villages = context.analysis.villages
    if form != "point":
        st.caption(words("inventory.draw.long", count=len(corners_of(shape)), length=size(shape, words)))
    found = village_of(gpd.GeoDataFrame(geometry=[shape], crs=4326), villages).iloc[0]
    corners = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*corners_of(shape).T[::-1]), crs=4326)
    outside = int(village_of(corners, villages)["village"].isna().sum())
    passed = villages_along(shape, villages) if form == "line" else []
    if len(passed) > 1:
        st.caption(as_label(words("inventory.draw.passes", count=len(passed), names=", ".join(passed))))
    elif isinstance(found["village"], str):
        st.caption(as_label(words("inventory.lies_in", village=found["village"], subdistrict=found["subdistrict"])))
    if outside:
        one = "inventory.lies_outside" if form == "point" else "inventory.draw.outside"
        st.warning(words(one, count=outside, all=len(corners)))
    return shape


def _add(store: Store, form: Form, words: Words) -> None:
    kinds = asset_kinds().drawn_as(form)
    if not kinds:
        return
    with st.form("add_asset", border=True):
        st.markdown(f"**{words('inventory.add_title')}**")
        st.selectbox(
            words("inventory.field.kind"), kinds, key=f"add_kind_{form}", format_func=lambda k: capital(words.kind(k))
        )
        st.text_input(words("inventory.field.name"), key="add_name")
        status_box(words, words("inventory.field.status"), key="add_status")
        st.text_input(words("inventory.field.owner"), key="add_owner")
        if form == "point":
            limits = {one.name: one for one in ASSETS.columns}
            st.number_input(words("inventory.field.height_m"), 0.0, 400.0, None, key="add_height_m")
            with st.expander(words("inventory.add_antenna")):
                for name in asset_drawing.OF_ANTENNA:
                    label, key, low = words(f"inventory.field.{name}"), f"add_{name}", limits[name].minimum
                    if low is None:
                        st.text_input(label, key=key)
                    else:
                        st.number_input(label, float(low), float(limits[name].maximum or low), None, key=key)
        st.text_input(words("inventory.why"), key="add_note")
        pressed: dict[str, Any] = {"on_click": asset_drawing.add, "args": (store, words)}
        st.form_submit_button(words("inventory.add"), type="primary", **pressed)


def _change(store: Store, kept: KeptAsset, shape: BaseGeometry | None, words: Words) -> None:
    """Save the new place, split, end, or leave; nothing is saved before a button is pressed."""
    changed = asset_drawing.is_changed()
    with st.container(border=True):
        if changed and kept.shape.geom_type != "Point":
            before: dict[str, Any] = {"count": len(corners_of(kept.shape)), "length": size(kept.shape, words)}
            st.caption(words("inventory.draw.before", **before))
        st.text_input(words("inventory.why"), key=asset_drawing.NOTE)
        pressed: dict[str, Any] = {"on_click": asset_drawing.change, "args": (store, words)}
        save, leave = st.columns(2)
        no = shape is None or not changed
        save.button(words("inventory.move"), type="primary", key="move", disabled=no, width="stretch", **pressed)
        leave.button(words("inventory.choose_other"), key="move_none", on_click=forget_drawing, width="stretch")
    if asset_drawing.form() == "line" and shape is not None:
        _split(store, kept, shape, words)
    endings(store, kept.asset_id, kept.version, words)


def _split(store: Store, kept: KeptAsset, shape: BaseGeometry, words: Words) -> None:
    with st.container(border=True):
        count = int(shapely.get_num_coordinates(shape))
        if not 1 <= int(st.session_state.get(SPLIT_AT) or 1) <= count:
            st.session_state[SPLIT_AT] = None
        at = st.number_input(words("inventory.draw.split_at"), 1, count, None, key=SPLIT_AT)
        two = halves(read_places(asset_drawing.text()), at) if at else None
        told = words("inventory.draw.split_hint", count=count)
        try:
            lengths = [size(made, words) for part in two or () if (made := shape_of(part, "line")) is not None]
        except JangkauError as error:  # split between two points at one place
            two, told = None, words.error(error)
        if two is not None:
            told = words("inventory.draw.split_told", asset=kept.asset_id, first=lengths[0], second=lengths[1])
        st.caption(as_label(told))
        pressed: dict[str, Any] = {"on_click": asset_drawing.split, "args": (store, words)}
        st.button(words("inventory.draw.split"), key="split", disabled=two is None, **pressed)


def _within(store: Store, who: Actor, area: BaseGeometry | None, mine: AssetFilter, words: Words) -> None:
    """The assets in the area, and routes that touch it: counted, listed, and their status changed together."""
    if area is None:
        return
    west, south, east, north = area.bounds
    near = store.assets.table(replace(mine, bounds=(west, south, east, north)), viewer=who)
    wide = shapely.get_dimensions(near.geometry) == 2  # an area of the inventory counts where all of it lies within
    rows = near[np.where(wide, near.covered_by(area), near.intersects(area))].reset_index(drop=True)
    if rows.empty:
        st.info(words("inventory.draw.none_within"))
        return
    counts = rows["kind"].value_counts()
    listed = ", ".join(f"{words.kind(kind)} {words.number(count)}" for kind, count in counts.items())
    st.caption(words("inventory.draw.within", count=len(rows), kinds=listed))
    frame = pd.DataFrame(
        {
            words("inventory.field.asset_id"): rows["asset_id"],
            words("inventory.field.kind"): [capital(words.kind(kind)) for kind in rows["kind"]],
            words("inventory.field.name"): rows["name"],
            words("inventory.field.status"): [words(f"core.status.{status}") for status in rows["status"]],
        }
    )
    show_table(frame, "within", words("inventory.draw.form.area"), rows_shown=6)
    bulk(store, rows, words)
