"""One of several processes of the app (:mod:`coverage.web.server.processes`): serves what is handed to it."""

from __future__ import annotations

import socket
import sys

import streamlit as st

from coverage.store.sign_in_attempts import share_counters
from coverage.web.background_jobs import share_places
from coverage.web.responsiveness import raise_gc_threshold
from coverage.web.server.app import OPTIONS, app_settings
from coverage.web.server.processes import SECRET_BYTES
from coverage.web.server.serving import run


def main(line: int, address: str, port: int, processes: int, places: int) -> None:
    """Serve, as if listening there, the connections that come through a socket."""
    handed = socket.socket(fileno=line)
    handed.setblocking(True)
    share_counters(handed.recv(SECRET_BYTES, socket.MSG_WAITALL))
    handed.setblocking(False)
    share_places(places, processes)
    raise_gc_threshold()
    run(st.App(**app_settings()), handed, {**OPTIONS, "server.address": address, "server.port": port})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
