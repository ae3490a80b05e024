"""Fetch public data for a regency; the readers check it before it is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage.base.errors import FileRefusedError, Place
from coverage.base.projection import Bounds, widened
from coverage.fetch.bridge import fetch_bridge
from coverage.fetch.client import Client
from coverage.fetch.features import fetch_features
from coverage.fetch.overpass import fetch_extract
from coverage.fetch.sources import Fetched, Source, read_source
from coverage.fetch.windows import Progress, fetch_tiles, fetch_window
from coverage.readers.basemap import take_in

__all__ = [
    "Bounds", "Client", "Fetched", "FetchedFile", "Progress", "Source", "fetch_basemap", "fetch_boundaries",
    "fetch_crosswalk", "fetch_raster", "read_source",
]  # fmt: skip


@dataclass(frozen=True)
class FetchedFile:
    """A fetched file and its provenance."""

    path: Path
    about: dict[str, Any]


def fetch_crosswalk(client: Client, code: str, folder: Path, progress: Progress) -> FetchedFile:
    """Fetch the codes of a regency's villages; see :func:`coverage.fetch.bridge.fetch_bridge`."""
    _require_form(client.source, "bridge")
    target = folder / "padanan_kode.csv"
    return FetchedFile(target, _about(client.source, fetch_bridge(client, code, target, progress)))


def fetch_boundaries(
    client: Client, code: str, kemendagri: str, cache: Path, folder: Path, progress: Progress
) -> FetchedFile:
    """Fetch the village boundaries of a regency; see :func:`coverage.fetch.features.fetch_features`."""
    _require_form(client.source, "arcgis", "geojson")
    target = folder / "batas_desa.geojson"
    codes = {"bps": code, "province": code[:2], "kemendagri": kemendagri}
    return FetchedFile(target, _about(client.source, fetch_features(client, codes, cache, target, progress)))


def fetch_raster(client: Client, bounds: Bounds, cache: Path, target: Path, progress: Progress) -> FetchedFile:
    """Fetch the window of a region, with the source's margin, as GeoTIFF.

    Parameters
    ----------
    client : for a source of form ``cog`` or ``tiles``
    bounds : of the region, in degrees
    cache : for pieces, so that a retry resumes

    Raises
    ------
    UnavailableError, FileRefusedError, CrsError
        See :mod:`coverage.fetch.windows`.
    """
    _require_form(client.source, "cog", "tiles")
    fetch = fetch_window if client.source.form == "cog" else fetch_tiles
    found = fetch(client, widened(bounds, client.source.margin_km), cache, target, progress)
    return FetchedFile(target, _about(client.source, found))


def fetch_basemap(client: Client, bounds: Bounds, cache: Path, target: Path, progress: Progress) -> FetchedFile:
    """Fetch roads, waters and place names of a region (:func:`coverage.fetch.overpass.fetch_extract`) as one file."""
    _require_form(client.source, "overpass")
    around = widened(bounds, client.source.margin_km)
    pieces = fetch_extract(client, around, cache, progress)
    told = take_in(pieces, around, client.source.attribution, target)
    for piece in pieces:
        piece.unlink()
    return FetchedFile(target, _about(client.source, {"dated": dt.date.today().isoformat(), **told}))


def _require_form(source: Source, *forms: str) -> None:
    if source.form not in forms:
        raise FileRefusedError("fetch.wrong_form", Place(value=source.name), form=source.form, offered=forms)


def _about(source: Source, found: dict[str, Any]) -> dict[str, Any]:
    """Provenance kept beside the file."""
    told = {
        "origin": "fetch",
        "source": source.name,
        "title": source.title,
        "licence": source.licence,
        "attribution": source.attribution,
        "page_url": source.page_url,
        "dated": source.dated,
        "measure": source.measure,
        "fetched_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    return {name: value for name, value in {**told, **found}.items() if value not in (None, "")}
