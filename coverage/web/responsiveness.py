"""Pages first: what is made ahead in the background stands back while somebody waits for a page.

Python lets one thread compute at a time, so whatever is made ahead of the first visitor would be made at their expense
if they are there already.
"""

from __future__ import annotations

import threading
import time

AHEAD = "jangkau-warm"
"""Name of the thread that makes things ahead; no other ever stands back."""
QUIET_S = 0.4
"""Seconds without a request or a page after which the thread goes on."""
LONGEST_S = 10.0
"""Seconds that it stands back at most, however busy it is here."""
_asked = [0.0]
_stood_back = [0.0]


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
