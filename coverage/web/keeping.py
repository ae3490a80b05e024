"""The inventory in this process: opened once, and who at the screen may do what with it."""

from __future__ import annotations

import getpass
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
import streamlit as st

from coverage.errors import JangkauError
from coverage.inputs import Inputs
from coverage.schema import EVIDENCE
from coverage.store import Actor, Store, open_store

_TOKEN = "session_token"  # noqa: S105 - the name under which it is kept
_SYSTEM = Actor("jangkau", "viewer")
"""Reads the whole inventory, cameras included, for the computation; what is shown is decided per viewer."""


@dataclass(frozen=True)
class Kept:
    """The store, or why there is none: the map works without."""

    store: Store | None
    problem: JangkauError | None = None


_lock = threading.Lock()
_kept: list[Kept] = []


def kept() -> Kept:
    """Open the inventory once per process."""
    with _lock:
        if not _kept:
            try:
                _kept.append(Kept(open_store()))
            except JangkauError as error:
                return Kept(None, error)  # tried again at the next visit: the file may have been restored
        return _kept[0]


def revision() -> int | None:
    """The revision of the inventory that the run on the screen is to be made from; None where it is empty or absent."""
    store = kept().store
    if store is None or store.page(viewer=_SYSTEM, limit=1).total == 0:
        return None
    return store.revision()


def with_inventory(inputs: Inputs) -> Inputs:
    """The same inputs with the assets of the inventory in place of a list."""
    store = kept().store
    return inputs if store is None else replace(inputs, assets=present_assets(store))


def evidence_revision() -> tuple[int, str] | None:
    """Changes with every change of the evidence that is kept; None where there is none."""
    kept_rows = _evidence()
    return None if kept_rows is None else (len(kept_rows), str(kept_rows["added_at"].max()))


def with_evidence(inputs: Inputs) -> Inputs:
    """The same inputs with the kept evidence of their region beside what came from files."""
    rows = _evidence()
    if rows is None:
        return inputs
    rows = rows[rows["evidence_id"].str.split("/").str[0].isin(set(inputs.villages["village_code_bps"].str[:4]))]
    if rows.empty:
        return inputs
    kept_rows = rows[EVIDENCE.names].astype(object).where(rows[EVIDENCE.names].notna(), None)
    parts = [part for part in (inputs.evidence, kept_rows) if part is not None]
    return replace(inputs, evidence=pd.concat(parts, ignore_index=True))


def _evidence() -> pd.DataFrame | None:
    """All evidence that is kept; None where there is none."""
    store = kept().store
    rows = None if store is None else store.evidence(viewer=_SYSTEM)
    return None if rows is None or rows.empty else rows


def present_assets(store: Store) -> gpd.GeoDataFrame:
    """Every asset of the inventory as it is now, cameras included."""
    return store.assets(viewer=_SYSTEM)


def who(environment: Mapping[str, str] = os.environ) -> Actor | None:
    """Who sits at the screen: signed in, or the person at this computer where no account is set up; else None."""
    store = kept().store
    if store is None:
        return None
    if store.has_accounts():
        token = st.session_state.get(_TOKEN)
        return store.signed_in(token) if isinstance(token, str) else None
    try:
        return store.local_actor(environment.get("JANGKAU_BOUND_TO", "127.0.0.1"), _user_name())
    except JangkauError:
        return None


def sign_in(name: str, password: str) -> None:
    """Begin a session in place of the present one.

    Raises
    ------
    PermissionDeniedError
        If name or password are wrong, or too many tries came before.
    """
    store = kept().store
    assert store is not None
    old = st.session_state.pop(_TOKEN, None)
    st.session_state[_TOKEN] = store.sign_in(name, password, old)


def sign_out() -> None:
    """End the session."""
    store, token = kept().store, st.session_state.pop(_TOKEN, None)
    if store is not None and token:
        store.sign_out(token)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "komputer ini"
