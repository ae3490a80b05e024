"""Village boundaries of a regency from an ArcGIS service (paged), or one GeoJSON file."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from coverage.base.errors import FileRefusedError, Place, UnavailableError
from coverage.fetch.client import Answer, Client, is_json
from coverage.fetch.windows import Progress
from coverage.store.replacing import put_in_place

MOST_PAGES = 500


def fetch_features(
    client: Client, codes: dict[str, str], cache: Path, target: Path, progress: Progress
) -> dict[str, Any]:
    """Fetch the features of a regency into a GeoJSON file.

    Parameters
    ----------
    client : for a source of form ``arcgis`` or ``geojson``
    codes : values of the placeholders ``bps, province, kemendagri``
    cache : for pages, so that a retry resumes

    Returns
    -------
    dict
        ``url, features`` (count).

    Raises
    ------
    UnavailableError
        If the server does not answer, or with an error.
    FileRefusedError
        If the answer is no GeoJSON, or incomplete by the server's count.
    """
    source = client.source
    url = source.url.format(**codes)
    if source.form == "geojson":
        collection = _collection(client.get(url), url)
    else:
        collection = {
            "type": "FeatureCollection",
            "features": _all_pages(client, url, source.where.format(**codes), cache, progress),
        }
    if not collection["features"]:
        raise FileRefusedError("fetch.nothing_found", Place(value=url), region=codes["bps"])
    target.write_text(json.dumps(collection, ensure_ascii=False), "utf-8")
    return {"url": url, "features": len(collection["features"])}


def _all_pages(client: Client, url: str, where: str, cache: Path, progress: Progress) -> list[dict[str, Any]]:
    asked = {
        "where": where,
        "outFields": "*",
        "returnGeometry": "true",
        "outSR": "4326",
        "f": "geojson",
        "resultRecordCount": str(client.source.page),
    }
    if client.source.order:
        asked["orderByFields"] = client.source.order
    total = _count(client, url, where)
    folder = cache / hashlib.sha256(f"{url} {where} {client.source.page} {total}".encode()).hexdigest()[:24]
    folder.mkdir(parents=True, exist_ok=True)
    features: list[dict[str, Any]] = []
    for number in range(MOST_PAGES):
        page = _page(client, url, {**asked, "resultOffset": str(len(features))}, folder / f"{number:04d}.json")
        features += page["features"]
        progress("features", min(1.0, len(features) / max(total, 1)))
        if not _more(page) or not page["features"]:
            break
    numbers = [feature["id"] for feature in features if feature.get("id") is not None]
    if len(features) != total or len(set(numbers)) != len(numbers):
        shutil.rmtree(folder, ignore_errors=True)  # untrusted: fetch it again
        raise FileRefusedError("fetch.wrong_count", Place(value=url), count=len(features), expected=total)
    shutil.rmtree(folder, ignore_errors=True)
    return features


def _count(client: Client, url: str, where: str) -> int:
    told = _json(client.get(f"{url}?{urlencode({'where': where, 'returnCountOnly': 'true', 'f': 'json'})}"), url)
    count = told.get("count")
    if not isinstance(count, int) or count < 0:
        raise FileRefusedError("fetch.wrong_reply", Place(value=url))
    return count


def _page(client: Client, url: str, asked: dict[str, str], kept: Path) -> dict[str, Any]:
    """A page, cached on disk."""
    with contextlib.suppress(OSError, ValueError):  # damaged: asked for again
        found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return found
    page = _collection(client.get(f"{url}?{urlencode(asked)}"), url)
    making = kept.with_name(f".{kept.name}")
    making.write_text(json.dumps(page), "utf-8")
    put_in_place(making, kept)
    return page


def _more(page: dict[str, Any]) -> bool:
    """Whether there are more pages: ArcGIS versions say so in two places."""
    inner = page.get("properties")
    return bool(page.get("exceededTransferLimit") or (isinstance(inner, dict) and inner.get("exceededTransferLimit")))


def _collection(answer: Answer, url: str) -> dict[str, Any]:
    found = _json(answer, url)
    features = found.get("features")
    if (
        found.get("type") != "FeatureCollection"
        or not isinstance(features, list)
        or not all(isinstance(feature, dict) and feature.get("type") == "Feature" for feature in features)
    ):
        raise FileRefusedError("fetch.wrong_reply", Place(value=url))
    return found


def _json(answer: Answer, url: str) -> dict[str, Any]:
    """Parsed answer; ArcGIS sends errors with status 200."""
    found = any_json(answer, url)
    if not isinstance(found, dict):
        raise FileRefusedError("fetch.wrong_reply", Place(value=url))
    error = found.get("error")
    if error:
        said = error if isinstance(error, dict) else {"message": error}
        details = [str(said.get("message") or ""), *map(str, said.get("details") or [])]
        raise UnavailableError(
            "fetch.service_error",
            Place(value=url),
            status=said.get("code") or "?",
            problem="; ".join(filter(None, details))[:200] or "?",
        )
    return found


def any_json(answer: Answer, url: str) -> Any:
    """Parse an answer as JSON; FileRefusedError if it is none (a captive portal), or 404."""
    if answer.status == 404:
        raise FileRefusedError("fetch.not_there", Place(value=url))
    try:
        if not is_json(answer):
            raise ValueError("another type of content")
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise FileRefusedError("fetch.wrong_reply", Place(value=url)) from error
