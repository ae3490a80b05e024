"""Content security policy of every answer, and our version of Streamlit's index page.

The page may run scripts of, and connect to, this server only, so nothing injected could load or leak anything. The
map's frame allows eval (streamlit-folium evaluates what folium writes), but no other host; so no user text is put into
what folium writes.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coverage.language.words import Words
from coverage.store.accounts import is_this_computer
from coverage.web import settings, store_access
from coverage.web.addresses import FEATURES, FIELD, MANUAL, asset_url
from coverage.web.responsiveness import somebody_waits
from coverage.web.server.features import token_in
from coverage.web.server.mounts import HEALTH
from coverage.web.start_token import PATH, is_start_token
from coverage.web.tickets import cookie_in

_HOST = re.compile(r"^[A-Za-z0-9.\-]+(:\d+)?$|^\[[0-9A-Fa-f:]+\](:\d+)?$")
_FRAMES, _MEDIA = "/component/", "/media/"
_SANDBOX = "default-src 'none'; sandbox"
"""For files to take away: opened in a window, they run nothing and are no page of ours."""
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_OPEN = (PATH, *HEALTH, "/_stcore/health")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def policy(host: str, frame: bool = False, image_origin: str | None = None) -> str:
    """Content security policy of an answer.

    The host is named for the web socket; a component's ``frame`` evaluates scripts; images may come from the tile
    server, too.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.match(host) else ""
    scripts = "'self' 'unsafe-inline' 'unsafe-eval'" if frame else "'self' 'wasm-unsafe-eval'"
    images = f"'self' data: blob: {image_origin or ''}".strip()
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            f"img-src {images}",
            "font-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "frame-src 'self'",
            "worker-src 'self' blob:",
            "media-src 'self' blob:",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )


@cache
def index_page() -> bytes:
    """Streamlit's index page with our language, title, icon, styles and words, without inline script.

    Another version of Streamlit may have another page: a RuntimeError, and a test.
    """
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    icon = f'<link rel="icon" type="image/svg+xml" href="{asset_url("jangkau", "icon.svg")}" />'
    without = "<noscript>Jangkau memerlukan JavaScript. / Jangkau needs JavaScript.</noscript>"
    looks = (
        f'<link rel="stylesheet" href="{asset_url("jangkau", "page.css")}" />'
        f'<script src="{asset_url("jangkau", "page.js")}"></script>'
        f'<script src="{asset_url("jangkau", "tour.js")}" defer></script>'
    )
    changes = [
        (r'<html lang="en">', '<html lang="id">'),
        (r"<title>.*?</title>", "<title>Jangkau</title>"),
        (r'<link rel="shortcut icon"[^>]*>', icon),
        (r'<link rel="service-desc"[^>]*>', ""),
        (r"<script>\s*window\.prerenderReady.*?</script>", ""),
        (r"<noscript>.*?</noscript>", without),
        (r'<script type="module"', looks + '<script type="module"'),
    ]
    for pattern, ours in changes:
        page, found = re.subn(pattern, lambda _, ours=ours: ours, page, count=1, flags=re.DOTALL)  # type: ignore[misc]
        if not found:
            raise RuntimeError(f"Streamlit's page holds no {pattern}")
    return page.encode()


class ThisComputerOnly:
    """Middleware that requires the start token while there is no account.

    The client address does not suffice: another site's name may resolve to this computer (DNS rebinding, seen in the
    Host header), and a reverse proxy connects from here (and may say so).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        refused = "" if scope["type"] not in ("http", "websocket") else why_refused(scope)
        if not refused or await run_in_threadpool(store_access.serves_others):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(Words(settings.language())(refused), 403)(scope, receive, send)


def why_refused(scope: Scope) -> str:
    """Reason to refuse a visitor where there is no account; empty to accept."""
    if not from_this_computer(scope):
        return "web.only_here"
    known = scope["path"] in _OPEN or is_start_token(cookie_in(HTTPConnection(scope))) or _is_program(scope)
    return "" if known else "web.start_address"


def _is_program(scope: Scope) -> bool:
    """Whether a program of this computer reads features by its token."""
    token = token_in(Headers(scope=scope)) if scope["path"].startswith(f"{FEATURES}/") else None
    return token is not None and store_access.program_of(token) is not None


def from_this_computer(scope: Scope) -> bool:
    """Whether a request is local by all signs."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    named = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    return (
        client is not None
        and is_this_computer(client[0])
        and is_this_computer(named)
        and not any(name in headers for name in _PASSED_ON)
    )


class GuardedPages:
    """Middleware that adds the headers and serves :func:`index_page`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        somebody_waits()
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, scope["path"], Headers(scope=scope).get("host", ""), scope["method"])
        await self._app(scope, receive, answer.send)


class _Answer:
    """One answer."""

    def __init__(self, send: Send, path: str, host: str, method: str) -> None:
        self._send = send
        self._frame = path.startswith(_FRAMES)
        self._media = path.startswith(_MEDIA)
        self._own = path.startswith((f"{MANUAL}/", f"{FIELD}/"))
        self._host = host
        self._with_body = method != "HEAD"
        self._replaces = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            tiles = settings.tiles()
            own = policy(self._host, self._frame, tiles.origin if tiles else None)
            headers["content-security-policy"] = _SANDBOX if self._media else own
            if self._media and "content-disposition" not in headers:
                headers["content-disposition"] = "attachment"
            headers.update({name: value for name, value in _HEADERS.items() if name not in headers})
            html = headers.get("content-type", "").startswith("text/html")
            ours = self._frame or self._media or self._own
            self._replaces = html and not ours and message["status"] == 200
            if self._replaces:
                for name in ("etag", "last-modified", "content-encoding", "vary"):
                    del headers[name]
                headers["content-length"] = str(len(index_page()))
                headers["cache-control"] = "no-cache"
            await self._send(message)
        elif message["type"] == "http.response.body" and self._replaces:
            if not message.get("more_body", False):
                await self._send({"type": "http.response.body", "body": index_page() if self._with_body else b""})
        else:
            await self._send(message)
