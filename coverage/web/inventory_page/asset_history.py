"""One asset: facts, photos, history, and undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from coverage.language.words import Words
from coverage.store import Actor, Line, Store, may
from coverage.web import messages, store_access
from coverage.web.html import Html, definition_list, put, table, tag
from coverage.web.inventory_page import asset_drawing
from coverage.web.inventory_page.asset_saving import PAGE, done, place_words


def show_history(store: Store, who: Actor | None, asset_id: str, labels: Mapping[str, str], words: Words) -> None:
    """Render the selected asset; ``labels`` are village names by BPS code."""
    found = store.assets.one(asset_id, viewer=who)
    if found.empty:
        return
    asset = found.iloc[0]
    with st.container(key="asset_detail", border=True):
        put(tag("h2", f"{asset['name'] or asset_id} · {words.kind(asset['kind'])}"))
        left, right = st.columns([35, 65])
        with left:
            put(_facts(asset, labels, words))
            if may(who, "view_history"):
                _photos(asset["photos"], words)
            if store.database.writable and may(who, "decommission"):
                draw: dict[str, Any] = {"key": "draw_this", "on_click": _on_the_map, "args": (store, asset_id, words)}
                st.button(words("inventory.draw.from_list"), **draw)
                endings(store, asset_id, int(asset["version"]), words)
        with right:
            if not may(who, "view_history"):
                st.caption(words("inventory.history_sign_in"))
                return
            lines = store.history.of(asset_id, who)
            put(_lines(lines, labels, words))
            if store.database.writable and may(who, "set_back") and len(lines) > 1:
                _way_back(store, lines, words)


def _facts(asset: Any, labels: Mapping[str, str], words: Words) -> Html:
    point = asset.geometry.representative_point()
    village = asset["village"] if isinstance(asset["village"], str) else words("inventory.outside")
    pairs = [
        (words("inventory.field.asset_id"), asset["asset_id"]),
        (words("inventory.field.status"), words(f"core.status.{asset['status']}")),
        (words("inventory.field.place"), f"{point.y:.5f}, {point.x:.5f}"),
        (words("inventory.field.village"), village),
    ]
    entered, computed = asset["village_code_entered"], asset["village_code_bps"]
    if isinstance(entered, str) and entered != computed:
        named = _village(entered, labels, words)
        pairs.append((words("inventory.entered_village"), f"{named} – {words('inventory.differs')}"))
    pairs.append((words("inventory.field.source"), asset["source"] if isinstance(asset["source"], str) else "–"))
    return definition_list(pairs)


def _village(code: str, labels: Mapping[str, str], words: Words) -> str:
    return labels.get(code) or words("inventory.unknown_village", code=code)


def _photos(links: Any, words: Words) -> None:
    """Photo links; only web addresses become links."""
    if not isinstance(links, str):
        return
    shown = [link for link in links.splitlines() if link.startswith(("https://", "http://"))]
    for number, link in enumerate(shown, start=1):
        st.link_button(words("inventory.photo", number=number), link)


def _on_the_map(store: Store, asset_id: str, words: Words) -> None:
    st.session_state["inventory_view"] = "place"
    asset_drawing.choose(store, asset_id, words)


def endings(store: Store, asset_id: str, version: int, words: Words) -> None:
    """Decommission an asset or strike it out, after a question."""
    with st.popover(words("inventory.end")):
        st.caption(words("inventory.end_help"))
        st.text_input(words("inventory.why"), key="end_note")
        for key, action in (("decommission", store.assets.decommission), ("strike_out", store.assets.strike_out)):
            given = (action, asset_id, version, words)
            st.button(words(f"inventory.{key}"), key=key, on_click=_end, args=given)


def _lines(lines: list[Line], labels: Mapping[str, str], words: Words) -> Html:
    heads = [words(f"inventory.history.{name}") for name in ("version", "at", "who", "what", "change", "why")]
    rows = [
        [
            words.number(line.version),
            words.moment(line.at),
            line.who,
            words.label("inventory.action", line.action),
            _change(line, labels, words),
            line.note or "–",
        ]
        for line in reversed(lines)
    ]
    return table(heads, rows, words("inventory.history.title"))


def _change(line: Line, labels: Mapping[str, str], words: Words) -> str:
    if line.before is None:
        return words("inventory.history.first")
    told = []
    for field in line.changed:
        before, after = (_value(field, state[field], labels, words) for state in (line.before, line.after))
        told.append(f"{words.label('inventory.field', field)}: {before} → {after}")
    return "; ".join(told)


def _value(field: str, value: Any, labels: Mapping[str, str], words: Words) -> str:
    if value is None:
        return "–"
    if field == "geometry":
        return place_words(value, words)
    if field == "village_code_entered":
        return _village(value, labels, words)
    if field in ("status", "kind"):
        return words.named(field, value)
    return words.number(value, 2) if isinstance(value, float) else str(value)


def _way_back(store: Store, lines: list[Line], words: Words) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        earlier = [line.version for line in reversed(lines[:-1])]
        st.selectbox(
            words("inventory.set_back_to"),
            earlier,
            key="set_back_to",
            format_func=lambda version: words("inventory.version", version=version),
        )
        st.button(words("inventory.set_back"), key="set_back", on_click=_set_back, args=(store, lines[-1], words))


def _end(action: Any, asset_id: str, version: int, words: Words) -> None:
    with messages.kept_refusal(PAGE, words):
        action(asset_id, version, store_access.acting(), st.session_state.get("end_note") or None)
        done(words("inventory.done"), [asset_id])


def _set_back(store: Store, last: Line, words: Words) -> None:
    with messages.kept_refusal(PAGE, words):
        store.history.set_back(last.asset_id, last.version, st.session_state["set_back_to"], store_access.acting())
        done(words("inventory.done"))
