"""The app under a path of a web server in front: ``https://kantor.go.id/jangkau/``.

The app itself knows plain paths only. This takes the base path off a request, where the web server in front has not
done so, and puts it on redirects and on the paths of cookies. Addresses inside a page have it from
:mod:`coverage.web.addresses`.
"""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coverage.web import settings

_COOKIE_AT_ROOT = re.compile(r"(;\s*path=)/(?=;|$)", re.IGNORECASE)


class BasePath:
    """Middleware for ``JANGKAU_BASE_PATH``; the first of all, so that every guard sees plain paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        base = settings.base_path()
        if not base or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"] == base:  # relative addresses of the page need the slash
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{base}/?{query}" if query else f"{base}/")(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put_on(base, MutableHeaders(scope=message))
            await send(message)

        await self._app(_taken_off(base, scope), receive, sent)


def _taken_off(base: str, scope: Scope) -> Scope:
    """A request without the base path."""
    path = scope["path"]
    return {**scope, "path": path[len(base) :]} if path.startswith(f"{base}/") else scope


def _put_on(base: str, headers: MutableHeaders) -> None:
    """Put the base path on redirects within the app, and on cookies."""
    location = headers.get("location", "")
    if location.startswith("/") and not location.startswith("//"):
        headers["location"] = base + location
    cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for cookie in cookies:
        headers.append("set-cookie", _COOKIE_AT_ROOT.sub(rf"\g<1>{base}", cookie))
