"""The app as a server: Streamlit's, with our addresses and headers, and the run computed before anybody comes."""

from __future__ import annotations

import gc
import importlib
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware

from coverage.web import settings
from coverage.web.maps import layers, pictures
from coverage.web.responsiveness import AHEAD, stand_back
from coverage.web.run_cache import RUNS
from coverage.web.server.file_guard import GuardedFiles
from coverage.web.server.headers import GuardedPages, ThisComputerOnly
from coverage.web.server.mounts import routes
from coverage.web.signal_page import signal_point

SCRIPT = Path(__file__).parent / "entry" / "script.py"
"""What Streamlit runs for every visitor and every change."""

OPTIONS: dict[str, Any] = {
    "server.address": "127.0.0.1",
    "server.showEmailPrompt": False,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 50,
    "server.enableXsrfProtection": True,
    "server.enableAgentApi": False,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.allowedOrigins": [],
    "global.disableWidgetStateDuplicationWarning": True,  # choices are said anew when the language changes
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,  # a full search for garbage after every answer; Python's own, now and then, is enough
    "logger.hideWelcomeMessage": True,
    "theme.base": "light",
    "theme.primaryColor": "#1F5A86",
    "theme.backgroundColor": "#FFFFFF",
    "theme.secondaryBackgroundColor": "#F3F5F7",
    "theme.textColor": "#1B2733",
    "theme.font": "sans-serif",
    "theme.baseFontSize": 15,
    "theme.baseRadius": "small",
    "theme.borderColor": "#D5DCE3",
    "theme.showWidgetBorder": True,
}
"""Streamlit's settings for Jangkau; ``.streamlit/config.toml`` says the same for ``streamlit run app.py``."""


SWITCH_S = 0.0005
"""Seconds that a computation in the background may hold up a page at a time; Python's own 5 ms add up, because a page
gives way at each of its hundreds of questions to the inventory."""


def _answer_at_once() -> None:
    """Have small answers sent at once, not held back until the browser has confirmed the ones before (Nagle).

    asyncio asks for that by itself, but only of a socket that was made with its protocol named, and Streamlit's is not:
    each of the hundred small files of a page, and each message, then waits up to 40 ms. A connection has the setting of
    the socket it was accepted from, which nobody hands out; so it is looked for, by type, for some objects do work or
    fail when they are asked for their class.
    """
    sockets = [one for one in gc.get_objects() if issubclass(type(one), socket.socket) and one.fileno() >= 0]
    for one in sockets:
        over_ip = one.family in (socket.AF_INET, socket.AF_INET6)
        if over_ip and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@asynccontextmanager
async def _ready_ahead(app: Any) -> AsyncIterator[None]:
    _answer_at_once()
    sys.setswitchinterval(SWITCH_S)
    threading.Thread(target=_warm, name=AHEAD, daemon=True).start()
    yield


def _warm() -> None:
    """Do ahead of the first visitor what would keep them waiting: the run, the layers, the slow imports.

    What is there then stays, and is left out when circular garbage is looked for: going through all of it takes half a
    second, in which no answer goes out.
    """
    run = RUNS.of(settings.sources())
    importlib.import_module("coverage.web.frame")
    try:
        analysis = run.result.result().analysis
    except Exception:  # the page tells the visitor
        return
    gc.freeze()
    for layer in ("villages", "subdistricts", "assets"):
        stand_back()
        layers.layer_name(analysis, layer, layers.Viewer())
    stand_back()
    pictures.relief(analysis)
    pictures.of_view(analysis, pictures.BEST)
    stand_back()
    signal_point.ready_ahead(analysis)
    gc.freeze()


def app_settings() -> dict[str, Any]:
    """Keyword arguments for ``st.App``."""
    return {
        "script_path": SCRIPT,
        "routes": routes(),
        "middleware": [Middleware(GuardedPages), Middleware(ThisComputerOnly), Middleware(GuardedFiles)],
        "lifespan": _ready_ahead,
    }
