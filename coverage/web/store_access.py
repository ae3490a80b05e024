"""The inventory, opened once per process, and the current actor."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

import geopandas as gpd
import streamlit as st

from coverage.base.errors import JangkauError, UnavailableError
from coverage.run.sources import Sources
from coverage.run.stored_inputs import READER, uses_inventory
from coverage.store import Actor, Store, may, open_store
from coverage.store.folder import user_name
from coverage.store.permissions import ANONYMOUS
from coverage.store.sign_in_attempts import network
from coverage.web.start_token import is_start_token
from coverage.web.tickets import COOKIE, DEVICE, TICKETS, named, outside_name

TICKET = "session_ticket"
"""Session key of the ticket for ``page.js``; ``OUT`` deletes the cookie."""
OUT = "keluar"


@dataclass(frozen=True)
class OpenedStore:
    """The store, or why there is none: the map works without."""

    store: Store | None
    problem: JangkauError | None = None


OPENS_S, ANSWERS_S, FRESH_S = 15.0, 2.0, 2.0
"""Seconds that a server's database may take to be opened and to answer, and for which an answer counts."""

_lock = threading.Lock()
_kept: list[OpenedStore] = []
_looking: list[tuple[Future[OpenedStore], float]] = []
_answered = [float("-inf")]


def opened_store() -> OpenedStore:
    """Open the inventory once per process; a server's is asked whether it answers, and nobody waits long for that.

    While one thread waits for a database that hangs, all others are told at once that it does not answer.
    """
    with _lock:
        now = time.monotonic()
        if _kept and (in_a_file() or now - _answered[0] < FRESH_S):
            return _kept[0]
        if not _looking or _looking[-1][0].done():
            _looking[:] = [(_look(), now + (ANSWERS_S if _kept else OPENS_S))]
        looked, until = _looking[-1]
    try:
        return looked.result(None if in_a_file() else max(0.0, until - now))
    except TimeoutError:
        return OpenedStore(None, UnavailableError("store.no_answer"))


def in_a_file() -> bool:
    """Whether the inventory is a file of SQLite, which never keeps anybody waiting for long."""
    return not os.environ.get("JANGKAU_DATABASE_URL", "").startswith("postg")


def _look() -> Future[OpenedStore]:
    """Open the store, or ask one that is open for a sign of life, in a thread of its own."""
    found: Future[OpenedStore] = Future()

    def work() -> None:
        try:
            if not _kept:
                _kept.append(OpenedStore(open_store()))
            elif (store := _kept[0].store) is not None:
                store.database.answers()
            _answered[0] = time.monotonic()
            found.set_result(_kept[0])
        except JangkauError as error:
            found.set_result(OpenedStore(None, error))  # retried at the next visit: it may be restored
        except BaseException as error:  # re-raised for whoever waits
            found.set_exception(error)

    threading.Thread(target=work, name="jangkau-store", daemon=True).start()
    return found


def revision(sources: Sources) -> int | None:
    """Revision of the inventory that the current run is made from; None where it is made without."""
    store = opened_store().store
    return store.assets.revision() if store is not None and uses_inventory(sources, store) else None


def records_revision() -> str | None:
    """Token that changes with kept evidence, figures and reports."""
    store = opened_store().store
    return None if store is None else f"{store.imports.records_revision()}/{store.reports.revision()}"


def settings_revision() -> str | None:
    """Token that changes with the office's decisions (:mod:`coverage.store.settings`)."""
    store = opened_store().store
    return None if store is None else store.settings.revision()


def warm_up(villages: gpd.GeoDataFrame) -> None:
    """Warm up what the first inventory page needs, with very many assets."""
    store = opened_store().store
    if store is not None:
        store.villages.use(villages)  # locates new assets
        for viewer in (None, READER):
            store.assets.owners(viewer)
            store.assets.places(viewer)


def who(environment: Mapping[str, str] = os.environ) -> Actor | None:
    """The current actor: signed in, or the local user where there are no accounts; else None."""
    token, seen = _cookie(), getattr(_page, "seen", None)
    if seen is None:
        return holder_of(token, environment)
    if token not in seen:
        seen[token] = holder_of(token, environment)
    found: Actor | None = seen[token]
    return found


_page = threading.local()


@contextmanager
def asked_once() -> Iterator[None]:
    """While this thread draws a page, :func:`who` asks the store once."""
    _page.seen = {}
    try:
        yield
    finally:
        _page.seen = None


def look_again() -> None:
    """The page has waited: whoever was signed in may have gone."""
    if getattr(_page, "seen", None):
        _page.seen.clear()


def may_import() -> bool:
    """Whether the current actor may bring in data."""
    return opened_store().store is not None and may(who(), "import")


def acting() -> Actor:
    """The actor of a button press, looked up again: role or session may have changed since the page was rendered.

    An anonymous actor is refused by the store.
    """
    look_again()
    return who() or ANONYMOUS


def _cookie(cookie: str = COOKIE) -> str | None:
    """Session cookie of the browser; None without a browser, as in tests."""
    found = st.context.cookies.get(named(cookie, st.context.headers))
    return found if isinstance(found, str) else None


def holder_of(token: str | None, environment: Mapping[str, str] = os.environ) -> Actor | None:
    """Holder of a session cookie; the local user where there are no accounts; else None."""
    store = opened_store().store
    if store is None:
        return None
    if store.accounts.exist():
        return store.accounts.signed_in(token) if token else None
    if not is_start_token(token):
        return None
    try:
        return store.accounts.local_actor(environment.get("JANGKAU_BOUND_TO", "127.0.0.1"), user_name())
    except JangkauError:
        return None


def program_of(token: str) -> Actor | None:
    """The program that holds a token."""
    store = opened_store().store
    return None if store is None or not token else store.tokens.holder(token)


def sees_cameras(token: str | None) -> bool:
    """Whether the holder of a session cookie may see cameras; nobody may while the store is unavailable."""
    return may(holder_of(token), "view_cctv")


def serves_others() -> bool:
    """Whether other computers are served: where there is an account.

    With an unavailable store they are served too, as anonymous viewers.
    """
    if not _others:
        store = opened_store().store
        if store is not None and not store.accounts.exist():
            return False
        if store is not None:
            _others.append(True)  # stays: the last administrator cannot be removed
    return True


_others: list[bool] = []


def sign_in(name: str, password: str) -> None:
    """Replace the session; the page is reloaded with its cookie. Wrong names and passwords are refused."""
    store = opened_store().store
    assert store is not None
    device = _cookie(DEVICE) or ""
    token = store.accounts.sign_in(name, password, _cookie(), address(), device)
    st.session_state[TICKET] = TICKETS.issue(token, store.accounts.device(name, device))


def address() -> str:
    """Network that the visitor comes from, to count failed sign-ins and computations by; empty on this computer."""
    return network(str(st.context.ip_address or ""))


def outside_offered() -> bool:
    """Whether an OIDC provider is set up: section ``[auth]`` of Streamlit's secrets."""
    return "is_logged_in" in st.user


def sign_in_from_outside() -> None:
    """Begin a session for the user of the OIDC provider, unless signed in already; refused without an account here."""
    store = opened_store().store
    name = outside_name(st.user.to_dict()) if outside_offered() else None
    if store is None or name is None or TICKET in st.session_state or who() is not None:
        return
    st.session_state[TICKET] = TICKETS.issue(store.accounts.begin_session(name, _cookie()))


def sign_out() -> None:
    """End the session here and at the OIDC provider, if it began there."""
    end_session(_cookie())
    if outside_offered() and st.user.is_logged_in:
        st.logout()
    else:
        st.session_state[TICKET] = OUT


def end_session(token: str | None) -> None:
    """End the session of a cookie in the store, so that a copy of it is worth nothing."""
    store = opened_store().store
    if store is not None and token:
        store.accounts.sign_out(token)
