"""Access to downloads, and limits of uploads, beside Streamlit's own.

A download lies in memory for the session, at an address by content hash that Streamlit serves to anybody who knows it.
Files made for signed-in users (with cameras, refused rows) are marked; they are served to signed-in users only,
uncached.

Uploads lie in memory too. Streamlit limits each file; this limits those of a session, and of all sessions, and how fast
they come in: the one loop that receives them answers pages, too.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance

from coverage.web import store_access
from coverage.web.downloads import MARK
from coverage.web.tickets import cookie_in

OF_A_VISIT, OF_ALL = 200 * 2**20, 1000 * 2**20
"""Bytes of uploads per session, and in total."""
PACE = 30 * 2**20
"""Bytes of uploads received in a second, in total."""
_TAKEN, _HANDED_IN = "/media/", "/_stcore/upload_file/"


class GuardedFiles:
    """Middleware for downloads and uploads."""

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
        """Accept an upload of a signed-in user within the limits, pending ones included."""
        token = cookie_in(HTTPConnection(scope))
        status = too_much(scope) if await run_in_threadpool(store_access.sees_cameras, token) else 403
        if status:
            await PlainTextResponse("", status)(scope, receive, send)
            return
        visit, size = _visit(scope), int(Headers(scope=scope)["content-length"])
        _under_way.append((visit, size))

        async def paced() -> Message:
            """Receive the next part; all uploads together take no more than :data:`PACE`."""
            message = await receive()
            await asyncio.sleep(len(_under_way) * len(message.get("body", b"")) / PACE)
            return message

        try:
            await self._app(scope, paced, send)
        finally:
            _under_way.remove((visit, size))


def _visit(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(_HANDED_IN).partition("/")[0]


_under_way: list[tuple[str, int]] = []
"""Session and size of each pending upload."""


def too_much(scope: Scope) -> int:
    """HTTP status to refuse an upload with; 0 to accept.

    Content-Length is required (browsers send it), so that nothing is read in vain.
    """
    said = Headers(scope=scope).get("content-length", "")
    if not said.isdigit():
        return 411
    held = _held()
    visit = _visit(scope)
    beyond = int(said) + held.get(visit, 0) > OF_A_VISIT or int(said) + sum(held.values()) > OF_ALL
    return 413 if beyond else 0


def _held() -> dict[str, int]:
    """Bytes of uploads by session, kept and pending."""
    storage: Any = getattr(get_instance().uploaded_file_mgr, "file_storage", {}) if exists() else {}
    held = {visit: sum(len(file.data) for file in list(files.values())) for visit, files in list(storage.items())}
    for visit, size in _under_way:
        held[visit] = held.get(visit, 0) + size
    return held


class _Taken:
    """One download."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._refused = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            kind = headers.get("content-type", "")
            if MARK in kind:
                token = cookie_in(HTTPConnection(self._scope))
                if not await run_in_threadpool(store_access.sees_cameras, token):
                    self._refused = True
                    await PlainTextResponse("", 404)(self._scope, self._receive, self._send)
                    return
                headers["content-type"] = kind.replace(MARK, "")
                headers["cache-control"] = "private, no-store"
        if not self._refused:
            await self._send(message)
