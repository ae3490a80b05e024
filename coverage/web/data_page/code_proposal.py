"""Codes proposed for outlines that have none: shown, corrected, confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import cast

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from coverage.language.words import Words
from coverage.readers.proposed_codes import UNSURE, key_of, with_codes
from coverage.store import Actor
from coverage.web import messages
from coverage.web.data_page import data_trial
from coverage.web.html import put, tag

NO_CODES = ("villages.no_codes", "villages.no_code_column")
"""Refusals after which codes are proposed."""
_KEPT = "data_codes"


class _Confirmed(BytesIO):
    """Confirmed outlines, handled like an upload."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


@dataclass(frozen=True)
class CodeProposal:
    """Outlines and the village that each may be, with what was said of the file."""

    name: str
    title: str
    dated: str
    polygons: gpd.GeoDataFrame
    proposal: pd.DataFrame
    villages: pd.DataFrame


def begin(uploads: Sequence[UploadedFile], title: str, dated: str) -> None:
    """Propose codes and keep the proposal in the session."""
    st.session_state[_KEPT] = CodeProposal(uploads[0].name, title, dated, *data_trial.propose(uploads))


def kept() -> CodeProposal | None:
    """The proposal of this session."""
    found: CodeProposal | None = st.session_state.get(_KEPT)
    return found


def give_up() -> None:
    """Discard the proposal."""
    st.session_state.pop(_KEPT, None)


def confirm(found: CodeProposal, code: str, who: Actor, words: Words) -> data_trial.Trial | None:
    """Render the table and return the trial of what was confirmed for the region of ``code``; None until then."""
    labels = _labels(found.villages)
    proposed = [
        labels.get(key, "") if how not in UNSURE else ""
        for key, how in zip(key_of(found.proposal), found.proposal["how"], strict=True)
    ]
    put(tag("h3", words("data.codes.title", file=found.name)))
    st.caption(words("data.codes.help", count=len(proposed), unsure=proposed.count("")))
    heads = {name: words(f"data.codes.{name}") for name in ("name", "village", "match", "distance")}
    shown = pd.DataFrame(
        {
            heads["name"]: found.proposal["name"].astype(str),
            heads["village"]: proposed,
            heads["match"]: [words(f"data.codes.how.{how}") for how in found.proposal["how"]],
            heads["distance"]: found.proposal["distance_m"],
        }
    )
    edited = st.data_editor(
        shown,
        hide_index=True,
        disabled=[heads["name"], heads["match"], heads["distance"]],
        column_config={
            heads["village"]: st.column_config.SelectboxColumn(options=["", *labels.values()], width="large"),
            heads["distance"]: st.column_config.NumberColumn(format="localized"),
        },
        key="data_codes_table",
    )
    by_label = {label: key for key, label in labels.items()}
    codes = [by_label.get(label) for label in edited[heads["village"]].fillna("")]
    chosen = [one for one in codes if one is not None]
    doubled = sorted({labels[one] for one in chosen if chosen.count(one) > 1})
    if doubled:
        st.error(words("data.codes.doubled", villages=", ".join(doubled[:5])))
    with st.container(horizontal=True):
        label = words("data.codes.confirm", count=len(chosen), left=len(codes) - len(chosen))
        pressed = st.button(label, type="primary", key="data_codes_confirm", disabled=bool(doubled) or not chosen)
        st.button(words("data.cancel"), key="data_codes_cancel", on_click=give_up)
    if pressed:
        content = with_codes(found.polygons, found.villages, codes).to_json(drop_id=True).encode()
        made = cast(UploadedFile, _Confirmed(f"{found.name.rsplit('.', 1)[0]}.geojson", content))
        with messages.shown_refusal(words):
            return data_trial.begin("boundaries", [made], found.title or found.name, found.dated, {}, code, who)
    return None


def _labels(villages: pd.DataFrame) -> dict[str, str]:
    """What each village is called in the table, by code."""
    ordered = villages.assign(key=key_of(villages)).sort_values(["subdistrict", "village"])
    told = ordered["village"] + " (" + ordered["subdistrict"] + ") · " + ordered["key"]
    return dict(zip(ordered["key"], told, strict=True))
