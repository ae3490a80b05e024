"""Files on their way in and out beside Streamlit's pages: who may fetch one, and how much may be handed in.

A file to take away lies in the server's memory until the visit it was made in is over, at an address made of the hash
of its content; Streamlit gives it to whoever knows the address. A file that was made for somebody who had signed in may
hold what only they may see (cameras, rows that were refused), so it carries a mark, and is given to signed-in users
only and kept by no cache.

What is handed in lies in memory too. Streamlit limits each file; this limits the files of a visit, and of all visits.
"""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance

from coverage.web import store_access
from coverage.web.downloads import MARK
from coverage.web.tickets import COOKIE

OF_A_VISIT, OF_ALL = 200 * 2**20, 1000 * 2**20
"""Bytes that one visit, and all visits together, may have handed in at a time."""
_TAKEN, _HANDED_IN = "/media/", "/_stcore/upload_file/"


class GuardedFiles:
    """Middleware that asks who fetches a file, and refuses what is too much to hand in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(_TAKEN):
            await self._app(scope, receive, _Taken(scope, receive, send).send)
        elif scope["method"] == "PUT" and scope["path"].startswith(_HANDED_IN):
            await self._take(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a file of somebody who signed in, unless it is too much with what they have handed in and still are."""
        token = HTTPConnection(scope).cookies.get(COOKIE)
        signed_in = await run_in_threadpool(store_access.holder_of, token) is not None
        status = too_much(scope) if signed_in else 403
        if status:
            await PlainTextResponse("", status)(scope, receive, send)
            return
        visit, size = _visit(scope), int(Headers(scope=scope)["content-length"])
        _under_way.append((visit, size))
        try:
            await self._app(scope, receive, send)
        finally:
            _under_way.remove((visit, size))


def _visit(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(_HANDED_IN).partition("/")[0]


_under_way: list[tuple[str, int]] = []
"""Visit and size of each file that is just being handed in."""


def too_much(scope: Scope) -> int:
    """The status to refuse a file with that is handed in; 0 if it may come.

    Its size has to be said ahead (browsers do), so that nothing is read that will be refused.
    """
    said = Headers(scope=scope).get("content-length", "")
    if not said.isdigit():
        return 411
    held = _held()
    visit = _visit(scope)
    beyond = int(said) + held.get(visit, 0) > OF_A_VISIT or int(said) + sum(held.values()) > OF_ALL
    return 413 if beyond else 0


def _held() -> dict[str, int]:
    """Bytes that are kept of what each visit handed in, and that are on their way."""
    storage: Any = getattr(get_instance().uploaded_file_mgr, "file_storage", {}) if exists() else {}
    held = {visit: sum(len(file.data) for file in list(files.values())) for visit, files in list(storage.items())}
    for visit, size in _under_way:
        held[visit] = held.get(visit, 0) + size
    return held


class _Taken:
    """One file on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._refused = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            kind = headers.get("content-type", "")
            if MARK in kind:
                token = HTTPConnection(self._scope).cookies.get(COOKIE)
                if await run_in_threadpool(store_access.holder_of, token) is None:
                    self._refused = True
                    await PlainTextResponse("", 404)(self._scope, self._receive, self._send)
                    return
                headers["content-type"] = kind.replace(MARK, "")
                headers["cache-control"] = "private, no-store"
        if not self._refused:
            await self._send(message)
