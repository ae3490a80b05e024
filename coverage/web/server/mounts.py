"""Our routes beside Streamlit's: map libraries, static files, layers, health.

``/aset/...``
    Leaflet and its cluster plugin from the XStatic packages, and our files; nothing from another host.
``/lapis/<hash>.json``
    Map layers (:mod:`coverage.web.maps.layers`), gzipped, immutable by content hash. Those with cameras are for
    signed-in users only, uncached. Raster overlays are ``/lapis/<hash>.png``.
``/lapis/<name>/<zoom>/<x>/<y>.json``, ``.png``
    Tiles of the base map and of the office's pictures (:mod:`coverage.web.maps.basemap`), immutable by their file.
``/cari/<name>?kata=...``
    Search on the map (:mod:`coverage.web.map_page.search`); what holds cameras is for signed-in users.
``/sesi``
    Session cookie (:mod:`coverage.web.tickets`).
``/panduan/<language>/<chapter>``
    The manual (:mod:`coverage.web.server.manual`) and its pictures.
``/lapangan/...``
    The field page for phones, and what it sends (:mod:`coverage.web.server.field`).
``/ogc/<region>/...``
    OGC API Features for other programs (:mod:`coverage.web.server.features`).
``/mulai``
    Cookie for the start token, where there is no account (:mod:`coverage.web.start_token`).
``/health``, ``/sehat``
    Health, and whether the run is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from coverage import __version__
from coverage.readers.shipped import manual_dir
from coverage.web import settings
from coverage.web.addresses import FOLDERS, MANUAL, SEARCH
from coverage.web.map_page.search import searched
from coverage.web.maps.basemap import basemap_tile, raster_tile
from coverage.web.maps.layers import STORE
from coverage.web.run_cache import RUNS
from coverage.web.server import features, field, manual
from coverage.web.start_token import PATH as START
from coverage.web.start_token import let_in
from coverage.web.store_access import end_session, opened_store, sees_cameras
from coverage.web.tickets import PATH, cookie_in, session_cookie

HEALTH = ("/health", "/sehat")
"""Addresses of the health."""
HEALTH_S = 3.0
"""Seconds in which the health is told."""
_MAKING = ThreadPoolExecutor(1, thread_name_prefix="jangkau-layers")
_FOR_GOOD = "public, max-age=31536000, immutable"


class _Files(StaticFiles):
    """Static files, immutable when requested by version."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        scope: Scope = args[2]  # type: ignore[assignment]
        if scope.get("query_string", b"").startswith(b"v="):
            response.headers["cache-control"] = _FOR_GOOD
        return response


async def _letters(request: Request) -> Response:
    """Font for the map's frame; Streamlit's file name changes with its version."""
    found = sorted((Path(streamlit.__file__).parent / "static/static/media").glob("SourceSansVF-Upright*.woff2"))
    if not found:
        return Response(status_code=204)
    return FileResponse(found[0], headers={"cache-control": "public, max-age=86400"})


async def _layer(request: Request) -> Response:
    name = request.path_params["name"]
    guarded = STORE.is_guarded(name)
    hidden = guarded and not await run_in_threadpool(sees_cameras, cookie_in(request))
    packed = None if hidden else STORE.get(name) or await _made(name)
    if packed is None:
        return JSONResponse({"status": "tidak ada"}, status_code=404, headers={"cache-control": "no-store"})
    headers = {
        "cache-control": "private, no-store" if guarded or STORE.is_fresh(name) else _FOR_GOOD,
        "content-encoding": "gzip",
        "vary": "accept-encoding",
    }
    return Response(packed, media_type="application/geo+json", headers=headers)


async def _made(name: str) -> bytes | None:
    """Make a promised layer; those that wait for one another hold no thread of the pool."""
    if STORE.is_fresh(name):
        return await run_in_threadpool(STORE.made, name)
    return await asyncio.get_running_loop().run_in_executor(_MAKING, STORE.made, name)


async def _picture(request: Request) -> Response:
    png = STORE.get_picture(request.path_params["name"])
    if png is None:
        return JSONResponse({"status": "tidak ada"}, status_code=404)
    return Response(png, media_type="image/png", headers={"cache-control": _FOR_GOOD})


async def _tile(request: Request) -> Response:
    """A tile; cut, or read, in a thread."""
    name, zoom, x, y = (request.path_params[part] for part in ("name", "zoom", "x", "y"))
    if request.path_params["suffix"] == "json":
        packed = await run_in_threadpool(basemap_tile, name, zoom, x, y)
        found = None if packed is None else (packed, "application/json")
    else:
        found = await run_in_threadpool(raster_tile, name, zoom, x, y)
    if found is None:
        return Response(status_code=404, headers={"cache-control": "no-store"})
    headers = {"cache-control": _FOR_GOOD, "x-content-type-options": "nosniff"}
    if request.path_params["suffix"] == "json":
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(found[0], media_type=found[1], headers=headers)


async def _search(request: Request) -> Response:
    """Answer what was typed, in a thread."""
    found = searched(request.path_params["name"])
    hidden = found is not None and found.for_signed_in
    if found is None or (hidden and not await run_in_threadpool(sees_cameras, cookie_in(request))):
        return JSONResponse({"status": "tidak ada"}, status_code=404, headers={"cache-control": "no-store"})
    answer = await run_in_threadpool(found.answer, request.query_params.get("kata", ""))
    return JSONResponse(answer, headers={"cache-control": "no-store"})


async def _health(request: Request) -> Response:
    """Answer in time, whatever the database does: one thread at a time asks it, and is waited for so long."""
    body, status = {"status": "gagal", "version": __version__, "run_id": None}, 503
    with contextlib.suppress(TimeoutError):
        body, status = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(_asked())), HEALTH_S)
    return JSONResponse(body, status_code=status, headers={"cache-control": "no-store"})


def _asked() -> Future[tuple[dict[str, str | None], int]]:
    """The state of the app, being found out; the same for all who ask meanwhile."""
    if not _asking or _asking[-1].done():
        found: Future[tuple[dict[str, str | None], int]] = Future()

        def work() -> None:
            try:
                found.set_result(_state())
            except BaseException as error:  # re-raised for whoever waits
                found.set_exception(error)

        _asking[:] = [found]
        threading.Thread(target=work, name="jangkau-health", daemon=True).start()
    return _asking[-1]


_asking: list[Future[tuple[dict[str, str | None], int]]] = []


def _state() -> tuple[dict[str, str | None], int]:
    if opened_store().problem is not None:
        return {"status": "gagal", "version": __version__, "run_id": None}, 503
    run = RUNS.of(settings.sources())
    ready = run.result.done() and run.result.exception() is None
    failed = not ready and RUNS.failing
    body = {
        "status": "gagal" if failed else "sehat" if ready else "menyiapkan",
        "version": __version__,
        "run_id": run.result.result().analysis.run["run_id"] if ready else None,
    }
    return body, 503 if failed else 200


async def _session(request: Request) -> Response:
    """Give or delete the cookie; the session of the one before ends, also one planted while the page was open."""
    answer, before = await session_cookie(request), cookie_in(request)
    if answer.status_code == 204 and before and f"={before};" not in answer.headers.get("set-cookie", ""):
        await run_in_threadpool(end_session, before)
    return answer


async def _first_page(request: Request) -> Response:
    """Redirect to ``/``, the only address by which Streamlit knows its first page."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/")


def routes() -> list[BaseRoute]:
    """Our routes, for ``st.App(routes=...)``."""
    mounts = [Mount(f"/aset/{name}", _Files(directory=folder)) for name, folder in FOLDERS.items()]
    single = [
        Route("/peta", _first_page),
        Route("/aset/huruf.woff2", _letters),
        Route("/lapis/{name}.json", _layer),
        Route("/lapis/{name}.png", _picture),
        Route("/lapis/{name}/{zoom:int}/{x:int}/{y:int}.{suffix}", _tile),
        Route(f"{SEARCH}/{{name}}", _search),
        *(Route(path, _health) for path in HEALTH),
        Route(START, let_in),
        Route(PATH, _session, methods=["POST", "DELETE"]),
    ]
    pictures = Mount(MANUAL, _Files(directory=manual_dir()))
    return [*mounts, *single, *manual.routes(), pictures, *field.routes(), *features.routes()]
