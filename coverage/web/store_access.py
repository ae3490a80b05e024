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

from coverage.base.errors import JangkauError
from coverage.base.schema import EVIDENCE
from coverage.imports.villages import POPULATION
from coverage.run.inputs import Inputs
from coverage.store import Actor, Store, may, open_store
from coverage.store.permissions import ANONYMOUS
from coverage.web.tickets import COOKIE, TICKETS, outside_name

TICKET = "session_ticket"
"""Where a visitor's session keeps the ticket that ``page.js`` is to hand in; ``OUT`` when the cookie is to go."""
OUT = "keluar"
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
    return store.revision() if store is not None and store.has_assets() else None


def with_inventory(inputs: Inputs) -> Inputs:
    """The same inputs with the assets of the inventory in place of a list."""
    store = kept().store
    return inputs if store is None else replace(inputs, assets=present_assets(store))


def records_revision() -> str | None:
    """Changes with every change of the evidence and of the figures by village that are kept."""
    store = kept().store
    return None if store is None else store.records_revision()


def with_evidence(inputs: Inputs) -> Inputs:
    """The same inputs with the kept evidence of their region beside what came from files.

    A row of a file that says of its village what a kept row says too is left out: the list was imported once more.
    """
    rows = _evidence()
    if rows is None:
        return inputs
    rows = rows[rows["evidence_id"].str.split("/").str[0].isin(set(inputs.villages["village_code_bps"].str[:4]))]
    if rows.empty:
        return inputs
    kept_rows = rows[EVIDENCE.names].astype(object).where(rows[EVIDENCE.names].notna(), None)
    if inputs.evidence is None:
        return replace(inputs, evidence=kept_rows.reset_index(drop=True))
    known = inputs.evidence["village_code_bps"].notna().to_numpy()
    again = known & _statements(inputs.evidence).isin(_statements(kept_rows))
    return replace(inputs, evidence=pd.concat([inputs.evidence[~again], kept_rows], ignore_index=True))


def _statements(evidence: pd.DataFrame) -> pd.MultiIndex:
    """What each row says of which village, as what, and of when."""
    said = evidence[["village_code_bps", "kind", "claimed_state", "date"]].astype(object)
    return pd.MultiIndex.from_frame(said.where(said.notna(), ""))


def with_figures(inputs: Inputs, people_given: bool) -> Inputs:
    """The same inputs with the kept figures of their villages: people, and columns that criteria may name.

    A table of people that was named at the start, or brought in on page Data later than a figure, counts instead of it.
    """
    store = kept().store
    found = None if store is None else store.figures(viewer=_SYSTEM)
    codes = inputs.villages["village_code_bps"]
    found = None if found is None else found[found["village_code_bps"].isin(codes)]
    if found is None or found.empty:
        return inputs
    people = found[found["figure"] == POPULATION].set_index("village_code_bps").reindex(codes)
    known = people["value"].notna().to_numpy() & (people["at"].fillna("") > (inputs.people_at or "")).to_numpy()
    villages = inputs.villages
    if not people_given and known.any():
        villages = villages.assign(
            population=villages["population"].where(~known, people["value"].to_numpy()),
            population_basis=villages["population_basis"].astype(object).where(~known, people["source"].to_numpy()),
        )
    figures = found[found["figure"] != POPULATION]
    table = figures.pivot(index="village_code_bps", columns="figure", values="value").reindex(codes)
    table.columns.name = None
    if inputs.criteria is not None:
        table = table.join(inputs.criteria.drop(columns=table.columns, errors="ignore"))
    estimated = inputs.population_estimated and bool((~known).any() or people_given)
    return replace(
        inputs,
        villages=villages,
        population_estimated=estimated,
        people_imported=0 if people_given else int(known.sum()),
        criteria=table if len(table.columns) else inputs.criteria,
    )


def _evidence() -> pd.DataFrame | None:
    """All evidence that is kept; None where there is none."""
    store = kept().store
    rows = None if store is None else store.evidence(viewer=_SYSTEM)
    return None if rows is None or rows.empty else rows


def ready_ahead(villages: gpd.GeoDataFrame) -> None:
    """Do what the first page of the inventory would have to wait for, where there are very many assets."""
    store = kept().store
    if store is not None:
        store.use_villages(villages)  # looks every asset up that came in without its village
        for viewer in (None, _SYSTEM):
            store.owners(viewer)
            store.places(viewer)


def present_assets(store: Store) -> gpd.GeoDataFrame:
    """Every asset of the inventory as it is now, cameras included."""
    return store.assets(viewer=_SYSTEM)


def who(environment: Mapping[str, str] = os.environ) -> Actor | None:
    """Who sits at the screen: signed in, or the person at this computer where no account is set up; else None."""
    return holder_of(_cookie(), environment)


def acting() -> Actor:
    """Who has just pressed a button, asked anew: a page may be old, and its role or session gone since it was drawn.

    Whoever may do nothing any more is somebody who has not signed in; the store refuses them.
    """
    return who() or ANONYMOUS


def _cookie() -> str | None:
    """The session cookie that the browser came with; none where there is no browser, as in a test of a page."""
    found = st.context.cookies.get(COOKIE)
    return found if isinstance(found, str) else None


def holder_of(token: str | None, environment: Mapping[str, str] = os.environ) -> Actor | None:
    """Who holds a session cookie with this value; the person at this computer where no account is set up; else None."""
    store = kept().store
    if store is None:
        return None
    if store.has_accounts():
        return store.signed_in(token) if token else None
    try:
        return store.local_actor(environment.get("JANGKAU_BOUND_TO", "127.0.0.1"), _user_name())
    except JangkauError:
        return None


def sees_cameras(token: str | None) -> bool:
    """Whether the holder of a session cookie may see where cameras are; nobody may while the store cannot be asked."""
    return may(holder_of(token), "view_cctv")


def serves_others() -> bool:
    """Whether people at other computers are let in: where there is an account to sign in with.

    A store that cannot be opened lets them in too: they see the map, and nothing that is for signed-in users.
    """
    if not _others:
        store = kept().store
        if store is not None and not store.has_accounts():
            return False
        if store is not None:
            _others.append(True)  # the last administrator cannot be removed, so this stays
    return True


_others: list[bool] = []


def sign_in(name: str, password: str) -> None:
    """Begin a session in place of the present one; the page is loaded anew with its cookie.

    Raises
    ------
    PermissionDeniedError
        If name or password are wrong, or too many tries came before.
    """
    store = kept().store
    assert store is not None
    token = store.sign_in(name, password, _cookie())
    st.session_state[TICKET] = TICKETS.issue(token)


def outside_offered() -> bool:
    """Whether an outside service (OIDC) is set up to sign in with: section ``[auth]`` of Streamlit's secrets."""
    return "is_logged_in" in st.user


def sign_in_from_outside() -> None:
    """Begin a session for whoever the outside service vouches for, if they are not signed in here yet.

    Raises
    ------
    PermissionDeniedError
        If they have no account here.
    """
    store = kept().store
    name = outside_name(st.user.to_dict()) if outside_offered() else None
    if store is None or name is None or TICKET in st.session_state or who() is not None:
        return
    st.session_state[TICKET] = TICKETS.issue(store.begin_session(name, _cookie()))


def sign_out() -> None:
    """End the session here and, where it came from there, at the outside service."""
    store, token = kept().store, _cookie()
    if store is not None and token:
        store.sign_out(token)
    if outside_offered() and st.user.is_logged_in:
        st.logout()
    else:
        st.session_state[TICKET] = OUT


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "komputer ini"
