"""Several processes of the app behind one port: a page takes turns with the pages of its own process only.

A session of Streamlit, its uploads and its files lie in the memory of one process. So each visitor stays with one, by a
cookie: the first process listens, looks at the head of a request without taking it off the connection, and hands the
connection itself over (``SCM_RIGHTS``). No byte is copied, and the address of the visitor stays. What the processes
share lies in the store, which each asks at every step of a page.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import coverage
from coverage.base.errors import UnavailableError
from coverage.web.server.serving import READY
from coverage.web.tickets import cookie_in, named

COOKIE, NUMBER = "jangkau_proses", "JANGKAU_PROCESS"
"""Cookie with the number of the visitor's process; in a process, the variable with its own."""
MOST_WAITING = 512
"""Connections that have not said yet what they want; the longest waiting one is closed for one more."""
HEAD_BYTES, HEAD_S, LOOK_S = 16384, 5.0, 0.05
"""Bytes and seconds of a head that are waited for, and seconds between looks at one that comes in parts."""
END_S = 10.0
"""Seconds in which the processes end that are told to; then they are killed."""
STARTS, LONGEST_PAUSE_S, STEADY_S = 5, 30.0, 10.0
"""Times in a row that each process ends before it has served for a while until all is given up; the pauses between
them double from 1 s to the longest. And how long that while is."""
PROXIED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""Headers of a proxy, which may send requests of several visitors over one connection."""
SECRET_BYTES = 32
"""Length of what a process is told first: the secret of :func:`coverage.store.sign_in_attempts.share_counters`."""
_PROGRAM = "coverage.web.server.one_process"
_AGE_S = 30 * 86400
_log = logging.getLogger(__name__)


def number_in(head: bytes, processes: int) -> int | None:
    """Process that the cookie of a request names; None without one."""
    try:
        headers = http.client.parse_headers(io.BytesIO(head.partition(b"\r\n")[2]))
    except (http.client.HTTPException, ValueError):
        return None
    cookies = cookie_parser("; ".join(headers.get_all("cookie", [])))
    said = cookies.get(named(COOKIE, {"host": headers.get("host", "")}), "")
    return next((number for number in range(processes) if said == str(number)), None)


class Front:
    """Processes of the app, and the connections that come for them."""

    def __init__(self, listening: socket.socket, processes: int) -> None:
        self._listening, self._processes = listening, processes
        self._secret = secrets.token_bytes(SECRET_BYTES)
        self._turns = count()
        self._waiting: dict[asyncio.Task[None], None] = {}
        self._started: dict[int, tuple[subprocess.Popen[bytes], socket.socket]] = {}
        self._serving: dict[int, float] = {}
        self._in_vain = dict.fromkeys(range(processes), 0)
        self._due = dict.fromkeys(range(processes), 0.0)
        self._places = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the processes

    async def run(self) -> None:
        """Hand connections out until this process is told to stop; a process that dies is replaced.

        Raises
        ------
        UnavailableError
            If all processes ended again and again before they had served for a while (``serve.process_ends``).
        """
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for told in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(told, stopped.set)
        for number in range(self._processes):
            self._start(number)
        working = [asyncio.create_task(work) for work in (self._accept(), self._replace(), stopped.wait())]
        try:
            done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            await next(iter(done))  # a failure is raised
        finally:
            for task in (*working, *self._waiting):
                task.cancel()
            self._end()

    def _start(self, number: int) -> None:
        """Start a process; connections wait for it in its line."""
        line, theirs = socket.socketpair()
        line.setblocking(False)
        line.send(self._secret)
        address, port = self._listening.getsockname()[:2]
        package = str(Path(coverage.__file__).parents[1])
        shared = [str(self._processes), str(self._places.fileno())]
        command = [sys.executable, "-P", "-m", _PROGRAM, str(theirs.fileno()), address, str(port), *shared]
        paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, NUMBER: str(number), "PYTHONPATH": paths}
        passed = [theirs.fileno(), self._places.fileno()]
        process = subprocess.Popen(command, env=environment, pass_fds=passed)  # noqa: S603
        theirs.close()
        self._started[number] = (process, line)

    async def _replace(self) -> None:
        while True:
            await asyncio.sleep(1)
            for number, (process, line) in [*self._started.items()]:
                if number not in self._serving and _says_ready(line):
                    self._serving[number] = time.monotonic()
                if process.poll() is not None:
                    _log.error("process %d of the app ended with status %s", number, process.returncode)
                    line.close()
                    del self._started[number]
                    self._ended(number)
            if min(self._in_vain.values()) >= STARTS and not self._serving:
                raise UnavailableError("serve.process_ends", times=STARTS)
            for number in self._in_vain.keys() - self._started.keys():
                if time.monotonic() >= self._due[number]:
                    self._start_again(number)

    def _ended(self, number: int) -> None:
        """Have a process started again, later the more often it ended before it served."""
        has_served = time.monotonic() - self._serving.pop(number, float("inf")) >= STEADY_S
        self._in_vain[number] = 0 if has_served else self._in_vain[number] + 1
        times = self._in_vain[number]
        self._due[number] = time.monotonic() + (min(2.0 ** (times - 1), LONGEST_PAUSE_S) if times else 0.0)

    def _start_again(self, number: int) -> None:
        try:
            self._start(number)
        except OSError as error:  # no more files or memory
            _log.error("process %d of the app cannot be started: %s", number, error)
            self._ended(number)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listening)
            except OSError:  # gone again, or no more files may be open
                self._let_go()
                await asyncio.sleep(LOOK_S)
                continue
            if len(self._waiting) >= MOST_WAITING:
                self._let_go()
            task = asyncio.create_task(self._hand_over(connection))
            self._waiting[task] = None
            task.add_done_callback(lambda task: self._waiting.pop(task, None))
            await asyncio.sleep(0)  # accepting never waits where many come at once, and they are to be served

    def _let_go(self) -> None:
        """Close the connection that has waited longest."""
        if self._waiting:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.cancel()

    async def _hand_over(self, connection: socket.socket) -> None:
        with connection:
            head = await _head(connection)
            if not head:
                return
            asked, turn = number_in(head, self._processes), next(self._turns)
            while True:
                able = [one for one, times in self._in_vain.items() if one in self._serving or not times]
                able = able or [*self._in_vain]
                number = able[turn % len(able)] if asked is None or asked not in able else asked
                try:
                    socket.send_fds(self._started[number][1], [b"+"], [connection.fileno()])
                    return
                except (KeyError, OSError):  # it is being replaced, or has too many to take
                    await asyncio.sleep(LOOK_S)

    def _end(self) -> None:
        for process, line in self._started.values():
            line.close()
            process.terminate()
        ends = time.monotonic() + END_S
        for process, _ in self._started.values():
            try:
                process.wait(max(ends - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._places.close()


def _says_ready(line: socket.socket) -> bool:
    with suppress(OSError):
        return line.recv(len(READY)) == READY
    return False


async def _head(connection: socket.socket) -> bytes:
    """The head of a request, left on the connection; empty if it was closed, cut off if it is long or slow."""
    loop = asyncio.get_running_loop()
    until = float("inf")
    while True:
        try:
            head = connection.recv(HEAD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            comes = asyncio.Event()
            loop.add_reader(connection, comes.set)
            try:
                await comes.wait()
            finally:
                loop.remove_reader(connection)
            continue
        except OSError:
            return b""
        until = min(until, loop.time() + HEAD_S)
        if not head or b"\r\n\r\n" in head or len(head) >= HEAD_BYTES or loop.time() > until:
            return head
        await asyncio.sleep(LOOK_S)


class StaysWithProcess:
    """Middleware that gives whoever opens a page the cookie of this process, if it is one of several.

    Behind a proxy, a connection ends with its answer: a request of another visitor over it would not be handed on.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        number = os.environ.get(NUMBER)
        if number is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        stays, proxied = cookie_in(request, COOKIE) == number, any(name in request.headers for name in PROXIED)
        name = named(COOKIE, {"host": request.headers.get("host", "")})

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if proxied:
                    headers["connection"] = "close"
                if not stays and headers.get("content-type", "").startswith("text/html"):
                    given = f"{name}={number}; Max-Age={_AGE_S}; path=/; HttpOnly; SameSite=Lax"
                    headers.append("set-cookie", given)
            await send(message)

        await self._app(scope, receive, sent)
