"""What keeps pages quick while the same process computes.

Python lets one thread compute at a time, and stops all of them while it searches for circular garbage. Four measures
keep what goes on in the background from holding up an answer:

1. **Few searches for garbage** (:func:`raise_gc_threshold`): most objects made here live on, and few are circular.
   Streamlit's own search after every answer is switched off in its options (``runner.postScriptGC``).
2. **Short searches** (:func:`leave_out_of_gc`): what is there once the server is warm stays, and is left out. Going
   through all of it takes half a second.
3. **Short turns** (:func:`shorten_turns`): a page gives way at each of its hundreds of questions to the inventory, and
   waits for a computing thread each time, by default for up to 5 ms.
4. **Pages first** (:func:`stand_back`): what is made ahead of the first visitor waits while somebody waits for a page.

Small answers are sent at once by an option of the listening socket: :mod:`coverage.web.server.serving`.
"""

from __future__ import annotations

import gc
import sys
import threading
import time

AHEAD = "jangkau-warm"
"""Name of the thread that makes things ahead; no other ever stands back."""
QUIET_S = 0.4
"""Seconds without a request or a page after which the thread goes on."""
LONGEST_S = 10.0
"""Seconds that it stands back at most, however busy it is here."""
SWITCH_S = 0.0005
"""Seconds that a computing thread may hold up the others at a time."""
_asked = [0.0]
_stood_back = [0.0]


def raise_gc_threshold() -> None:
    """Search for circular garbage after 100,000 new objects instead of 700."""
    gc.set_threshold(100_000, 20, 20)


def leave_out_of_gc() -> None:
    """Leave everything that is there now out of later searches for circular garbage."""
    gc.freeze()


def shorten_turns() -> None:
    """Let waiting threads have their turn sooner."""
    sys.setswitchinterval(SWITCH_S)


def somebody_waits() -> None:
    """Note that somebody has just asked for something."""
    _asked[0] = time.monotonic()


def let_others_first(longest_s: float) -> None:
    """Wait until nobody has asked for anything for a moment, at most so many seconds."""
    ends = time.monotonic() + longest_s
    while time.monotonic() < min(ends, _asked[0] + QUIET_S):
        time.sleep(0.05)


def stand_back() -> None:
    """Wait until nobody waits for a page; called now and then by work that takes long."""
    if threading.current_thread().name != AHEAD:
        return
    begun = time.monotonic()
    let_others_first(LONGEST_S - _stood_back[0])
    _stood_back[0] += time.monotonic() - begun
