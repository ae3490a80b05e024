"""Signal at one place: level, server, operators, and the path from a tower."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.base.schema import SIGNAL_CLASSES
from coverage.language.words import Words
from coverage.reach.asset_counts import village_of
from coverage.reach.link_budget import RadioParameters
from coverage.reach.model import cells_of, radio_of
from coverage.reach.signal import NO_SIGNAL, Tower
from coverage.reach.tower_link import TowerLink, tower_link
from coverage.readers.pairs import read_pair
from coverage.run.result import Analysis
from coverage.web import messages
from coverage.web.facts import assumed_words
from coverage.web.html import Html, capital, definition_list, put, tag

PLACE = "signal_place"
"""Session key of the place as text, latitude first; typed or clicked."""


@dataclass(frozen=True)
class PointSignal:
    """Signal at a place: of the best server (None beyond every tower), and the operators with at least weak signal.

    ``next_servers`` are the towers that follow the best one, with their RSRP in dBm, without repeaters, which may fall
    silent with it; ``elsewhere_dbm`` is that of the best one in the other place than the phone's; ``unseen`` whether it
    is not known what stands there.
    """

    rsrp_dbm: float | None
    signal_class: str
    server_id: str | None
    heard: tuple[str, ...]
    next_servers: tuple[tuple[str, float], ...] = ()
    elsewhere_dbm: float | None = None
    unseen: bool = False


def chosen_place(words: Words, text: str) -> tuple[float, float] | None:
    """Longitude and latitude of a text; shows the error if invalid."""
    if not text:
        return None
    with messages.shown_refusal(words):
        return read_pair(text)
    return None


def place_text(lat: float, lon: float) -> str:
    """Format a place for the field."""
    return f"{lat:.6f}, {lon:.6f}"


def signal_at(analysis: Analysis, lon: float, lat: float) -> PointSignal | None:
    """Signal of the run at a place, EPSG:4326; None where elevation is missing."""
    terrain, signal = analysis.terrain, analysis.reached.signal
    if terrain is None or signal is None or analysis.assets is None:
        return None
    rows, columns, held = cells_of(terrain, gpd.GeoSeries([shapely.Point(lon, lat)], crs="EPSG:4326"))
    if not held[0]:
        return None
    row, column = int(rows[0]), int(columns[0])
    rsrp, server = signal.rsrp_dbm[row, column], int(signal.server[row, column])
    radio = radio_of(analysis.parameters)
    number = int(radio.signal_class(np.array([rsrp]))[0])
    bits = int(signal.heard[row, column])
    heard = tuple(name for bit, name in enumerate(signal.operators) if bits >> bit & 1)
    if server < 0 or rsrp <= NO_SIGNAL:
        return PointSignal(None, SIGNAL_CLASSES[0], None, heard)
    ids, weak = analysis.assets["asset_id"], radio.thresholds.weak_dbm
    levels, servers = signal.levels_dbm[:, row, column], signal.servers[:, row, column]
    heard_from = [
        (str(ids.iloc[signal.towers[one].position]), float(level))
        for one, level in zip(servers, levels, strict=True)
        if one == server or (one >= 0 and level >= weak and not signal.towers[one].repeats)
    ]
    elsewhere = float(rsrp) + radio.other_place_db(signal.towers[server].transmitter.frequency_ghz)
    first, following, unseen = heard_from[0][0], tuple(heard_from[1:]), bool(terrain.unseen(rows, columns)[0])
    return PointSignal(float(rsrp), SIGNAL_CLASSES[number], first, heard, following, elsewhere, unseen)


def nearest_tower(analysis: Analysis, lon: float, lat: float) -> Tower | None:
    """Tower nearest to a place; None without towers."""
    terrain, signal = analysis.terrain, analysis.reached.signal
    if terrain is None or signal is None or not signal.towers:
        return None
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs="EPSG:4326").to_crs(terrain.crs).iloc[0]
    return min(signal.towers, key=lambda tower: np.hypot(tower.transmitter.x - point.x, tower.transmitter.y - point.y))


def link(analysis: Analysis, tower: Tower, lon: float, lat: float, words: Words) -> TowerLink | None:
    """Path from a tower to a place, or a message why there is none."""
    assert analysis.terrain is not None
    try:
        return tower_link(analysis.terrain, tower, lon, lat, radio_of(analysis.parameters))
    except JangkauError as error:
        st.info(words.error(error))
        return None


def facts(analysis: Analysis, lon: float, lat: float, words: Words) -> Html:
    """Signal facts of a place."""
    found = signal_at(analysis, lon, lat)
    where = village_of(gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs="EPSG:4326"), analysis.villages)
    village, subdistrict = where["village"].iloc[0], where["subdistrict"].iloc[0]
    inside = isinstance(village, str)
    place = (
        words("signal.point.in_village", village=village, subdistrict=subdistrict)
        if inside
        else capital(words("signal.point.outside"))
    )
    head = tag("header", tag("h2", words("signal.point.title")), tag("p", place))
    if found is None:
        return tag("article", head, tag("p", words("signal.point.unknown"), cls="jk-hint"), cls="jk-facts")
    radio = radio_of(analysis.parameters)
    rsrp = (
        words("signal.point.beyond", reach=words.distance(radio.air.reach_m))
        if found.rsrp_dbm is None
        else words("signal.point.dbm", value=words.number(found.rsrp_dbm, 1))
    )
    heard = ", ".join(found.heard) or words("signal.point.nobody")
    rows = [
        (words("signal.point.rsrp"), rsrp),
        (words("signal.point.class"), capital(short_class(found, words))),
        *_elsewhere(found, radio, words),
        (words("signal.point.server"), _named(analysis, found.server_id)),
        (words("signal.point.heard"), heard),
    ]
    if told := assumed_words(analysis, found.server_id, words):
        rows.append((words("signal.assumed.title"), told))
    if found.next_servers:
        others = (
            f"{_named(analysis, one)} ({words('signal.point.dbm', value=words.number(level, 1))})"
            for one, level in found.next_servers
        )
        rows.insert(3, (words("signal.point.next_servers"), "; ".join(others)))
    unseen = tag("p", words("signal.point.unseen"), cls="jk-hint") if found.unseen else None
    return tag("article", head, definition_list(rows), unseen, cls="jk-facts")


def _elsewhere(found: PointSignal, radio: RadioParameters, words: Words) -> list[tuple[str, str]]:
    """The reading in the other place than that of the phone, with its class."""
    if found.elsewhere_dbm is None:
        return []
    place = "outdoors" if radio.phone.place == "indoor" else "indoors"
    dbm = words("signal.point.dbm", value=words.number(found.elsewhere_dbm, 1))
    short = words(f"signal.class.short_{class_of(found.elsewhere_dbm, radio)}")
    return [(words(f"signal.place.{place}_{radio.phone.building}"), f"{dbm} · {short}")]


def short_class(found: PointSignal, words: Words) -> str:
    """Short label of a class."""
    return words(f"signal.class.short_{found.signal_class}")


def class_of(rsrp_dbm: float, radio: RadioParameters) -> str:
    """Class of an RSRP."""
    return SIGNAL_CLASSES[int(radio.signal_class(np.array([rsrp_dbm]))[0])]


def _named(analysis: Analysis, asset_id: str | None) -> str:
    if asset_id is None or analysis.assets is None:
        return "–"
    name = analysis.assets.set_index("asset_id")["name"].get(asset_id)
    return f"{asset_id} · {name}" if isinstance(name, str) else asset_id


def warm_up(analysis: Analysis) -> None:
    """Compile the path functions before the first visitor needs them."""
    terrain, signal = analysis.terrain, analysis.reached.signal
    if terrain is None or signal is None or not signal.towers or analysis.assets is None:
        return
    mast = analysis.assets.geometry.iloc[signal.towers[0].position]
    with contextlib.suppress(JangkauError):
        tower_link(terrain, signal.towers[0], mast.x + 0.01, mast.y, radio_of(analysis.parameters))


def show_facts(analysis: Analysis, place: tuple[float, float] | None, words: Words) -> None:
    """Render the facts, or how to get them."""
    if place is None:
        put(tag("p", words("signal.view.hint"), cls="jk-hint jk-next"), key="signal_hint")
    else:
        put(facts(analysis, *place, words), key="signal_facts")
