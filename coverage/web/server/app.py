"""The ASGI app: Streamlit's, with our routes and headers, warmed up at start."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from streamlit import config, env_util

from coverage.base.installation import require_own_package
from coverage.language.words import Words
from coverage.readers import apart
from coverage.run.road_distance import road_distances
from coverage.web import publishing, settings, store_access
from coverage.web.maps import basemap, layers, pictures
from coverage.web.maps.map_view import LAYERS
from coverage.web.report_page import dashboard
from coverage.web.responsiveness import AHEAD, leave_out_of_gc, shorten_turns, stand_back
from coverage.web.run_cache import RUNS
from coverage.web.server.base_path import BasePath
from coverage.web.server.file_guard import GuardedFiles
from coverage.web.server.headers import GuardedPages, ThisComputerOnly
from coverage.web.server.mounts import routes
from coverage.web.server.processes import StaysWithProcess
from coverage.web.server.public import PublicPages
from coverage.web.server.serving import log_through_ours
from coverage.web.signal_page import signal_point
from coverage.web.start_token import start_path

_log = logging.getLogger(__name__)
SCRIPT = Path(__file__).parent / "entry" / "script.py"
"""Script run per visitor and change."""

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
    "global.disableWidgetStateDuplicationWarning": True,  # widgets are reassigned when the language changes
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,  # no full collection after every answer
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
"""Streamlit options; ``.streamlit/config.toml`` has the same for ``streamlit run app.py``."""


@asynccontextmanager
async def _ready_ahead(app: Any) -> AsyncIterator[None]:
    log_through_ours()
    shorten_turns()
    # For the addresses of an outside sign-in; Streamlit's routes are made by now, without it: BasePath takes it off.
    config.set_option("server.baseUrlPath", settings.base_path())
    if "JANGKAU_BOUND_TO" not in os.environ and not store_access.serves_others():  # ``jangkau serve`` has said it
        sys.stdout.write(Words(settings.language())("web.serve.start_path", path=start_path()) + "\n")
        sys.stdout.flush()
    RUNS.followers += [publishing.follow, dashboard.keep_day]
    threading.Thread(target=_warm, name=AHEAD, daemon=True).start()
    _log.info("server started")
    yield
    _log.info("server stopped")


def opening_path() -> str:
    """Path to open in a browser: with the start token while there is no account."""
    return settings.base_path() if store_access.serves_others() else start_path()


def _warm() -> None:
    """Warm up before the first visitor: run, layers, slow imports."""
    run = RUNS.of(settings.sources())
    frame = importlib.import_module("coverage.web.frame")
    importlib.import_module("folium.plugins")  # a second
    try:
        computed = run.result.result()
    except Exception:  # the page tells the visitor, and the log whoever keeps the server
        return
    analysis = computed.analysis
    apart.ready_ahead()
    leave_out_of_gc()
    for layer in LAYERS:
        for sees_cameras in (True, False):
            stand_back()
            layers.layer_name(analysis, layer, layers.Viewer(sees_cctv=sees_cameras))
    frame.make_ahead(computed)
    with suppress(Exception):
        env_util.is_repl()  # Streamlit asks at the first element of all, and looks through every module: a second
    stand_back()
    if (name := basemap.tiles_name(analysis.basemap)) is not None:
        basemap.basemap_tile(name, 0, 0, 0)
        road_distances(analysis)
    stand_back()
    pictures.relief(analysis)
    pictures.of_view(analysis, pictures.BEST)
    stand_back()
    signal_point.warm_up(analysis)
    leave_out_of_gc()


def app_settings() -> dict[str, Any]:
    """Keyword arguments for ``st.App``; refused where another distribution was installed over this one."""
    require_own_package()
    return {
        "script_path": SCRIPT,
        "routes": routes(),
        "middleware": [
            Middleware(each)
            for each in (BasePath, StaysWithProcess, PublicPages, GuardedPages, ThisComputerOnly, GuardedFiles)
        ],
        "lifespan": _ready_ahead,
    }
