"""The inventory in this process: opened once, and who at the screen may do what with it."""

from __future__ import annotations

import getpass
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import streamlit as st

from coverage.base.errors import JangkauError
from coverage.run.sources import Sources
from coverage.run.stored_inputs import READER, uses_inventory
from coverage.store import Actor, Store, may, open_store
from coverage.store.permissions import ANONYMOUS
from coverage.web.start_token import is_start_token
from coverage.web.tickets import COOKIE, TICKETS, outside_name

TICKET = "session_ticket"
"""Where a visitor's session keeps the ticket that ``page.js`` is to hand in; ``OUT`` when the cookie is to go."""
OUT = "keluar"


@dataclass(frozen=True)
class OpenedStore:
    """The store, or why there is none: the map works without."""

    store: Store | None
    problem: JangkauError | None = None


_lock = threading.Lock()
_kept: list[OpenedStore] = []


def opened_store() -> OpenedStore:
    """Open the inventory once per process."""
    with _lock:
        if not _kept:
            try:
                _kept.append(OpenedStore(open_store()))
            except JangkauError as error:
                return OpenedStore(None, error)  # tried again at the next visit: the file may have been restored
        return _kept[0]


def revision(sources: Sources) -> int | None:
    """The revision of the inventory that the run on the screen is to be made from; None where it is made without."""
    store = opened_store().store
    return store.revision() if store is not None and uses_inventory(sources, store) else None


def records_revision() -> str | None:
    """Changes with every change of the evidence and of the figures by village that are kept."""
    store = opened_store().store
    return None if store is None else store.records_revision()


def settings_revision() -> str | None:
    """Changes with everything that an office decides (:mod:`coverage.store.settings`)."""
    store = opened_store().store
    return None if store is None else store.settings.revision()


def ready_ahead(villages: gpd.GeoDataFrame) -> None:
    """Do what the first page of the inventory would have to wait for, where there are very many assets."""
    store = opened_store().store
    if store is not None:
        store.use_villages(villages)  # looks every asset up that came in without its village
        for viewer in (None, READER):
            store.owners(viewer)
            store.places(viewer)


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
    store = opened_store().store
    if store is None:
        return None
    if store.has_accounts():
        return store.signed_in(token) if token else None
    if not is_start_token(token):
        return None
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
        store = opened_store().store
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
    store = opened_store().store
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
    store = opened_store().store
    name = outside_name(st.user.to_dict()) if outside_offered() else None
    if store is None or name is None or TICKET in st.session_state or who() is not None:
        return
    st.session_state[TICKET] = TICKETS.issue(store.begin_session(name, _cookie()))


def sign_out() -> None:
    """End the session here and, where it came from there, at the outside service."""
    store, token = opened_store().store, _cookie()
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
