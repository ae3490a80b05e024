"""OGC API - Features for other programs, read-only, under ``/ogc/<region>`` (OGC 17-069r4: core, GeoJSON, OpenAPI 3.0).

Villages, pockets, assets and proposals of a region as GeoJSON in CRS84, as the reader's role may see them: anybody as
on the map, a session by its account, a token (``Authorization: Bearer``, or as the password of ``Basic``) as a program.
Nothing is computed but the run that the map would show.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from coverage import __version__
from coverage.base.errors import JangkauError
from coverage.exports.geojson import assets_frame, villages_frame
from coverage.exports.pockets import pockets_frame
from coverage.exports.provenance import provenance
from coverage.exports.register import register_frame
from coverage.language.words import LANGUAGES, Language, Words
from coverage.places.regencies import REGENCY_CODE, region_of
from coverage.run.privacy import for_outsiders
from coverage.run.result import Analysis
from coverage.store import Actor, may
from coverage.store.region_files import files_of
from coverage.web import settings, store_access
from coverage.web.addresses import FEATURES
from coverage.web.run_cache import RUNS, cached_per_run
from coverage.web.tickets import cookie_in

NEEDS = {"villages": "view", "pockets": "view", "assets": "view", "proposals": "view_proposals"}
"""Collections, and what reading each takes."""
_KEYS = {"villages": ["village_code_bps"], "pockets": ["village_code_bps", "pocket"]}
_KEYS |= {"assets": ["asset_id"], "proposals": ["proposal_id"]}
LIMIT, MOST = 100, 10_000
"""Features of a page, by default and at most."""
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS = [f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "oas30", "geojson")]
ONLY = "utama"
"""Name of the region where a file of boundaries was given."""
_PLAIN = ("limit", "offset", "bbox", "datetime", "f", "bahasa")


class _RequestError(Exception):
    def __init__(self, status: int, told: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.told, self.headers = status, told, headers or {}


@dataclass(frozen=True)
class _Asked:
    """A request: who asks for what region, where it lies, and the run that is there."""

    request: Request
    words: Words
    who: Actor | None
    analysis: Analysis
    base: str

    def link(self, path: str, rel: str, media_type: str = "application/json", **query: Any) -> dict[str, str]:
        told = "&".join(f"{name}={value}" for name, value in query.items())
        return {"href": f"{self.base}{path}{'?' if told else ''}{told}", "rel": rel, "type": media_type}


def _answering(make: Callable[[_Asked], tuple[Any, str]]) -> Callable[[Request], Awaitable[Response]]:
    def work(request: Request) -> Response:
        asked = request.query_params.get("bahasa")
        words = Words(asked if asked in LANGUAGES else settings.language())
        try:
            content, media_type = make(_asked(request, words))
            told = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            return Response(told, media_type=media_type, headers={"cache-control": "private, no-cache"})
        except _RequestError as refused:
            body = {"code": str(refused.status), "description": refused.told}
            return JSONResponse(body, refused.status, dict(refused.headers))
        except JangkauError as error:
            return JSONResponse({"code": error.code, "description": words.error(error)}, 503)

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(work, request)

    return answer


def _asked(request: Request, words: Words) -> _Asked:
    code, first, sources = request.path_params["region"], _first(), settings.sources()
    if code != first:
        if not REGENCY_CODE.fullmatch(code) or first == ONLY:
            raise _RequestError(404, code)
        sources = sources.of_region(code)
    who = _reader(request)
    run, _ = RUNS.shown(sources)
    if not run.result.done():
        raise _RequestError(503, words("field.server.preparing"), {"retry-after": "5"})
    host = f"{request.url.scheme}://{request.headers.get('host', '')}"
    base = f"{host}{settings.base_path()}{FEATURES}/{code}"
    return _Asked(request, words, who, run.result.result().analysis, base)


def _first() -> str:
    files = files_of(settings.sources().region)
    return ONLY if files is None else files.code


def token_in(headers: Mapping[str, str]) -> str | None:
    """Token of a program, as it came with a request."""
    kind, _, said = headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            return base64.b64decode(said, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return said.strip() if kind.lower() == "bearer" else None


def _reader(request: Request) -> Actor | None:
    token = token_in(request.headers)
    if token is None:
        return store_access.holder_of(cookie_in(request))
    who = store_access.program_of(token)
    if who is None:
        raise _RequestError(401, "token", {"www-authenticate": "Bearer"})
    return who


@cached_per_run
def _of_run(analysis: Analysis, name: str, language: Language, sees_cameras: bool) -> gpd.GeoDataFrame | None:
    shown, words = analysis if sees_cameras else for_outsiders(analysis), Words(language)
    makers: dict[str, Callable[[], Any]] = {
        "villages": lambda: villages_frame(shown, words),
        "pockets": lambda: pockets_frame(shown, words),
        "assets": lambda: None if shown.assets is None else assets_frame(shown),
    }
    return _with_ids(makers[name](), name)


def _collection(asked: _Asked) -> tuple[str, gpd.GeoDataFrame]:
    """The collection that is asked for, its index the ids of its features."""
    name = asked.request.path_params["collection"]
    if name not in NEEDS:
        raise _RequestError(404, name)
    if not may(asked.who, NEEDS[name]):
        refused = {"www-authenticate": "Bearer"} if asked.who is None else {}
        raise _RequestError(401 if asked.who is None else 403, name, refused)
    if name == "proposals":
        store = store_access.opened_store().store
        lines = [] if store is None else store.proposals.all(region_of(asked.analysis.villages), asked.who)
        frame = register_frame([line.proposal for line in lines], asked.analysis.villages, asked.words)
        found = _with_ids(frame, name)
    else:
        found = _of_run(asked.analysis, name, asked.words.language, may(asked.who, "view_cctv"))
    return name, gpd.GeoDataFrame(geometry=[], crs=4326) if found is None else found


def _with_ids(frame: gpd.GeoDataFrame | None, name: str) -> gpd.GeoDataFrame | None:
    if frame is None:
        return None
    ids = frame[_KEYS[name]].astype(str).agg("-".join, axis=1) if len(frame) else []
    return frame.set_index(pd.Index(ids, dtype=object))


def _landing(asked: _Asked) -> tuple[Any, str]:
    about = provenance(asked.analysis, asked.words)
    links = [
        asked.link("", "self"),
        asked.link("/api", "service-desc", "application/vnd.oai.openapi+json;version=3.0"),
        asked.link("/conformance", "conformance"),
        asked.link("/collections", "data"),
    ]
    told = " ".join([about.footer(asked.words) + ".", *about.approximations])
    return {"title": f"Jangkau: {about.region}", "description": told, "links": links}, "application/json"


def _conformance(_: _Asked) -> tuple[Any, str]:
    return {"conformsTo": CONFORMS}, "application/json"


def _described(asked: _Asked, name: str) -> dict[str, Any]:
    path, box = f"/collections/{name}", gpd.GeoDataFrame(asked.analysis.villages).total_bounds.tolist()
    links = [asked.link(path, "self"), asked.link(f"{path}/items", "items", "application/geo+json")]
    extent = {"spatial": {"bbox": [box], "crs": CRS84}}
    title = asked.words(f"features.{name}")
    return {"id": name, "title": title, "itemType": "feature", "extent": extent, "crs": [CRS84], "links": links}


def _collections(asked: _Asked) -> tuple[Any, str]:
    readable = [name for name, needed in NEEDS.items() if may(asked.who, needed)]
    described = [_described(asked, name) for name in readable]
    return {"links": [asked.link("/collections", "self")], "collections": described}, "application/json"


def _one_collection(asked: _Asked) -> tuple[Any, str]:
    return _described(asked, _collection(asked)[0]), "application/json"


def _items(asked: _Asked) -> tuple[Any, str]:
    (name, frame), query = _collection(asked), asked.request.query_params
    unknown = [key for key in query if key not in _PLAIN and key not in frame.columns.drop("geometry", errors="ignore")]
    if unknown:
        raise _RequestError(400, ", ".join(unknown))
    for key in (key for key in query if key not in _PLAIN):
        frame = frame[frame[key].astype(str) == query[key]]
    if "bbox" in query:
        frame = frame[shapely.intersects(frame.geometry.to_numpy(), _box(query["bbox"]))]
    limit, offset = min(_whole(query, "limit", LIMIT, 1), MOST), _whole(query, "offset", 0, 0)
    page, path = frame.iloc[offset : offset + limit], f"/collections/{name}/items"
    here = asked.link(path, "self", "application/geo+json", **query)
    links = [here, asked.link(f"/collections/{name}", "collection")]
    if offset + limit < len(frame):
        further = {**query, "limit": limit, "offset": offset + limit}
        links.append(asked.link(path, "next", "application/geo+json", **further))
    content = {
        "type": "FeatureCollection",
        "features": _features(page),
        "links": links,
        "timeStamp": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": len(frame),
        "numberReturned": len(page),
    }
    return content, "application/geo+json"


def _item(asked: _Asked) -> tuple[Any, str]:
    (name, frame), wanted = _collection(asked), asked.request.path_params["item"]
    found = frame.loc[frame.index == wanted]
    if found.empty:
        raise _RequestError(404, wanted)
    path = f"/collections/{name}"
    links = [asked.link(f"{path}/items/{wanted}", "self", "application/geo+json"), asked.link(path, "collection")]
    return {**_features(found)[0], "links": links}, "application/geo+json"


def _features(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    plain = frame.drop(columns="geometry").astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    shapes = shapely.to_geojson(shapely.force_2d(frame.geometry.to_numpy()))
    values = [{key: one.item() if isinstance(one, np.generic) else one for key, one in row.items()} for row in rows]
    told = zip(frame.index, shapes, values, strict=True)
    return [{"type": "Feature", "id": n, "geometry": s and json.loads(s), "properties": v} for n, s, v in told]


def _whole(query: Mapping[str, str], name: str, usual: int, least: int) -> int:
    said = query.get(name, str(usual))
    if not (said.isascii() and said.isdigit() and least <= int(said) < 10**9):
        raise _RequestError(400, f"{name}={said}")
    return int(said)


def _box(said: str) -> shapely.Geometry:
    """The box of a parameter ``bbox``: four numbers, or six with heights; it may cross the antimeridian."""
    try:
        numbers = [float(one) for one in said.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise _RequestError(400, f"bbox={said}")
    half = len(numbers) // 2
    west, south, east, north = *numbers[:2], *numbers[half : half + 2]
    if south > north:
        raise _RequestError(400, f"bbox={said}")
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union_all([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])


def _api(asked: _Asked) -> tuple[Any, str]:
    """OpenAPI 3.0 definition."""

    def get(summary: str, *parameters: dict[str, Any]) -> dict[str, Any]:
        answer = {"200": {"description": "OK"}}
        return {"get": {"summary": summary, "parameters": list(parameters), "responses": answer}}

    def query(name: str, **schema: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "schema": schema}

    limit = query("limit", type="integer", minimum=1, maximum=MOST, default=LIMIT)
    box = {**query("bbox", type="array", items={"type": "number"}, minItems=4, maxItems=6), "explode": False}
    offset, moment = query("offset", type="integer", minimum=0, default=0), query("datetime", type="string")
    item = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {"/": get("Landing page"), "/conformance": get("Conformance"), "/collections": get("Collections")}
    for name in (name for name, needed in NEEDS.items() if may(asked.who, needed)):
        paths[f"/collections/{name}"] = get(name)
        paths[f"/collections/{name}/items"] = get(name, limit, offset, box, moment)
        paths[f"/collections/{name}/items/{{featureId}}"] = get(name, item)
    about = {"title": "Jangkau", "version": __version__}
    schemes = {"token": {"type": "http", "scheme": "bearer"}}
    content = {"openapi": "3.0.3", "info": about, "servers": [{"url": asked.base}], "paths": paths}
    return {**content, "components": {"securitySchemes": schemes}}, "application/vnd.oai.openapi+json;version=3.0"


async def _to_first(request: Request) -> Response:
    return RedirectResponse(f"{FEATURES}/{await run_in_threadpool(_first)}")


def routes() -> list[BaseRoute]:
    """Routes of the collections."""
    of_region = f"{FEATURES}/{{region}}"
    made = {
        "": _landing,
        "/": _landing,
        "/api": _api,
        "/conformance": _conformance,
        "/collections": _collections,
        "/collections/{collection}": _one_collection,
        "/collections/{collection}/items": _items,
        "/collections/{collection}/items/{item}": _item,
    }
    first = [Route(path, _to_first) for path in (FEATURES, f"{FEATURES}/")]
    return [*first, *(Route(f"{of_region}{path}", _answering(make)) for path, make in made.items())]
