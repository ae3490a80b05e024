"""Listening and serving: the socket is made here, tuned, and its port known before the server runs."""

from __future__ import annotations

import errno
import os
import socket
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from coverage.base import log

FIRST_PORT = 8501
TRIES = 50
BACKLOG = 2048
READY = b"!"
"""Said, once it serves, by who is handed connections."""
PING_S = 30
"""Seconds between pings over a web socket, and until an unanswered one ends it."""


def listen(port: int | None = None, address: str = "127.0.0.1") -> socket.socket:
    """Return a socket that listens on ``port``; 0 is any free one, None the first free one from 8501.

    Small answers are sent at once, not held back until the browser has confirmed the ones before (Nagle's algorithm):
    each of the hundred small files of a page would wait up to 40 ms. A connection has the options of the socket that it
    was accepted from; asyncio sets this one by itself only where the socket names its protocol.

    Raises
    ------
    OSError
        If the address is not one of this computer, or no port is free.
    """
    ports = range(FIRST_PORT, FIRST_PORT + TRIES) if port is None else (port,)
    for candidate in ports:
        listening = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
        )
        try:
            if os.name == "posix":  # elsewhere the option would share the port of a running program
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if listening.family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # "::" serves IPv4 too
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listening.bind((address, candidate))
            listening.listen(BACKLOG)
            listening.setblocking(False)
        except OSError as error:
            listening.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES) or candidate == ports[-1]:
                raise
        else:
            return listening
    raise AssertionError("a range of ports has a last one")


def log_through_ours() -> None:
    """Route the logs of server and Streamlit through ours."""
    from streamlit import logger as streamlit_log

    log.configure()
    streamlit_log.setup_formatter = lambda logger: log.through_ours(logger.name)  # else each logger has its own handler
    for name in ("streamlit", "uvicorn", "websockets", "asyncio"):
        log.through_ours(name)


def url_of(listening: socket.socket) -> str:
    """Where a browser on this computer finds what listens there."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: Any, listening: socket.socket, options: Mapping[str, Any], opened: str | None = None) -> None:
    """Serve an ``st.App`` on what :func:`listen` returned, until the process is told to stop.

    ``options`` are Streamlit's by their dotted names; ``opened`` is the address to show in the browser of this computer
    as soon as the app answers. In place of a socket that listens, ``listening`` may be one through which connections
    are handed over, until it is closed (:mod:`coverage.web.server.processes`).
    """
    import asyncio

    import uvicorn  # these take a second to import, and only a server needs them
    from streamlit import config
    from streamlit.web import bootstrap

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup([] if handed_over else sockets)
            if handed_over:
                asyncio.get_running_loop().add_reader(listening, self._take)
                listening.send(READY)
            if opened:
                webbrowser.open(opened)

        def _take(self) -> None:
            loop = asyncio.get_running_loop()
            try:
                said, files, *_ = socket.recv_fds(listening, 1, 1)
            except BlockingIOError:
                return
            for file in files:
                connection = socket.socket(fileno=file)
                connection.setblocking(False)
                taken = loop.create_task(loop.connect_accepted_socket(self._protocol, connection, ssl=settings.ssl))
                taking.add(taken)
                taken.add_done_callback(forget)
            if not said:
                loop.remove_reader(listening)
                self.should_exit = True

        def _protocol(self) -> asyncio.Protocol:
            made: asyncio.Protocol = settings.http_protocol_class(  # type: ignore[call-arg]
                config=settings, server_state=self.server_state, app_state=self.lifespan.state
            )
            return made

    taking: set[asyncio.Task[Any]] = set()

    def forget(taken: asyncio.Task[Any]) -> None:
        taking.discard(taken)
        if not taken.cancelled():
            taken.exception()  # the visitor has gone

    handed_over = hasattr(socket, "AF_UNIX") and listening.family == socket.AF_UNIX
    if not handed_over:
        address, port = listening.getsockname()[:2]
        options = {**options, "server.address": address, "server.port": port}
    bootstrap.load_config_options(dict(options))
    log_through_ours()
    settings = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        lifespan="on",  # a failure while it begins ends it, where "auto" goes on without
        ws="websockets-sansio",
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_max_size=int(config.get_option("server.maxMessageSize")) * 1_000_000,
        ws_per_message_deflate=bool(config.get_option("server.enableWebsocketCompression")),
        ssl_certfile=config.get_option("server.sslCertFile"),
        ssl_keyfile=config.get_option("server.sslKeyFile"),
    )
    with listening, suppress(KeyboardInterrupt):  # uvicorn has ended in good order by then
        Server(settings).run(sockets=[listening])
