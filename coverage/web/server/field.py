"""The field page for phones under ``/lapangan/``: its files, what it works on without a network, what it sends.

``/lapangan/`` and the files beside it
    The page, which a service worker keeps on the phone; ``kata.json`` has its sentences. No secret is in them.
``wilayah.json``
    Villages and operators of a region, for who may report.
``masuk``
    Signs in: the cookie for name and password.
``laporan``, ``foto/<report>/<photo>``
    Take a report, and each of its photos by itself. Both may come any number of times and are kept once.
``foto/<photo>``
    A photo, for who may see evidence.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Any

import anyio
import numpy as np
import pandas as pd
import shapely
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from coverage.base.errors import InputError, JangkauError, PermissionDeniedError, StoreError, UnavailableError
from coverage.base.field_report import ReportPhoto, read_report
from coverage.base.kinds import giving
from coverage.exports.outlines import simplified
from coverage.language.words import LANGUAGES, Words
from coverage.places.regencies import REGENCY_CODE, region_of
from coverage.readers.apart import read_apart
from coverage.readers.kinds import landmark_kinds
from coverage.readers.photos import read_photo
from coverage.run.result import Analysis
from coverage.store import Actor, may
from coverage.store.folder import data_folder
from coverage.store.permissions import require
from coverage.store.photos import keep_photo, photo_file
from coverage.store.region_files import files_of
from coverage.store.store import Store
from coverage.villages_served.landmarks import hamlets_by_village
from coverage.web import settings, store_access
from coverage.web.addresses import FIELD, OURS
from coverage.web.run_cache import RUNS, cached_per_run
from coverage.web.tickets import DEVICE, DEVICE_S, cookie_in, from_our_page, give_cookie

SHELL = ("index.html", "halaman.js", "halaman.css", "manifest.webmanifest")
"""Files of the page, beside its sentences and icon."""
OPERATORS = ("Telkomsel", "Indosat Ooredoo Hutchison", "XLSmart")
"""Operators of Indonesia's mobile networks since April 2025; those of the inventory stand before them."""
MOST_BYTES = 64 * 2**10
MOST_IN_AN_HOUR = {"report": 600, "photo": 1200}
"""What one account may send in an hour."""
LEAST_FREE = 500 * 2**20
"""Bytes that photos leave free on the disk."""
VERTICES = 8_000
"""Vertices of all outlines that a phone keeps."""
_FILES = OURS / "lapangan"
_STATUS = {PermissionDeniedError: 403, InputError: 422, UnavailableError: 503, StoreError: 503}
_sent: dict[tuple[str, str], deque[float]] = defaultdict(deque)
_few = anyio.CapacityLimiter(4)
"""Threads that look at photos and passwords: what takes long leaves the others to the map."""
Answering = Callable[[Request], Awaitable[Response]]


class _RefusedError(Exception):
    """An answer other than 200, with the reason to show."""

    def __init__(self, status: int, key: str) -> None:
        self.status, self.key = status, key


def _guarded(work: Callable[[Request, Words], Awaitable[Response]]) -> Answering:
    """Answer with the reason, in the language of the page, where ``work`` is refused."""

    async def answer(request: Request) -> Response:
        asked = request.query_params.get("bahasa")
        words = Words(asked if asked in LANGUAGES else settings.language())
        try:
            if request.method != "GET" and not from_our_page(request):
                return Response(status_code=403)
            return await work(request, words)
        except ClientDisconnect:
            return Response(status_code=400)
        except _RefusedError as refused:
            return _told(refused.status, words(refused.key))
        except JangkauError as error:
            status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
            return _told(409 if error.code == "store.report_id_taken" else status, words.error(error))

    return answer


def _told(status: int, text: str) -> Response:
    return JSONResponse({"told": text}, status, headers={"cache-control": "no-store"})


async def _body(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > most:
            raise _RefusedError(413, "field.server.too_large")
    return b"".join(parts)


def _store() -> Store:
    found = store_access.opened_store()
    if found.store is None:
        raise found.problem or UnavailableError("store.no_answer")
    return found.store


def _reporter(token: str | None, what: str | None = None) -> Actor:
    """Who sends, within the limits of an hour; 401 where the session ended."""
    _store()
    who = store_access.holder_of(token)
    if who is None:
        raise _RefusedError(401, "field.server.sign_in")
    require(who, "report")
    if what is not None:
        now, moments = time.monotonic(), _sent[who.name, what]
        while moments and now - moments[0] > 3600:
            moments.popleft()
        if len(moments) >= MOST_IN_AN_HOUR[what]:
            raise _RefusedError(429, "field.server.too_many")
        moments.append(now)
    return who


async def _area(request: Request, words: Words) -> Response:
    """Region, villages and operators, once their run is there."""
    token, code = cookie_in(request), request.query_params.get("wilayah", "")

    def work() -> bytes:
        who, sources = _reporter(token), settings.sources()
        first = files_of(sources.region)
        other = REGENCY_CODE.fullmatch(code) and first is not None and code != first.code
        run = RUNS.of(sources.of_region(code) if other else sources)
        if not run.result.done():
            raise _RefusedError(503, "field.server.preparing")
        found = {"who": who.name, **_area_of(run.result.result().analysis)}
        return gzip.compress(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode(), 6)

    packed = await anyio.to_thread.run_sync(work)
    headers = {"cache-control": "no-store", "content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(packed, media_type="application/json", headers=headers)


@cached_per_run
def _area_of(analysis: Analysis) -> dict[str, Any]:
    villages = analysis.villages
    shapes = simplified(villages, VERTICES).to_crs(4326).geometry.to_numpy()
    assets = analysis.assets
    kinds = giving(analysis.parameters.kinds, "cellular")
    heard = pd.DataFrame(columns=["operator", "source"]) if assets is None else assets[assets["kind"].isin(kinds)]
    heard = heard.dropna(subset="operator")
    known, real = set(heard["operator"]), set(heard.loc[heard["source"] != "contoh", "operator"])
    rows = zip(*(villages[name] for name in ("village_code_bps", "village", "subdistrict")), shapes, strict=True)
    return {
        "region": region_of(villages),
        "name": ", ".join(villages["regency"].unique()),
        "operators": list(dict.fromkeys([*sorted(known), *OPERATORS])),
        "sample": sorted(known - real - set(OPERATORS)),
        "hamlets": hamlets_by_village(analysis.landmarks, landmark_kinds("hamlet")),
        "villages": [[code, name, subdistrict, _rings(shape)] for code, name, subdistrict, shape in rows],
    }


def _rings(shape: Any) -> list[list[float]]:
    """Every ring of an outline, outer and inner alike, as one list ``lon, lat, lon, lat, …`` (a step is 11 m)."""
    rings = shapely.get_rings(shape)
    return [np.round(shapely.get_coordinates(ring), 4).ravel().tolist() for ring in rings]


async def _sign_in(request: Request, words: Words) -> Response:
    said = _fields(await _body(request, 2000))
    name, password = said.get("name", ""), said.get("password", "")
    old, device = cookie_in(request), cookie_in(request, DEVICE) or ""
    client = request.client.host if request.client else ""

    def work() -> tuple[str, str]:
        accounts = _store().accounts
        return accounts.sign_in(name, password, old, client, device), accounts.device(name, device)

    token, known = await anyio.to_thread.run_sync(work, limiter=_few)
    answer = Response(status_code=204, headers={"cache-control": "no-store"})
    give_cookie(answer, request, token)
    give_cookie(answer, request, known, DEVICE, DEVICE_S)
    return answer


def _fields(body: bytes) -> dict[str, str]:
    try:
        said = json.loads(body)
        return {name: value for name, value in said.items() if isinstance(value, str)}
    except (ValueError, AttributeError, RecursionError):
        return {}


async def _report(request: Request, words: Words) -> Response:
    token, body = cookie_in(request), await _body(request, MOST_BYTES)

    def work() -> None:
        who = _reporter(token, "report")
        _store().reports.add(read_report(body), who)

    await anyio.to_thread.run_sync(work)
    return JSONResponse({"kept": True})


async def _photo(request: Request, words: Words) -> Response:
    """Take a photo: announced by its report, whole, and a photo indeed; the file lies there before it is noted."""
    token, names = cookie_in(request), request.path_params
    announced = partial(_announced, token, names["report"], names["photo"])
    who, region, photo, there = await anyio.to_thread.run_sync(announced)
    if there:
        return JSONResponse({"kept": True})
    content = await _body(request, photo.bytes)

    def work() -> None:
        exif = keep_photo(region, content, photo.sha256, lambda path: read_apart(read_photo, path))
        _store().reports.add_photo(names["report"], photo, exif, who)

    await anyio.to_thread.run_sync(work, limiter=_few)
    return JSONResponse({"kept": True})


def _announced(token: str | None, report: str, photo: str) -> tuple[Actor, str, ReportPhoto, bool]:
    who = _reporter(token, "photo")
    if shutil.disk_usage(data_folder()).free < LEAST_FREE:
        raise _RefusedError(507, "field.server.full")
    reports = _store().reports
    return who, *reports.photo_said(report, photo, who), reports.has_photo(photo)


async def _shown(request: Request, words: Words) -> Response:
    token, photo = cookie_in(request), request.path_params["photo"]

    def work() -> tuple[str, str] | None:
        who = store_access.holder_of(token)
        return _store().reports.photo(photo, who) if may(who, "view_evidence") else None

    found = await anyio.to_thread.run_sync(work)
    path = found and photo_file(*found)
    if not path or not path.is_file():
        return Response(status_code=404, headers={"cache-control": "no-store"})
    return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "private, no-store"})


@cache
def _words() -> bytes:
    """The page's sentences in every language."""
    found = {name: Words(name).unfilled("field.page.") for name in LANGUAGES}
    return json.dumps({"first": settings.language(), **found}, ensure_ascii=False).encode()


@cache
def _worker() -> bytes:
    """The service worker, which differs with every change of the page: so phones fetch the page anew, whole."""
    content = [*((_FILES / name).read_bytes() for name in SHELL), _words(), (OURS / "icon.svg").read_bytes()]
    version = hashlib.sha256(b"".join(content)).hexdigest()[:16]
    return f'const VERSION = "{version}";\n'.encode() + (_FILES / "pekerja.js").read_bytes()


async def _file(request: Request) -> Response:
    name = request.path_params.get("name", "index.html")
    headers = {"cache-control": "no-cache"}
    if name == "kata.json":
        return Response(_words(), media_type="application/json", headers=headers)
    if name == "pekerja.js":
        return Response(_worker(), media_type="text/javascript", headers=headers)
    if name == "icon.svg":
        return FileResponse(OURS / name, headers=headers)
    return FileResponse(_FILES / name, headers=headers) if name in SHELL else Response(status_code=404)


async def _to_page(request: Request) -> Response:
    return RedirectResponse(f"{FIELD}/")


def routes() -> list[BaseRoute]:
    """Routes of the page."""
    return [
        Route(FIELD, _to_page),
        Route(f"{FIELD}/", _file),
        Route(f"{FIELD}/wilayah.json", _guarded(_area)),
        Route(f"{FIELD}/masuk", _guarded(_sign_in), methods=["POST"]),
        Route(f"{FIELD}/laporan", _guarded(_report), methods=["POST"]),
        Route(f"{FIELD}/foto/{{report}}/{{photo}}", _guarded(_photo), methods=["PUT"]),
        Route(f"{FIELD}/foto/{{photo}}", _guarded(_shown)),
        Route(f"{FIELD}/{{name}}", _file),
    ]
