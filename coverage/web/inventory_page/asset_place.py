"""Assets on the map: add one by click or coordinates, move one."""

from __future__ import annotations

import geopandas as gpd
import shapely
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.schema import ASSETS
from coverage.language.words import Words
from coverage.reach.asset_counts import village_of
from coverage.readers.kinds import asset_kinds
from coverage.readers.pairs import read_pair
from coverage.store import Actor, Store, may
from coverage.web import messages, store_access
from coverage.web.context import Context
from coverage.web.html import capital
from coverage.web.inventory_page.asset_saving import PAGE, done
from coverage.web.maps.map_view import Click
from coverage.web.widgets import coordinates, status_box

_PLACE, _CHOSEN, _USED, _ADDED = "place_text", "place_asset", "place_used", "place_added"
_FORM = ("add_name", "add_owner", "add_height", "add_note")
"""Fields of the form that are emptied once an asset was added; kind and status stay for the next one."""


def show(context: Context, store: Store, who: Actor | None) -> None:
    """Render map and form."""
    words = context.words
    if not (store.database.writable and who is not None and may(who, "add")):
        st.info(words("inventory.no_editing"))
        return
    with st.container(key="map_and_facts"):
        picture, beside = st.columns([66, 34], gap="small")
    if st.session_state.pop(_USED, False):  # or the next asset would lie on this one
        st.session_state[_PLACE] = ""
        for field in _FORM:
            st.session_state.pop(field, None)
    with beside, st.container(key="place_form"):
        chosen = st.session_state.get(_CHOSEN)
        text = coordinates(words("inventory.coordinates"), words("inventory.coordinates_help"), _PLACE)
        place = _place(context, text, words)
        if chosen:
            _move(store, who, chosen, place, words)
        else:
            _add(store, who, place, words)
    with picture, st.container(key="map"):
        pin = place or st.session_state.get(_ADDED)
        context.show_map("place_map", rule=context.rule, on_click=_clicked, pin=pin)


def _clicked(click: Click) -> None:
    if click.asset:
        st.session_state[_CHOSEN] = click.asset
    else:
        st.session_state[_PLACE] = f"{click.lat:.6f}, {click.lon:.6f}"


def _place(context: Context, text: str, words: Words) -> tuple[float, float] | None:
    """The typed or clicked place, with its village."""
    if not text:
        st.caption(words("inventory.click_hint"))
        return None
    try:
        place = read_pair(text)
    except JangkauError as error:
        st.error(words.error(error))
        return None
    found = village_of(gpd.GeoDataFrame(geometry=[shapely.Point(place)], crs="EPSG:4326"), context.analysis.villages)
    village, subdistrict = found["village"].iloc[0], found["subdistrict"].iloc[0]
    if isinstance(village, str):
        st.caption(words("inventory.lies_in", village=village, subdistrict=subdistrict))
    else:
        st.warning(words("inventory.lies_outside"))
    return place


def _add(store: Store, who: Actor, place: tuple[float, float] | None, words: Words) -> None:
    with st.form("add_asset", border=True):
        st.markdown(f"**{words('inventory.add_title')}**")
        kind = st.selectbox(
            words("inventory.field.kind"),
            [name for name, kind in asset_kinds().items() if kind.geometry == "point"],
            format_func=lambda k: capital(words.kind(k)),
        )
        name = st.text_input(words("inventory.field.name"), key="add_name")
        status = status_box(words, words("inventory.field.status"))
        owner = st.text_input(words("inventory.field.owner"), key="add_owner")
        height = st.number_input(words("inventory.field.height_m"), 0.0, 400.0, None, key="add_height")
        note = st.text_input(words("inventory.why"), key="add_note")
        if not st.form_submit_button(words("inventory.add"), type="primary"):
            return
    if place is None:
        st.error(words("inventory.place_first"))
        return
    row = dict.fromkeys(ASSETS.names) | {
        "kind": kind,
        "name": name or None,
        "status": status,
        "owner": owner or None,
        "height_m": height,
        "geometry": shapely.Point(place),
    }
    with messages.shown_refusal(words):
        (added,) = store.assets.add(gpd.GeoDataFrame([row], geometry="geometry", crs="EPSG:4326"), who, note or None)
        st.session_state[_USED], st.session_state[_ADDED] = True, place
        done(words("inventory.added", asset=added))
        st.rerun()


def _move(store: Store, who: Actor, chosen: str, place: tuple[float, float] | None, words: Words) -> None:
    found = store.assets.one(chosen, viewer=who)
    with st.container(border=True):
        st.markdown(f"**{words('inventory.move_title', asset=chosen)}**")
        st.caption(words("inventory.move_help"))
        line = len(found) and found.geometry.iloc[0].geom_type != "Point"
        if line:
            st.info(words("inventory.move_line"))
        st.button(
            words("inventory.move"),
            type="primary",
            disabled=place is None or found.empty or bool(line),
            key="move",
            on_click=_moved,
            args=(store, found, place, words),
        )
        st.button(
            words("inventory.choose_other"), key="move_none", on_click=lambda: st.session_state.pop(_CHOSEN, None)
        )


def _moved(store: Store, found: gpd.GeoDataFrame, place: tuple[float, float], words: Words) -> None:
    asset, version = found["asset_id"].iloc[0], int(found["version"].iloc[0])
    with messages.kept_refusal(PAGE, words):
        moved = {"geometry": shapely.Point(place)}
        store.assets.change(asset, version, moved, store_access.acting(), words("inventory.moved_note"))
        st.session_state[_USED] = True
        st.session_state.pop(_CHOSEN, None)
        done(words("inventory.moved", asset=asset))
