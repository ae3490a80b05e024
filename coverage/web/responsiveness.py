"""Keep pages responsive while the same process computes.

Python runs one thread at a time, and stops all during a garbage collection. Four measures:

1. **Fewer collections** (:func:`raise_gc_threshold`): most objects live on, few are in cycles. Streamlit's collection
   after every answer is switched off (``runner.postScriptGC``).
2. **Shorter collections** (:func:`leave_out_of_gc`): what exists once the server is warm is frozen; traversing it
   takes half a second.
3. **Shorter turns** (:func:`shorten_turns`): a page yields at each of its hundreds of store queries, and waits for a
   computing thread each time, by default for up to 5 ms.
4. **Pages first** (:func:`stand_back`): warm-up work waits while somebody waits for a page.

Small answers are sent at once by an option of the listening socket: :mod:`coverage.web.server.serving`.
"""

from __future__ import annotations

import gc
import sys
import threading
import time

AHEAD = "jangkau-warm"
"""Name of the warm-up thread, the only one that stands back."""
QUIET_S = 0.4
"""Seconds without requests after which it goes on."""
LONGEST_S = 10.0
"""Total seconds that it stands back at most."""
SWITCH_S = 0.0005
"""Interpreter's switch interval in seconds."""
_asked = [0.0]
_stood_back = [0.0]


def raise_gc_threshold() -> None:
    """Set the GC threshold to 100,000 new objects; Python's own is 700."""
    gc.set_threshold(100_000, 20, 20)


def leave_out_of_gc() -> None:
    """Freeze present objects."""
    gc.freeze()


def shorten_turns() -> None:
    """Shorten the interpreter's switch interval."""
    sys.setswitchinterval(SWITCH_S)


def somebody_waits() -> None:
    """Record a request."""
    _asked[0] = time.monotonic()


def let_others_first(longest_s: float) -> None:
    """Wait for a quiet moment, at most so many seconds."""
    ends = time.monotonic() + longest_s
    while time.monotonic() < min(ends, _asked[0] + QUIET_S):
        time.sleep(0.05)


def stand_back() -> None:
    """Yield to pending requests; called at intervals by long work."""
    if threading.current_thread().name != AHEAD:
        return
    begun = time.monotonic()
    let_others_first(LONGEST_S - _stood_back[0])
    _stood_back[0] += time.monotonic() - begun
