"""Turns of visitors: in the queue of computations, and in being drawn a page.

Pages are made by threads of one interpreter: thirty at once are each as slow as all of them together. So one page is
drawn at a time, and the turn goes round visitors: one who opens twenty keeps only themselves waiting. A page that waits
for something steps aside (:func:`stepping_aside`), and a turn that is held too long counts no more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Protocol

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from coverage.base.errors import JangkauError
from coverage.web import store_access

AT_ONCE = 1
"""Pages that are drawn at once."""
LONGEST_S = 1.0
"""Seconds after which a page that is still being drawn keeps nobody waiting any more."""


@dataclass(frozen=True)
class Visit:
    """Who something is for: a session, or nobody alone (None); whoever is signed in computes first.

    ``source`` is the account, else the address: many sessions of one take turns with others as one visitor would.
    """

    session: str | None = None
    signed_in: bool = False
    source: str = ""


def current_visit() -> Visit:
    """The visit that a page is being made for."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return Visit()
    who = store_access.who()
    return Visit(context.session_id, who is not None, store_access.address() if who is None else f"@{who.name}")


class HasTurn(Protocol):
    """What waits, or is at work."""

    source: str
    turn: int


def next_turn(source: str, waiting: Iterable[HasTurn], at_work: Iterable[HasTurn]) -> int:
    """The turn after the last one of the source, else the one that is on (start-time fair queueing)."""
    waiting, at_work = [*waiting], [*at_work]
    begun = [one.turn for one in at_work] or [min((one.turn for one in waiting), default=0)]
    return max([*begun, *(one.turn + 1 for one in (*waiting, *at_work) if one.source == source)])


@dataclass(eq=False)
class Turn:
    """One for a page that is drawn, or is to be."""

    source: str
    turn: int = 0
    until: float = float("inf")
    begins: threading.Event = field(default_factory=threading.Event)


class FairQueue:
    """Who draws, and who waits for it."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._waiting: list[Turn] = []
        self._at_work: list[Turn] = []
        self._lock = threading.Lock()

    def take(self, drawing: Turn) -> None:
        """Wait until it is this one's turn."""
        with self._lock:
            drawing.turn = next_turn(drawing.source, self._waiting, self._at_work)
            drawing.begins.clear()
            self._waiting.append(drawing)
            self._let_next()
        while not drawing.begins.wait(self._longest_s / 4):
            with self._lock:
                self._let_next()

    def leave(self, drawing: Turn) -> None:
        """Let the next one draw."""
        with self._lock:
            for those in (self._at_work, self._waiting):
                if drawing in those:
                    those.remove(drawing)
            self._let_next()

    def taken(self) -> int:
        """How many are drawn, or wait for it."""
        return len(self._at_work) + len(self._waiting)

    def _let_next(self) -> None:
        now = time.monotonic()
        self._at_work = [one for one in self._at_work if now < one.until]
        while self._waiting and len(self._at_work) < AT_ONCE:
            following = min(self._waiting, key=lambda one: one.turn)  # the first of several: first come, first served
            self._waiting.remove(following)
            self._at_work.append(following)
            following.until = now + self._longest_s
            following.begins.set()


QUEUE = FairQueue()
_mine = threading.local()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw what follows in the visitor's turn; within another one it goes on in that."""
    if getattr(_mine, "drawing", None) is not None:
        yield
        return
    source = ""
    with suppress(JangkauError):  # a database that is away: the page says so
        source = current_visit().source
    mine = _mine.drawing = Turn(source)
    try:
        QUEUE.take(mine)
        with store_access.asked_once():
            yield
    finally:  # also when the script is stopped or begins anew: Streamlit raises that here
        _mine.drawing = None
        QUEUE.leave(mine)


@contextmanager
def stepping_aside() -> Iterator[None]:
    """Let others draw while this page waits for something."""
    mine = getattr(_mine, "drawing", None)
    if mine is None:
        yield
        return
    QUEUE.leave(mine)
    try:
        yield
    finally:
        QUEUE.take(mine)
        store_access.look_again()


def fragment(draw: Callable[..., None], run_every: float | None = None) -> Callable[..., None]:
    """``st.fragment``, of which Streamlit runs again the part alone: in a turn of its own."""

    return st.fragment(_in_turn(draw), run_every=run_every)


def dialog(title: str, draw: Callable[..., None]) -> Callable[..., None]:
    """``st.dialog``, likewise."""
    return st.dialog(title)(_in_turn(draw))


def _in_turn(draw: Callable[..., None]) -> Callable[..., None]:
    @wraps(draw)
    def drawn(*given: Any) -> None:
        with drawing():
            draw(*given)

    return drawn
