"""The public page under ``/publik/<region>/``: files of :mod:`coverage.web.publishing`, for anybody, from memory.

It stands before every guard and before Streamlit: no session, no cookie, no database, no computation. Pages are
compressed once and asked for again by ETag; what is asked for by version (``?v=``) is immutable.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import html
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from coverage.exports.output_folder import MARKER
from coverage.language.words import Words
from coverage.web import settings
from coverage.web.addresses import PUBLIC
from coverage.web.publishing import folder_of, published

FIRST = "index.html"
_GUARDS = {
    "x-content-type-options": "nosniff",
    # What a page may run and load it says itself, by hash (map.html); a policy of the server would only add to it.
    "content-security-policy": "frame-ancestors 'self'; object-src 'none'; base-uri 'none'; form-action 'none'",
}
"""Few, for most of an answer's time goes into its headers; what is not modified keeps those that it came with."""


@dataclass(frozen=True)
class _File:
    plain: bytes
    packed: bytes
    etag: str
    media_type: str


class PublicPages:
    """Middleware that answers for the public pages; right after the base path, before all others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[int, dict[str, _File]]] = {}
        self._reading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == PUBLIC or path.startswith(f"{PUBLIC}/")):
            await self._app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await PlainTextResponse("", 405, {"allow": "GET, HEAD", **_GUARDS})(scope, receive, send)
            return
        region, slash, name = path[len(PUBLIC) + 1 :].partition("/")
        if not region:
            await (await run_in_threadpool(_first))(scope, receive, send)
            return
        found = await self._files(region)
        if found and not slash:
            await RedirectResponse(f"{PUBLIC}/{quote(region)}/", headers=_GUARDS)(scope, receive, send)
            return
        file = found.get(name or FIRST)
        if file is None:
            told = Words(settings.language())("public.none")
            await PlainTextResponse(told, 404, {"cache-control": "no-store", **_GUARDS})(scope, receive, send)
            return
        await _send(file, scope, send)

    async def _files(self, region: str) -> dict[str, _File]:
        """Files of a region, read again when others were put there; those before while they are being put."""
        stamp = _stamp(region)
        kept = self._kept.get(region)
        if kept and stamp in (kept[0], 0):
            return kept[1]
        if stamp is None:
            self._kept.pop(region, None)
            return {}
        async with self._reading:
            kept = self._kept.get(region)
            while not kept or kept[0] != stamp:
                files = await run_in_threadpool(_read, region)
                before, stamp = stamp, _stamp(region)
                if not stamp:
                    return files if stamp == 0 else {}
                if stamp == before:
                    kept = self._kept[region] = (stamp, files)
        return kept[1]


def _stamp(region: str) -> int | None:
    """Changes with the files of a region; 0 while they are being put there; None where there are none."""
    if not region.replace("+", "").isalnum():
        return None
    folder = folder_of(region)
    try:
        return (folder / MARKER).stat().st_mtime_ns
    except OSError:
        return 0 if folder.is_dir() else None


def _read(region: str) -> dict[str, _File]:
    about = published(region)
    try:
        return {name: _file(folder_of(region) / name) for name in (about or {}).get("outputs", ())}
    except OSError:  # being replaced
        return {}


def _file(path: Path) -> _File:
    plain = path.read_bytes()
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return _File(plain, gzip.compress(plain, 9, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:20]}"', media_type)


async def _send(file: _File, scope: Scope, send: Send) -> None:
    asked = Headers(scope=scope)
    packed = "gzip" in asked.get("accept-encoding", "")
    lasting = "public, max-age=31536000, immutable" if scope["query_string"].startswith(b"v=") else "no-cache"
    headers = {"etag": file.etag, "cache-control": lasting, "vary": "accept-encoding"}
    known = file.etag in asked.get("if-none-match", "")
    body = b"" if known else file.packed if packed else file.plain
    if not known:
        headers |= {**_GUARDS, "content-type": file.media_type, "content-length": str(len(body))}
        headers |= {"content-encoding": "gzip"} if packed else {}
    written = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 304 if known else 200, "headers": written})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _first() -> RedirectResponse | HTMLResponse | PlainTextResponse:
    """The regions that have a page; the page itself where there is one."""
    home = folder_of("").parent / "public"
    found = {path.parent.name: published(path.parent.name) for path in sorted(home.glob(f"[!.]*/{MARKER}"))}
    words = Words(settings.language())
    if not found:
        return PlainTextResponse(words("public.none"), 404, {"cache-control": "no-store", **_GUARDS})
    if len(found) == 1:
        return RedirectResponse(f"{PUBLIC}/{quote(next(iter(found)))}/", headers=_GUARDS)
    links = "".join(
        f'<li><a href="{quote(region)}/">{html.escape(str((about or {}).get("name", region)))}</a></li>'
        for region, about in found.items()
    )
    title = html.escape(words("public.title"))
    head = f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    body = f"<head>{head}</head><body><h1>{title}</h1><ul>{links}</ul></body>"
    page = f'<!DOCTYPE html><html lang="{words.language}">{body}</html>'
    return HTMLResponse(page, headers={"cache-control": "no-cache", **_GUARDS})
